package summary

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// t chooses between the two languages of a paper.
func (s *Summary) t(ja, en string) string {
	if s.Layout.Lang == "en" {
		return en
	}
	return ja
}

func (s *Summary) label(l rules.Label) string { return l.In(s.Layout.Lang) }

func (s *Summary) known(v string) string {
	if strings.TrimSpace(v) == "" {
		return s.t("不明", "unknown")
	}
	return v
}

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// day is a date of the Gregorian calendar, in JST, as it fits a narrow column.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(time.FixedZone("JST", 9*60*60)).Format(time.DateOnly)
}

// Format lays the page on its long side.
func (s *Summary) Format(doc *page.Doc, hash string) {
	doc.Landscape = true
	doc.Footer = s.t("番号 ", "Number ") + s.Number + "　" + s.Title() + s.t("　記録のSHA-256 ", "　SHA-256 of the record ") + hash
	if s.Training {
		doc.Watermark = s.t("訓練", "TRAINING")
		doc.Title = doc.Watermark + " " + doc.Title
	}
}

// Blocks is the page.
func (s *Summary) Blocks(hash string, _ map[string][]byte) []page.Block {
	return append([]page.Block{s.letterhead(hash), page.Title{Text: s.Title(), Sub: s.subtitle()}, s.verdict(), s.table(), s.absent(), s.signing()}, s.ending(hash)...)
}

func (s *Summary) letterhead(hash string) page.Letterhead {
	c := s.Case
	l := page.Letterhead{QR: certs.QRText(s.Number, hash), Stamp: s.t("収受", "収受 (received)"),
		Lines: [][2]string{
			{s.t("番号", "Number"), s.Number}, {s.t("発行日", "Issued"), s.t(deed.Date(s.Issued), day(s.Issued))}, {s.t("件名", "Subject"), s.known(c.Title)},
			{s.t("契約番号", "Contract"), s.known(c.ContractNo)}, {s.t("団体・部署", "Authority"), s.known(join(" ", c.Municipality, c.Department))},
		},
		Addressee: s.known(c.Addressee),
		Sender: [][2]string{
			{s.t("受託者", "From"), s.known(c.Contractor.Name)}, {s.t("所在地", "Address"), s.known(c.Contractor.Address)},
			{s.t("代表者", "Head"), s.known(c.Contractor.Representative)},
		},
	}
	if s.Issuer.Role != certs.RoleOperator { // the 団体 made it for its own files
		l.Sender = [][2]string{{s.t("作成", "Made by"), s.known(join(" ", s.Issuer.Organisation, s.Issuer.Title, s.Issuer.Name))}, {s.t("連絡先", "Contact"), s.known(s.Issuer.Contact)},
			{s.t("受託者", "Contractor"), s.known(c.Contractor.Name)}}
	}
	return l
}

func (s *Summary) subtitle() string {
	sub := s.t("案件 ", "case ") + s.Case.ID
	if s.Training {
		return s.t("訓練のための書面であり、効力を持たない　", "for training only, without any force — ") + sub
	}
	return sub
}

// verdict counts; what is not done stands first in the reader's eye.
func (s *Summary) verdict() page.Block {
	n := s.Count()
	missing := 0
	for _, m := range s.Missing {
		missing += m.Expected - m.Found
	}
	b := page.Box{Heavy: true, Lead: fmt.Sprintf(s.t("書面 %d 件: 完了 %d、破壊待ち %d、未完了 %d、無効 %d。見つからない媒体 %d。",
		"%d papers: %d complete, %d await destruction, %d not complete, %d void. %d media not found."),
		len(s.Lines), n[Done], n[Waiting], n[Incomplete], n[Void], missing)}
	if n[Waiting] > 0 {
		b.Lines = append(b.Lines, s.t("破壊待ちの媒体: ", "Awaiting destruction: ")+rules.StatementRow1+s.t("。", "."))
	}
	open := n[Incomplete] + n[Void] + missing
	if open == 0 && n[Waiting] == 0 && len(s.Lines) > 0 {
		b.Lines = append(b.Lines, s.t("予定されたすべての媒体に、完了を示す書面がある。", "There is a paper of completion for every medium that was expected."))
	}
	if len(s.Lines) == 0 {
		b.Lines = append(b.Lines, s.t("書面はまだ1件もない。", "There is no paper yet."))
	}
	return b
}

func (s *Summary) table() page.Block {
	g := page.Grid{
		Head: []string{"#", s.t("証明書番号", "Certificate"), s.t("管理番号・取り外し元機器", "Asset, taken from"), s.t("型番・製造番号", "Model, serial number"),
			s.t("容量", "Size"), s.t("図表41", "図表41"), s.t("到達・方法", "Reached, method"), s.t("技法", "Technique"), s.t("結果・根拠", "Outcome, basis"), s.t("実施", "Done"), s.t("状態", "State")},
		Widths: []float64{3, 12, 12, 17, 5.5, 5, 9.5, 14, 8, 8, 12},
	}
	for i, l := range s.Lines {
		var how []string
		for _, t := range l.Techniques {
			how = append(how, s.label(t.Label()))
		}
		reached := s.t("なし", "none")
		if l.Reached != rules.RowNone {
			reached = rowLabel(l.Reached) + strings.Join(l.Items, "、")
		}
		number, outcome := l.Number, join("\n", s.label(l.Outcome.Label()), s.basis(l.Basis))
		if l.Reissued != nil {
			number += s.t("\n再発行 ", "\nissued again: ") + l.Reissued.Number
		}
		if l.Paper == rules.PaperDestruction {
			outcome = s.label(rules.PaperDestruction.Label())
			how = append(how, s.t("庁舎内での消去は実施できなかった", "it could not be erased on the premises"))
		}
		g.Rows = append(g.Rows, []string{strconv.Itoa(i + 1), number, join("\n", s.known(l.Asset), l.Host), join("\n", s.known(l.Model), s.known(l.Serial)),
			s.known(about(l.Capacity)), rowLabel(l.Row), join("\n", reached, s.label(l.NIST.Label())),
			s.known(strings.Join(how, s.t("、", "; "))), outcome, s.known(day(l.Ended)), s.state(l)})
	}
	if len(g.Rows) == 0 {
		return page.List{Items: []string{s.t("書面なし", "no paper")}}
	}
	return g
}

// rowLabel is a row as the table numbers it.
func rowLabel(r rules.Row) string {
	if r < rules.Row1 || r > rules.Row3 {
		return "－"
	}
	return fmt.Sprintf("(%d)", r)
}

// basis in one word; the paper of the line has the whole sentence.
func (s *Summary) basis(b rules.Basis) string {
	switch b {
	case rules.BasisHostVerified:
		return s.t("読み戻し", "read back")
	case rules.BasisDeviceAttested:
		return s.t("装置の申告", "device's word")
	}
	return s.t("根拠なし", "no basis")
}

// state is the last column: where the medium stands, and by which paper.
func (s *Summary) state(l Line) string {
	parts := []string{s.label(stateLabels[l.State()])}
	switch {
	case l.Trouble != "":
		parts = append(parts, l.Trouble)
	case l.Standing == notice.Unseen:
		parts = append(parts, s.t("未確認", "not validated"))
	default:
		parts = append(parts, s.t(l.Standing.Ja(), string(l.Standing)))
	}
	if l.Destroyed != nil {
		parts = append(parts, s.t("破壊 ", "destroyed: ")+l.Destroyed.Number)
	} else if l.State() == Waiting || l.State() == Incomplete {
		if d := day(l.Due); d != "" {
			parts = append(parts, s.t("提出期限 ", "due ")+d)
		}
		if l.InsideOnly {
			parts = append(parts, s.t("庁舎外へ持ち出さない", "must not leave the premises"))
		}
	}
	return strings.Join(parts, "\n")
}

// absent lists what the case expects and no paper covers.
func (s *Summary) absent() page.Block {
	if len(s.Missing) == 0 {
		return page.List{Items: []string{s.t("名簿に対して不足する媒体はない。", "Nothing that the roster expects is lacking.")}}
	}
	g := page.Grid{Head: []string{s.t("書面のない媒体: 管理番号", "No paper: asset"), s.t("機器", "Machine"), s.t("予定", "Expected"), s.t("書面あり", "With paper")},
		Widths: []float64{30, 50, 10, 10}}
	for _, m := range s.Missing {
		g.Rows = append(g.Rows, []string{m.Asset, s.known(m.Host), strconv.Itoa(m.Expected), strconv.Itoa(m.Found)})
	}
	return g
}

// signing leaves room for seals, for those who sign on paper.
func (s *Summary) signing() page.Block {
	g := page.Grid{Head: []string{s.t("役割", "Role"), s.t("氏名", "Name"), s.t("所属・職名", "Organisation, title"), s.t("連絡先", "Contact"), s.t("日付", "Date"), s.t("署名・押印", "Signature")},
		Widths: []float64{14, 20, 28, 16, 10, 12}}
	roles := map[string]string{certs.RoleOperator: s.t("作業者", "Operator"), certs.RoleWitness: s.t("立会職員", "Witness"), certs.RoleValidator: s.t("確認職員", "Validator")}
	p := s.Issuer
	g.Rows = append(g.Rows, []string{roles[p.Role] + s.t("（作成）", " (made it)"), s.known(p.Name), s.known(join("・", p.Organisation, p.Title)), s.known(p.Contact), day(s.Issued), ""})
	if p.Role != certs.RoleValidator {
		g.Rows = append(g.Rows, []string{roles[certs.RoleValidator], s.t("未確認", "not yet"), "－", "－", "", ""})
	}
	return g
}

func (s *Summary) ending(hash string) []page.Block {
	return []page.Block{page.List{Items: []string{
		s.t("図表41の行: (1) 物理的に破壊、(2) 抹消、(3) 消去。結果の「装置の申告」は、装置の自己申告に依拠し、媒体内部を確認していないことをいう。",
			"Rows of 図表41: (1) 物理的に破壊 destroy physically, (2) 抹消 sanitize, (3) 消去 erase. “Device's word”: it rests on what the device said; the inside of the medium was not seen."),
		s.t("各行の根拠は、番号とハッシュで指す書面にある。この表だけでは、消去・抹消・破壊を証明しない。",
			"Each line rests on the paper that it names by number and hash. This table alone proves neither erasure, sanitization nor destruction."),
		s.t("massho-verify に、この表と書面を一緒に渡すと、各行が書面と一致することを調べる（ネットワーク不要）。",
			"Given this table together with the papers, massho-verify checks that every line is what its paper says (no network needed)."),
		s.t("記録のSHA-256: ", "SHA-256 of the record: ") + hash,
	}}}
}

// about is a capacity as it stands on a label, with three digits.
func about(n uint64) string {
	units := []string{"kB", "MB", "GB", "TB", "PB"}
	v, u := float64(n), -1
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u < 0 {
		return ""
	}
	digits := 2
	for x := v; x >= 10 && digits > 0; x /= 10 {
		digits--
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + " " + units[u]
}
