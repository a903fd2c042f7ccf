package rules

import "strconv"

// Label is a word of this package as people read it.
type Label struct {
	Ja string `json:"ja"`
	En string `json:"en"`
}

// In gives the label in "en", or in Japanese for every other language.
func (l Label) In(lang string) string {
	if lang == "en" {
		return l.En
	}
	return l.Ja
}

// In gives the note in "en", or in Japanese for every other language.
func (n Note) In(lang string) string { return Label{n.Ja, n.En}.In(lang) }

// PaperDestruction is Stage B, which another party earns: no run does.
const PaperDestruction Paper = "destruction"

// StatementRow1 stands on every paper for a medium of row (1).
const StatementRow1 = "本記録は図表41(1)の物理的破壊の完了を証明するものではない"

var paperLabels = map[Paper]Label{
	PaperErasedRow2:  {"抹消措置の完了証明書", "Certificate of completed sanitization (図表41 row 2)"},
	PaperErasedRow3:  {"消去作業完了確認書", "Confirmation of completed erasure (図表41 row 3)"},
	PaperStageA:      {"庁舎内消去記録（破壊待ち）", "Record of erasure on the premises (awaiting destruction)"},
	PaperDestruction: {"破壊の完了証明書", "Certificate of completed destruction"},
	PaperIncomplete:  {"消去・抹消 未完了報告書", "Report of incomplete erasure or sanitization"},
}

var outcomeLabels = map[Outcome]Label{
	OutcomeVerified:            {"検証済み", "Verified"},
	OutcomeCompletedUnverified: {"実行したが未検証", "Completed, unverified"},
	OutcomeFailed:              {"失敗", "Failed"},
	OutcomeInterrupted:         {"中断", "Interrupted"},
	OutcomeNotSanitizable:      {"消去・抹消できない", "Not sanitizable"},
}

var basisLabels = map[Basis]Label{
	BasisNone:           {"なし", "none"},
	BasisHostVerified:   {"読み戻しにより確認", "verified by the host's own reading back"},
	BasisDeviceAttested: {"装置の自己申告に依拠。媒体内部は未確認", "rests on the device's own word; the inside of the medium was not seen"},
}

var methodLabels = map[Method]Label{
	MethodNone:    {"なし", "none"},
	MethodClear:   {"Clear", "Clear"},
	MethodPurge:   {"Purge", "Purge"},
	MethodDestroy: {"Destroy", "Destroy"},
}

var systemLabels = map[System]Label{
	SystemMyNumber: {"マイナンバー利用事務系", "My Number affairs system"},
	SystemLGWAN:    {"LGWAN接続系", "LGWAN-connected system"},
	SystemInternet: {"インターネット接続系", "internet-connected system"},
	SystemUnknown:  {"不明", "unknown"},
}

var confLabels = map[Confidentiality]Label{
	Conf3A:      {"自治体機密性3A", "confidentiality 3A"},
	Conf3B:      {"自治体機密性3B", "confidentiality 3B"},
	Conf3C:      {"自治体機密性3C", "confidentiality 3C"},
	Conf2:       {"自治体機密性2", "confidentiality 2"},
	Conf1:       {"自治体機密性1", "confidentiality 1"},
	ConfUnknown: {"不明", "unknown"},
}

var answerLabels = map[Answer]Label{
	AnswerYes:     {"はい", "yes"},
	AnswerNo:      {"いいえ", "no"},
	AnswerUnknown: {"不明", "unknown"},
}

var mediumLabels = map[MediumKind]Label{
	MediumHDD:      {"ハードディスク (HDD)", "hard disk (HDD)"},
	MediumSSD:      {"SSD", "SSD"},
	MediumSSHD:     {"ハイブリッドディスク (SSHD)", "hybrid disk (SSHD)"},
	MediumUnknown:  {"不明 (回転数の報告なし)", "unknown (rotation not reported)"},
	MediumUSBFlash: {"USBメモリ", "USB flash drive"},
	MediumSD:       {"SDカード", "SD card"},
	MediumEMMC:     {"eMMC", "eMMC"},
	MediumOptical:  {"光学媒体", "optical medium"},
	MediumFloppy:   {"フロッピーディスク", "floppy disk"},
	MediumTape:     {"磁気テープ", "magnetic tape"},
}

var statusLabels = map[StepStatus]Label{
	StepCompleted:   {"完了", "completed"},
	StepUnconfirmed: {"完了を確認できず", "completion not confirmed"},
	StepFailed:      {"失敗", "failed"},
	StepInterrupted: {"中断", "interrupted"},
	StepRefused:     {"装置が拒否 (変更なし)", "refused by the drive (nothing changed)"},
}

var verifyLabels = map[VerifyKind]Label{
	VerifyNone:     {"なし", "none"},
	VerifySampled:  {"標本の読み戻し", "sampled read-back"},
	VerifyFull:     {"全域の読み戻し", "full read-back"},
	VerifyCanaries: {"目印の確認", "canaries"},
}

var hiddenLabels = map[HiddenState]Label{
	HiddenUnknown: {"不明", "unknown"},
	HiddenAbsent:  {"なし (装置が示した)", "absent (shown by the drive)"},
	HiddenOpened:  {"開放済み", "opened"},
	HiddenPresent: {"あり (未開放)", "present (not opened)"},
}

// Label is the exact title of the paper.
func (p Paper) Label() Label { return labelOf(paperLabels, p) }

// Label is the word as people read it.
func (o Outcome) Label() Label { return labelOf(outcomeLabels, o) }

// Label is the word as people read it.
func (b Basis) Label() Label { return labelOf(basisLabels, b) }

// Label is NIST's word, in both languages.
func (m Method) Label() Label { return labelOf(methodLabels, m) }

// Label is the name of the 系.
func (s System) Label() Label { return labelOf(systemLabels, s) }

// Label is the class of 自治体機密性.
func (c Confidentiality) Label() Label { return labelOf(confLabels, c) }

// Label is the answer; the empty answer reads 不明.
func (a Answer) Label() Label {
	if a == "" {
		a = AnswerUnknown
	}
	return labelOf(answerLabels, a)
}

// Label is the kind of medium.
func (m MediumKind) Label() Label { return labelOf(mediumLabels, m) }

// Label is how the step ended.
func (s StepStatus) Label() Label { return labelOf(statusLabels, s) }

// Label is the way of reading back.
func (v VerifyKind) Label() Label { return labelOf(verifyLabels, v) }

// Label is what is known; the empty state reads 不明.
func (h HiddenState) Label() Label {
	if h == "" {
		h = HiddenUnknown
	}
	return labelOf(hiddenLabels, h)
}

// Label is the row with its legal verb: 図表41(2) 抹消.
func (r Row) Label() Label {
	switch r {
	case Row1:
		return Label{"図表41(1) 物理的に破壊", "図表41 (1) destroy physically"}
	case Row2:
		return Label{"図表41(2) 抹消", "図表41 (2) sanitize (抹消)"}
	case Row3:
		return Label{"図表41(3) 消去", "図表41 (3) erase (消去)"}
	case RowNone:
		return Label{"該当なし", "none"}
	}
	return Label{"不明な分類 " + strconv.Itoa(int(r)), "unknown row " + strconv.Itoa(int(r))}
}

// labelOf shows a word without a label as it is: nothing is hidden.
func labelOf[W ~string](m map[W]Label, w W) Label {
	if l, ok := m[w]; ok {
		return l
	}
	return Label{string(w), string(w)}
}

func known[W ~string](m map[W]Label, w W) bool {
	_, ok := m[w]
	return ok
}

func (m MediumKind) valid() bool      { return known(mediumLabels, m) }
func (t Technique) valid() bool       { _, ok := techniques[t]; return ok }
func (s StepStatus) valid() bool      { return known(statusLabels, s) }
func (v VerifyKind) valid() bool      { return known(verifyLabels, v) }
func (h HiddenState) valid() bool     { return h == "" || known(hiddenLabels, h) }
func (a Answer) valid() bool          { return a == "" || known(answerLabels, a) }
func (s System) valid() bool          { return known(systemLabels, s) }
func (c Confidentiality) valid() bool { return known(confLabels, c) }
