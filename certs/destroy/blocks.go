package destroy

import (
	"fmt"
	"strings"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// Blocks is the page.
func (r *Record) Blocks(hash string, files map[string][]byte) []page.Block {
	pack, err := rules.Load(r.RulePack.ID)
	if err != nil {
		return nil // cannot happen: Validate has loaded it
	}
	out := []page.Block{r.Letterhead(hash), page.Title{Text: r.Title(), Sub: r.sub(pack)}, r.verdict(pack)}
	if d := r.Deviations(); len(d) > 0 {
		b := page.Box{Lead: "確認職員が確かめる点"}
		for _, n := range d {
			b.Lines = append(b.Lines, "・"+n.Ja)
		}
		out = append(out, b)
	}
	out = append(out, page.Fields{Rows: r.mediumRows()}, page.Fields{Rows: r.erasureRows()}, page.Fields{Rows: r.methodRows(pack)}, r.people())
	out = append(out, page.PageBreak{}, page.Heading{Text: "証拠写真"}, page.Photos{Items: r.pictures(files)}, page.List{Items: photoNotes})
	return append(out, r.Checking(hash)...)
}

var photoNotes = []string{
	"写真は縮小し、撮影時刻のほかカメラの記録（位置情報を含む）を取り除いた。撮影時刻はカメラの時計による。",
	"もとの写真のSHA-256を記録に残した。もとのファイルと照合できる。",
}

func (r *Record) sub(pack *rules.Pack) string {
	sub := fmt.Sprintf("%s「%s」（%s）による", pack.Table41.Number, pack.Table41.Title, pack.Edition)
	if r.Training {
		return "訓練のための書面であり、効力を持たない　" + sub
	}
	return sub
}

// verdict is the paper's sentence, in the table's own words.
func (r *Record) verdict(pack *rules.Pack) page.Block {
	b := page.Box{Heavy: true}
	switch {
	case r.Method == nil:
		b.Lead = "下記の機器には、名簿にある記憶媒体がなかったことを確認した。"
	case r.Method.Item == "②":
		b.Lead = "下記の記憶媒体を、②「磁気的な方法による破壊」により、抹消した。"
	case r.Row == rules.Row1:
		b.Lead = "下記の記憶媒体を、" + r.Method.Way + "により物理的に破壊し、確実に復元を不可能とした。"
	default:
		b.Lead = "下記の記憶媒体を、①「物理的な方法による破壊」（" + r.Method.Way + "）により、抹消した。"
	}
	if row, ok := pack.Row(r.Row); ok {
		b.Lines = append(b.Lines, "対象: "+pack.Table41.Number+row.Label+" "+row.Class)
	}
	switch {
	case r.NotErased != nil:
		b.Lines = append(b.Lines, "庁舎内での消去は実施できなかった。")
	case r.StageA.Paper == rules.PaperIncomplete:
		b.Lines = append(b.Lines, "庁舎内での消去は完了できなかった: "+r.StageA.Title+" "+r.StageA.Number)
	default:
		b.Lines = append(b.Lines, "庁舎内の消去: "+r.StageA.Title+" "+r.StageA.Number)
	}
	return b
}

func (r *Record) mediumRows() [][]page.Field {
	m := r.Medium
	serial := m.Serial
	switch {
	case r.Method == nil:
		serial = or(serial, "－")
	case serial == "":
		serial = "読み取れない"
	}
	how := map[Identified]string{ByTyping: "製造番号を入力して照合", ByLabel: "媒体に貼ったQRラベルを読み取って照合", ByPhoto: "写真のみ"}[m.How]
	return [][]page.Field{
		deed.Row("型番", deed.Joined(" ", m.Maker, m.Model), "製造番号", serial),
		deed.Row("種別", m.Kind.Label().Ja, "媒体の特定", how),
		deed.Row("管理番号", r.Asset.Number, "区分・所属", deed.Joined("・", r.Asset.Lease, r.Asset.Section)),
		deed.Row("取り外し元機器", deed.MachineName(r.Host)),
		deed.Row("分類", deed.CategoryName(r.Category), "図表41の行", r.Row.Label().Ja),
	}
}

func (r *Record) erasureRows() [][]page.Field {
	if n := r.NotErased; n != nil {
		return [][]page.Field{
			deed.Row("庁舎内の消去", "庁舎内での消去は実施できなかった。", "理由", n.Reason.Label().Ja),
			deed.Row("詳細", n.Detail),
			deed.Row("承認した職員", deed.Joined(" ", deed.RoleName(n.Approver.Role), n.Approver.Organisation, n.Approver.Title, n.Approver.Name)),
		}
	}
	a := r.StageA
	return [][]page.Field{
		deed.Row("庁舎内の消去", a.Title+"　"+a.Number+"　"+deed.Date(a.Issued)),
		deed.Row("結果", a.Outcome.Label().Ja, "到達した水準", reached(a.Reached)),
		deed.Row("記録のSHA-256", a.Payload),
	}
}

func reached(r rules.Row) string {
	if r == rules.RowNone {
		return "なし"
	}
	return r.Label().Ja
}

func (r *Record) methodRows(pack *rules.Pack) [][]page.Field {
	var rows [][]page.Field
	if m := r.Method; m != nil {
		text, _ := pack.Method(m.Item)
		rows = append(rows, deed.Row("方法", m.Item+"「"+text.Text+"」"+optional("　", m.Way)))
		rows = append(rows, deed.Row("装置", m.Device+optional("　磁界の強さ ", m.FieldStrength), "詳細", or(m.Detail, "－")))
	}
	inside := "庁舎外"
	if r.Inside {
		inside = "庁舎内"
	}
	due := "定められていない"
	if !r.Deadline.IsZero() {
		due = deed.Date(r.Deadline)
	}
	return append(rows,
		deed.Row("場所", r.Place+"（"+inside+"）", "実施日時", deed.Moment(r.Performed)),
		deed.Row("確認の方法", r.Watch.Kind.Label().Ja+optional("　", r.Watch.Reference), "提出期限", due))
}

func (r *Record) people() page.Block {
	g := page.Grid{Head: []string{"役割", "氏名", "所属・職名", "連絡先", "署名・押印"}, Widths: []float64{14, 22, 27, 21, 16}}
	add := func(role string, p certs.Person) {
		if p.Name != "" {
			g.Rows = append(g.Rows, []string{role, p.Name, deed.Joined("・", p.Organisation, p.Title), deed.Known(p.Contact), ""})
		}
	}
	if r.Method == nil {
		add("確かめた者", r.Performer)
	} else {
		add("破壊の実施者", r.Performer)
	}
	if r.Watch.Kind != WatchNone {
		add("立会い・監視", r.Watch.Person)
	}
	add("作成・署名", r.Issuer)
	return g
}

func (r *Record) pictures(files map[string][]byte) (out []page.Photo) {
	for i, p := range r.Photos {
		taken := "撮影時刻の記録なし"
		if p.Taken != "" {
			taken = "撮影 " + p.Taken
		}
		out = append(out, page.Photo{JPEG: files[p.File], Caption: []string{
			fmt.Sprintf("写真%d　%s", i+1, or(p.Caption, "（説明なし）")), taken, "もとのSHA-256 " + p.Original[:16] + "…",
		}})
	}
	return out
}

func optional(before, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return before + s
}

func or(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}
