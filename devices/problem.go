package devices

import "strings"

// The ways in which an identity is not the medium's own. Device.IdentityProblem
// starts with one of them; details may follow after ": ".
const (
	ProblemNoAnswer     = "the drive did not answer"
	ProblemRoad         = "the road to the drive is not known"
	ProblemBridge       = "only the USB bridge answers, not the drive behind it"
	ProblemCardReader   = "only the card reader answers, not the card in it"
	ProblemVolume       = "a volume of a RAID controller or a SAN, not a medium"
	ProblemNonsense     = "the drive answered nonsense"
	ProblemVirtual      = "a virtual disk has no identity of a medium"
	ProblemNoNamespace  = "the NVMe controller shows no namespace"
	ProblemNoDriver     = "no driver is bound to this storage controller"
	ProblemRemappedNVMe = "the firmware hides NVMe drives behind this controller (Intel RST)"
	ProblemSynthetic    = "the controller made this identity up"
)

var problemsJa = map[string]string{
	ProblemNoAnswer:     "ドライブが応答しません",
	ProblemRoad:         "ドライブまでの接続経路が分かりません",
	ProblemBridge:       "USB変換器だけが応答し、その先のドライブは応答していません",
	ProblemCardReader:   "カードリーダーだけが応答し、カード自身は応答していません",
	ProblemVolume:       "RAIDコントローラーまたはSANの論理ボリュームであり、媒体ではありません",
	ProblemNonsense:     "ドライブの応答が意味をなしません",
	ProblemVirtual:      "仮想ディスクには媒体としての識別情報がありません",
	ProblemNoNamespace:  "NVMeコントローラーに名前空間がありません",
	ProblemNoDriver:     "このストレージコントローラーにはドライバーがありません",
	ProblemRemappedNVMe: "ファームウェアの設定（Intel RST）により、NVMeドライブがこのコントローラーの背後に隠れています",
	ProblemSynthetic:    "識別情報はコントローラーが作ったもので、媒体のものではありません",
}

// ProblemText is an IdentityProblem in both languages; details stay as they are.
func ProblemText(problem string) Text {
	head, rest, more := strings.Cut(problem, ": ")
	t, ok := problemsJa[head]
	if !ok {
		return Text{Ja: problem, En: problem}
	}
	if more {
		t += "（" + rest + "）"
	}
	return Text{Ja: t, En: problem}
}
