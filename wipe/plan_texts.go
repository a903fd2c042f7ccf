package wipe

import (
	"fmt"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// reason says why the i-th step is in the plan.
func (b builder) reason(steps []PlannedStep, i int) rules.Note {
	s := steps[i]
	switch {
	case s.Fallback:
		return rules.Note{Code: "fallback",
			Ja: "装置が前の手順を拒否した場合にのみ行う。図表41(3)まで。",
			En: "Only if the drive refuses the step before. Reaches (3) of 図表41."}
	case i < len(b.prefix) && s.Technique != rules.TechTCGRevert:
		return rules.Note{Code: "erase-locked",
			Ja: "ロックされた装置に、本プログラムの公開パスワードを一度だけ試し、消去をやり直す。他のパスワードなら拒否されて終わる。",
			En: "Try this program's published password once on the locked drive and run the erase again. A foreign password ends the run."}
	case i < len(b.prefix):
		return rules.Note{Code: "revert-locked",
			Ja: "ロックされた装置をPSIDで初期状態に戻し、読み書きできるようにする。",
			En: "Revert the locked drive by its PSID, so that it can be read and written."}
	case s.Technique.IsCrypto() && !b.alone(s):
		return rules.Note{Code: "crypto-combined",
			Ja: "暗号鍵を先に消す。単独では認められないため、次の手順と組み合わせる。",
			En: "Destroy the key first. Not accepted alone, so combined with the next step."}
	case s.Technique.OnHost() && i > len(b.prefix):
		return rules.Note{Code: "host-overwrite-behind",
			Ja: fmt.Sprintf("装置の自己申告だけに頼らず、アクセス可能な全領域を乱数で%d回上書きし、読み戻して検証する。", len(s.Passes)),
			En: fmt.Sprintf("Not on the device's word alone: overwrite all that can be addressed with %d random pass(es) and read back.", len(s.Passes))}
	case s.Technique.OnHost():
		return rules.Note{Code: "host-overwrite",
			Ja: fmt.Sprintf("OS等からアクセス可能な全ての領域を乱数で%d回上書きし、読み戻して検証する。", len(s.Passes)),
			En: fmt.Sprintf("Overwrite all that can be addressed with %d random pass(es) and read back.", len(s.Passes))}
	}
	return rules.Note{Code: "device-erase",
		Ja: "OS等からアクセスできない領域も含めて装置自身に消去させ、目印の消失で確かめる。",
		En: "Let the device erase itself, what the host cannot reach included, and check that the canaries are gone."}
}

// alone reports whether the step by itself would reach row (2).
func (b builder) alone(s PlannedStep) bool {
	s.Replant = false
	return reaches(b.derive([]PlannedStep{s}), rules.Row2)
}

// citation names the standard's command, and what it counts as in each table.
func (b builder) citation(s PlannedStep) string {
	parts := []string{s.Technique.Standard()}
	s.Fallback = false
	if s.Replant {
		s.Canaries, s.Replant = true, true
	}
	d := b.derive([]PlannedStep{s})
	if d.Reached != rules.RowNone {
		parts = append(parts, fmt.Sprintf("%s(%d) %s", b.in.Pack.Table41.Number, d.Reached, strings.Join(d.Items, "")))
	}
	if d.NIST != rules.MethodNone && !s.Technique.OnHost() {
		parts = append(parts, "NIST SP 800-88 "+string(d.NIST))
	}
	if d.Table711 {
		parts = append(parts, b.in.Pack.Table711.Number)
	}
	if !s.Technique.OnHost() {
		parts = append(parts, "IEEE 2883 参照")
	}
	return strings.Join(parts, "; ")
}

// scope says what else of the medium the steps reach.
func (b builder) scope(steps []PlannedStep) []rules.Note {
	out := b.namespaces()
	n := OtherParts(b.d)
	if n == 0 {
		return out
	}
	for _, s := range steps {
		if !s.Technique.OnHost() && !s.Fallback {
			return append(out, rules.Note{Code: "whole-medium",
				Ja: fmt.Sprintf("装置による消去は、同じ媒体の他の部分 %d個 (名前空間・ブート領域) にも及ぶ。", n),
				En: fmt.Sprintf("The device's own erase also acts on %d other parts of the medium (namespaces, boot areas).", n)})
		}
	}
	return out
}

// namespaces names every namespace that the steps erase, and what of an NVMe
// medium belongs to none: a Sanitize reaches that too, an overwrite does not.
func (b builder) namespaces() []rules.Note {
	var out []rules.Note
	if names := strings.Join(b.d.Parts, ", "); names != "" {
		out = append(out, rules.Note{Code: "namespaces-joined",
			Ja: "名前空間 " + names + " を1つの媒体として扱い、全て消去する。",
			En: "The namespaces " + names + " are one medium: all of them are erased."})
	}
	if n := b.d.Caps.NVMe.Unallocated; n != "" && n != "0" {
		out = append(out, rules.Note{Code: "unallocated",
			Ja: "どの名前空間にも属さない容量が " + n + " バイトある。上書きは及ばず、サニタイズだけが及ぶ。",
			En: n + " bytes belong to no namespace: no overwrite reaches them, a Sanitize does."})
	}
	if b.d.Caps.NVMe.Present.IsYes() && strings.Contains(b.d.Hidden.Note, "not attached") {
		out = append(out, rules.Note{Code: "unattached",
			Ja: "接続されていない名前空間がある (" + b.d.Hidden.Note + ")。上書きは及ばず、サニタイズだけが及ぶ。",
			En: "There are namespaces that are not attached (" + b.d.Hidden.Note + "): no overwrite reaches them, a Sanitize does."})
	}
	return out
}

// unreached says that the row is out of reach, and what follows from it.
func unreached(target, reached rules.Row) rules.Note {
	if reached == rules.RowNone {
		return rules.Note{Code: "keep-inside",
			Ja: "図表41(3)の消去にも達しない。庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊する。",
			En: "Not even (3) of 図表41 is in reach: the medium stays inside the 庁舎 and is destroyed there with staff present."}
	}
	l := target.Label()
	return rules.Note{Code: "destroy-after",
		Ja: l.Ja + "には、ここで使える手法では達しない。可能な限りの消去を行ったうえで、物理的な破壊へ。",
		En: l.En + " is out of reach with what can be used here: erased as far as possible, then physical destruction."}
}

// advice says what a person could do to bring the row into reach.
func (b builder) advice() []rules.Note {
	var out []rules.Note
	if b.d.Transport == devices.TransportUSB && b.d.Class == devices.ClassDisk {
		out = append(out, rules.Note{Code: "advice-sata",
			Ja: "USB変換器を通しては使えない手法がある。ドライブを取り外してSATAまたはNVMeに直接つなぐと、達する場合がある。",
			En: "A USB bridge keeps techniques away. Connected straight to SATA or NVMe the drive may reach the row."})
	}
	if b.medium == rules.MediumUSBFlash || b.medium == rules.MediumSD {
		out = append(out, rules.Note{Code: "advice-destroy-flash",
			Ja: "USBメモリ・SDカードには、図表41(2)に達する消去の手法がない。破壊を勧める。",
			En: "No technique on USB flash or SD reaches (2) of 図表41: destruction is recommended."})
	}
	if b.d.Caps.ATA.SecurityLocked.IsYes() {
		out = append(out, rules.Note{Code: "advice-unlock",
			Ja: "パスワードを設定した機器に戻して解除できれば、計画し直せる。",
			En: "If the machine that set the password can remove it, plan again."})
	}
	if unreadableTCG(b.d.Caps.TCG) {
		out = append(out, rules.Note{Code: "advice-psid",
			Ja: "ドライブのラベルにあるPSIDが分かれば、初期状態に戻せる場合がある。",
			En: "With the PSID printed on its label the drive may be reverted."})
	}
	if OtherParts(b.d) > 0 {
		out = append(out, rules.Note{Code: "advice-namespaces",
			Ja: "同じ媒体に他の名前空間またはブート領域があり、上書きだけでは媒体全体に及ばない。",
			En: "The medium has other namespaces or boot areas: an overwrite alone does not reach all of it."})
	}
	return out
}

// rejected names every technique that the plan does not use, and why.
func (b builder) rejected(steps []PlannedStep, best rules.Derivation) []Rejected {
	used := map[rules.Technique]bool{}
	for _, s := range steps {
		used[s.Technique] = true
	}
	var out []Rejected
	for _, t := range rules.Techniques() {
		if !used[t] {
			out = append(out, Rejected{t, b.whyNot(t, best)})
		}
	}
	return out
}

func (b builder) whyNot(t rules.Technique, best rules.Derivation) rules.Note {
	switch o := offers(b.in, b.d, t); {
	case o.state != support.Yes:
		return o.why
	case !b.counts(t):
		return rules.Note{Code: "not-for-medium",
			Ja: "この媒体では認められる手法ではない。", En: "Not an accepted technique for this medium."}
	case !b.in.Runnable[t]:
		return rules.Note{Code: "not-runnable",
			Ja: "装置は対応しているが、このプログラムの版では実行できない。", En: "The drive offers it, but this version of the program cannot run it."}
	case t.IsCrypto() && b.in.Policy.RefuseCryptoErase:
		return rules.Note{Code: "policy-crypto", Ja: "団体の方針により⑤暗号化消去を認めない。", En: "The policy does not accept ⑤ crypto erase."}
	case reaches(best, b.target()):
		return rules.Note{Code: "not-needed", Ja: "選んだ手順で分類を満たすため用いない。", En: "The chosen steps meet the row without it."}
	}
	return rules.Note{Code: "adds-nothing", Ja: "用いても、達する分類は変わらない。", En: "It would not raise the level reached."}
}
