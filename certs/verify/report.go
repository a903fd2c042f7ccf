package verify

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/massho/massho/wipe/rules"
)

// Finding is one thing that is wrong, or could not be checked.
type Finding struct {
	Code   Code   `json:"code"`
	Part   Part   `json:"part"`
	Ja     string `json:"ja"`
	Detail string `json:"detail,omitempty"` // for the one who looks closer
}

// Report is what was found of one file.
type Report struct {
	Type     string      `json:"type"`           // "certificate", or "deed" for a paper that the office issued
	Kind     string      `json:"kind,omitempty"` // of a deed
	File     string      `json:"file"`
	Code     Code        `json:"code"`
	Training bool        `json:"training"`
	Number   string      `json:"number,omitempty"`
	Paper    rules.Paper `json:"paper,omitempty"`
	Title    string      `json:"title,omitempty"`
	Row      rules.Row   `json:"row,omitempty"`
	// Outcome, Basis, Serial, Asset are the Statement's own words; they count
	// only when Code says so.
	Outcome  rules.Outcome `json:"outcome,omitempty"`
	Basis    rules.Basis   `json:"basis,omitempty"`
	Serial   string        `json:"serial,omitempty"`
	Asset    string        `json:"asset,omitempty"`
	Hash     string        `json:"hash,omitempty"` // of the payload, as in the QR code
	Stamps   []Stamped     `json:"stamps,omitempty"`
	Remarks  []string      `json:"remarks,omitempty"` // what a reader should know and no code stands for
	Signers  []Signed      `json:"signers,omitempty"`
	Checked  []Checked     `json:"checked,omitempty"`  // what holds
	Findings []Finding     `json:"findings,omitempty"` // what does not
}

// Signed is one signature that holds.
type Signed struct {
	Field  string `json:"field"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Time   string `json:"time"` // claimed, RFC 3339
	Issuer string `json:"issuer"`
	// NotAfter is the latest moment at which it can have been made, RFC 3339, and
	// BoundBy on whose word; empty: nothing but the signer's own says when.
	NotAfter string `json:"notAfter,omitempty"`
	BoundBy  string `json:"boundBy,omitempty"`
}

// Stamped is one DocTimeStamp over this file.
type Stamped struct {
	Field     string `json:"field"`
	Time      string `json:"time"` // RFC 3339
	Authority string `json:"authority"`
	Counts    bool   `json:"counts"` // the reader trusts the authority, and its certificate was good
}

// Checked is one thing that was looked at and holds.
type Checked struct {
	Part Part   `json:"part"`
	Ja   string `json:"ja"`
}

func (r *Report) find(code Code, part Part, ja string, detail error) {
	f := Finding{Code: code, Part: part, Ja: ja}
	if detail != nil {
		f.Detail = detail.Error()
	}
	r.Findings = append(r.Findings, f)
	r.Code = Worse(r.Code, code)
}

func (r *Report) ok(part Part, ja string) { r.Checked = append(r.Checked, Checked{part, ja}) }

// words is the sentence of each code.
var words = map[Code]string{
	Valid:                  "有効",
	Unreadable:             "読めない、または massho の書面ではない",
	Unsigned:               "署名がない",
	Altered:                "署名の後に変えられている",
	UnknownSigner:          "署名者を確かめられない",
	Revoked:                "失効した鍵、または期間外の署名",
	PageDiffers:            "紙面と添付の記録が一致しない",
	SchemaViolated:         "記録の書式が正しくない",
	RulePackUnknown:        "ルールパックが不明",
	OutcomeDiffers:         "判定がルールから導かれるものと異なる",
	TrainingMixed:          "訓練と本番が混ざっている",
	CaseDiffers:            "署名された案件が記録を支えない",
	JournalDiffers:         "ジャーナルが記録を支えない",
	DuplicateNumber:        "同じ番号の書面がほかにある",
	ClassificationUnsigned: "分類が署名されていない（作業者の申告）",
	NeedsConfirmation:      "要確認: 署名の時刻の上限がない",
	Incomplete:             "完了していない",
	Superseded:             "後の書面により、もう用いられない",
	NotChecked:             "要確認: この環境では調べきれない",
	RevokedUnbounded:       "要確認: 失効した鍵の署名で、時刻の上限がない",
	RelationDiffers:        "参照し合う書面が一致しない",
	CodeNotFound:           "この符号の記録は見つからない",
}

// next is what to do about each code.
var next = map[Code]string{
	Unreadable:             "正しいファイルか、途中で切れていないかを確かめ、作業者から受け取り直す。",
	Unsigned:               "署名のない書面は受け取らない。USBの records フォルダから受け取り直す。",
	Altered:                "受け取らない。元のファイルをUSBから受け取り直し、それでも同じなら団体の担当へ知らせる。",
	UnknownSigner:          "--trust に指定した root.pem が、この案件の団体のものかを確かめる。",
	Revoked:                "鍵が失効した理由と時期を団体の担当に確かめる。",
	PageDiffers:            "紙面は信用せず、団体の担当へ知らせる。",
	SchemaViolated:         "新しい版の massho-verify で調べ直す。",
	RulePackUnknown:        "新しい版の massho-verify で調べ直す。",
	OutcomeDiffers:         "この判定は使わない。団体の担当へ知らせる。",
	TrainingMixed:          "この書面は使わない。訓練用と本番用のUSBを取り違えていないか確かめる。",
	CaseDiffers:            "案件を用意した団体の担当に、案件と分類を確かめる。",
	JournalDiffers:         "USBの journals フォルダにあるジャーナルと、カメラの映像を確かめる。",
	DuplicateNumber:        "どちらが正しいかを団体の担当に確かめる。",
	ClassificationUnsigned: "分類が正しいかを、団体の担当が台帳と照らして確かめる。",
	NeedsConfirmation:      "鍵が有効だった間に署名されたことを、タイムスタンプ、確認職員の署名、受領の記録で確かめる。",
	Incomplete:             "破壊の完了証明書、またはやり直しの書面を待つ。",
	Superseded:             "新しい書面を使う。",
	RevokedUnbounded:       "失効より前に受け取っていたことを、受領の記録、タイムスタンプ、映像で確かめる。示せなければ、この書面は用いない。",
	RelationDiffers:        "どの書面が正しいかを、団体の担当に確かめる。",
	NotChecked:             "書体を含む、新しい版の massho-verify で調べ直す。",
	CodeNotFound:           "符号の読み違いがないか映像で確かめ、その日のすべての書面とジャーナルを指定して探し直す。",
}

// Verdict is one line: the code's sentence.
func (r Report) Verdict() string { return words[r.Code] }

// Text is the report for people, in Japanese, several lines.
func (r Report) Text() string {
	var b strings.Builder
	drill := ""
	if r.Training {
		drill = "【訓練】"
	}
	fmt.Fprintf(&b, "%s%s: %s\n", drill, r.File, r.Verdict())
	if r.Title != "" {
		r.facts(&b)
	}
	if r.Title != "" && r.Paper == rules.PaperStageA {
		b.WriteString("  物理的な破壊を待つ記録である。破壊の完了を証明するものではない。\n")
	}
	if r.Title != "" && r.Paper == rules.PaperIncomplete {
		b.WriteString("  この書面は、消去・抹消が完了していないことの報告である。\n")
	}
	for _, part := range []struct {
		part Part
		name string
	}{{Integrity, "完全性"}, {Consistency, "整合性"}, {Corroboration, "裏付け"}} {
		r.part(&b, part.part, part.name)
	}
	if n := next[r.Code]; n != "" {
		fmt.Fprintf(&b, "  次にすること: %s\n", n)
	}
	return b.String()
}

// facts are the paper's own words.
func (r Report) facts(b *strings.Builder) {
	row := ""
	if r.Row != rules.RowNone {
		row = "　" + r.Row.Label().Ja
	}
	fmt.Fprintf(b, "  %s　%s%s\n", r.Number, r.Title, row)
	switch {
	case r.Outcome != "":
		fmt.Fprintf(b, "  製造番号 %s　管理番号 %s　結果 %s（根拠: %s）\n", or(r.Serial), or(r.Asset), r.Outcome.Label().Ja, r.Basis.Label().Ja)
	case r.Serial != "" || r.Asset != "":
		fmt.Fprintf(b, "  製造番号 %s　管理番号 %s\n", or(r.Serial), or(r.Asset))
	}
	for _, x := range r.Remarks {
		fmt.Fprintf(b, "  ・%s\n", x)
	}
}

func (r Report) part(b *strings.Builder, part Part, name string) {
	for _, c := range r.Checked {
		if c.Part == part {
			fmt.Fprintf(b, "  %s ○ %s\n", name, c.Ja)
		}
	}
	for _, f := range r.Findings {
		if f.Part != part {
			continue
		}
		fmt.Fprintf(b, "  %s × %s (%d)\n", name, f.Ja, f.Code)
		if f.Detail != "" {
			fmt.Fprintf(b, "        %s\n", f.Detail)
		}
	}
}

func or(s string) string {
	if s == "" {
		return "不明"
	}
	return s
}

// JSON is the report on one line.
func (r Report) JSON() ([]byte, error) { return json.Marshal(r) }
