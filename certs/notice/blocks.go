package notice

import (
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/page"
)

// leads are what each type of notice says.
var leads = map[Type]string{
	Reject:   "下記の書面は、受理しない。",
	Correct:  "下記の書面の記載を、次のとおり訂正する。",
	Withdraw: "下記の書面を、取り消す。",
	Reissue:  "下記の書面を、次の訂正を加えて再発行する。",
}

var afterwards = map[Type][]string{
	Reject: {"この通知は、媒体の状態を変えない。却下された書面は、媒体の消去・抹消・破壊を示すものとして用いない。",
		"処置をやり直したときは、新しい番号の書面により確認する。"},
	Correct: {"訂正は、記載だけに及ぶ。媒体、実行の記録、判定、日時は、もとの書面のとおりである。",
		"もとの書面とこの通知書を、併せて保存する。"},
	Withdraw: {"取り消された書面は、以後用いない。もとの書面も、経緯を示すため保存する。"},
	Reissue: {"再発行は、記載だけを改める。媒体、実行の記録、判定、日時は、添付したもとの書面（" + AttachedOriginal + "）のとおりであり、その署名も添付のまま検査できる。",
		"もとの番号の書面は、この書面に置き換えられる。"},
}

// Blocks is the page.
func (n *Notice) Blocks(hash string, files map[string][]byte) []page.Block {
	top := n.FromOffice(hash)
	if n.Type == Reissue {
		top = n.Letterhead(hash)
	}
	sub := ""
	if n.Training {
		sub = "訓練のための書面であり、効力を持たない"
	}
	out := []page.Block{top, page.Title{Text: n.Title(), Sub: sub}, page.Box{Heavy: true, Lead: n.lead(), Lines: []string{"理由: " + n.Reason}}}
	out = append(out, page.Heading{Text: "対象の書面"}, page.Fields{Rows: n.target()})
	if len(n.Changes) > 0 {
		g := page.Grid{Head: []string{"項目", "訂正前", "訂正後"}, Widths: []float64{26, 37, 37}}
		for _, c := range n.Changes {
			g.Rows = append(g.Rows, []string{fields[c.Field].label, shown(c.Before), shown(c.After)})
		}
		out = append(out, page.Heading{Text: "訂正"}, g)
	}
	out = append(out, page.List{Items: afterwards[n.Type]}, page.Heading{Text: "決定した職員"}, page.Fields{Rows: [][]page.Field{
		deed.Row("氏名", n.Issuer.Name, "役割", deed.RoleName(n.Issuer.Role)),
		deed.Row("所属・職名", deed.Joined("・", n.Issuer.Organisation, n.Issuer.Title), "連絡先", n.Issuer.Contact),
	}})
	return append(out, n.Checking(hash)...)
}

func (n *Notice) target() [][]page.Field {
	t := n.Target
	rows := [][]page.Field{
		deed.Row("番号", t.Number, "書面", t.Title),
		deed.Row("媒体の製造番号", t.Serial, "管理番号", t.Asset),
	}
	if t.Outcome != "" {
		rows = append(rows, deed.Row("図表41の行", t.Row.Label().Ja, "到達した水準", t.Reached.Label().Ja),
			deed.Row("結果", t.Outcome.Label().Ja, "根拠", t.Basis.Label().Ja))
	}
	return append(rows, deed.Row("記録のSHA-256", t.Payload), deed.Row("ファイルのSHA-256", t.File))
}

// lead is the notice's sentence; a reissue may have nothing to correct.
func (n *Notice) lead() string {
	if n.Type == Reissue && len(n.Changes) == 0 {
		return "下記の書面を、再発行する。"
	}
	return leads[n.Type]
}

func shown(s string) string {
	if s == "" {
		return "（記載なし）"
	}
	return s
}
