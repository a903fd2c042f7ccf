package certs

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

func (p *paper) mediumTable() page.Block {
	m, a := p.Medium, p.Asset
	maker, model, serial := p.t("製造者", "Maker"), p.t("型番", "Model"), p.t("製造番号", "Serial number")
	kind := p.row(p.t("種別・接続", "Kind, connection"), p.dots(p.label(m.Kind.Label()), m.Transport, m.Location), "WWN", m.WWN)
	capacity := p.row(p.t("容量", "Capacity"), p.size(m.CapacityBefore)+p.after(m.CapacityBefore, m.CapacityAfter))
	number, section := p.t("管理番号", "Asset number"), p.t("区分・所属", "Lease, section")
	host := p.t("取り外し元機器", "Taken from")
	if p.since(2) {
		return page.Fields{Rows: [][]page.Field{
			p.row(maker, p.maker(), model, m.Model), p.row(serial, m.Serial, number, a.Number), kind, capacity,
			p.row(host, p.machineLine(p.Host), section, p.dots(a.Lease, a.Section)),
		}}
	}
	return page.Fields{Rows: [][]page.Field{
		p.row(model, p.join(" ", m.Maker, m.Model), serial, m.Serial), kind, capacity,
		p.row(number, a.Number, section, p.dots(a.Lease, a.Section)), p.row(host, p.machineLine(p.Host)),
	}}
}

// maker says also where the name was read: drives do not tell it in words.
func (p *paper) maker() string {
	switch p.Medium.MakerFrom {
	case MakerFromWWN:
		return p.Medium.Maker + p.t("（WWNによる）", " (by its WWN)")
	case MakerFromModel:
		return p.Medium.Maker + p.t("（型番による）", " (by its model number)")
	}
	return p.Medium.Maker
}

// after tells a capacity that changed while hidden areas were opened.
func (p *paper) after(before, now uint64) string {
	switch now {
	case 0:
		return p.t("　実施後 不明", "; afterwards unknown")
	case before:
		return p.t("　実施後も同じ", "; the same afterwards")
	}
	return p.t("　実施後 ", "; afterwards ") + p.size(now)
}

func (g tongue) machineLine(m Machine) string {
	serial := m.Serial
	if m.SerialPlaceholder {
		serial = g.t("（製造番号は製造者の仮の値）", "(serial number: the maker's placeholder)")
	}
	return g.join(" ", m.Maker, m.Model, serial)
}

// measureTable is what was done and what it counts as.
func (p *paper) measureTable() page.Block {
	d, c := p.Derivation, p.Classification
	from, to := p.span()
	t711 := p.t("満たさない・該当しない", "not met, or does not apply")
	if d.Table711 {
		t711 = p.t("満たす", "met")
	}
	n := p.pack.Table41.Number
	rows := [][]page.Field{
		p.row(p.t("分類", "Category"), p.category(c.Category), p.t("分類した者", "Classified by"), p.classifiedBy()),
		p.row(n+p.t("の行", ", row"), p.label(d.Row.Label()), p.t("到達した水準", "Level reached"), or(p.reached(), p.t("なし", "none"))),
		p.row(n+p.t("の方法", ", method"), p.items()),
		p.row("NIST SP 800-88", p.label(d.NIST.Label()), p.pack.Table711.Number, t711),
		p.row(p.t("技法", "Technique"), p.techniques()),
		p.row(p.t("検証", "Verification"), p.verification()),
		p.row(p.t("実施", "Carried out"), p.period(from, to)),
	}
	if p.since(2) {
		rows = append(rows, p.row(p.t("作業場所", "Place of work"), p.Case.Place))
	}
	return page.Fields{Rows: rows}
}

func (p *paper) reached() string {
	if p.Derivation.Reached == rules.RowNone {
		return ""
	}
	return p.label(p.Derivation.Reached.Label())
}

func (g tongue) category(c rules.Category) string {
	parts := []string{g.t("系: ", "system: ") + g.label(c.System.Label()), g.label(c.Confidentiality.Label())}
	if c.Confidentiality == rules.ConfUnknown || c.Confidentiality == "" {
		parts[1] = g.t("自治体機密性: ", "confidentiality: ") + g.unknown()
	}
	if c.System == rules.SystemMyNumber {
		parts = append(parts, g.t("住民情報: ", "residents' information: ")+g.label(c.ResidentInfo.Label()))
	}
	return g.dots(parts...)
}

func (p *paper) classifiedBy() string {
	c := p.Classification
	switch {
	case c.By == ByCase && c.Signed:
		return p.t("団体（署名された案件）", "the municipality (signed case)")
	case c.By == ByOperator && p.since(2) && p.operators() != "":
		return p.t("作業者の申告（", "the operator's word (") + p.operators() + p.t("）", ")")
	case c.By == ByOperator:
		return p.t("作業者の申告", "the operator's word")
	}
	return p.t("案件（署名なし）", "the case (unsigned)")
}

// operators names who was at the console and may have classified.
func (p *paper) operators() string {
	var out []string
	for _, x := range p.Persons {
		if x.Role == RoleOperator && x.Name+x.ID != "" {
			out = append(out, or(x.Name, x.ID))
		}
	}
	return strings.Join(out, p.t("、", ", "))
}

func (p *paper) techniques() string {
	var out []string
	for _, st := range p.Facts.Steps {
		t := p.label(st.Technique.Label())
		if n := st.RandomPasses; n > 0 {
			t += fmt.Sprintf(p.t(" 乱数%d回", ", random ×%d"), n)
		}
		if n := st.ConstantPasses; n > 0 {
			t += fmt.Sprintf(p.t(" 固定値%d回", ", constant ×%d"), n)
		}
		out = append(out, t+p.t("（", " (")+p.label(st.Status.Label())+p.t("）", ")"))
	}
	return or(strings.Join(out, p.t("、", "; ")), p.t("実行した技法なし", "no technique was run"))
}

// verification is how each step was read back, in one cell.
func (p *paper) verification() string {
	var out []string
	for _, st := range p.Facts.Steps {
		if v := st.Verification; v != nil {
			out = append(out, p.figures(v))
		}
		if c := st.Canaries; c != nil {
			out = append(out, fmt.Sprintf(p.t("目印 %s 個を確認、残存 %s、読取不能 %s", "%s canaries read, %s survived, %s unreadable"),
				count(c.Read), count(c.Survivors), count(c.Unreadable)))
		}
	}
	return or(strings.Join(out, p.t("。", ". ")), p.t("なし", "none"))
}

// figures are those of one reading back.
func (g tongue) figures(v *rules.Verification) string {
	return fmt.Sprintf(g.t("%s %s / %s バイト、不一致 %s、読取不能 %s", "%s %s of %s bytes, %s mismatches, %s unreadable"),
		g.label(v.Kind.Label()), count(v.Bytes), count(v.Of), count(v.Mismatches), count(v.Unreadable))
}

// span is the first beginning and the last end of the steps.
func (p *paper) span() (from, to time.Time) {
	for _, st := range p.Steps {
		ends := []time.Time{st.Ended}
		if st.Verify != nil {
			ends = append(ends, st.Verify.Ended)
		}
		if !st.Started.IsZero() && (from.IsZero() || st.Started.Before(from)) {
			from = st.Started
		}
		for _, e := range ends {
			if e.After(to) {
				to = e
			}
		}
	}
	return from, to
}

func (p *paper) period(from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return p.t("実施の記録なし", "no record of any work")
	case p.since(2) && day(from) == day(to):
		return p.moment(from) + p.t(" から ", " to ") + to.In(jst).Format("15:04:05") + p.t(" まで", " JST")
	}
	return p.moment(from) + p.t(" から\n", " to\n") + p.moment(to) + p.t(" まで", "")
}

func (p *paper) frontNotes() page.Block {
	n := len(p.Derivation.NotClaimed) + len(p.NotClaimed)
	items := []string{
		p.pack.NewerEdition.In(string(p.tongue)),
		fmt.Sprintf(p.t("本書が主張しない事項が %d 件ある。次頁以降の「主張しない事項」を確認すること。",
			"There are %d things that this paper does not claim: see “Not claimed” on the next pages."), n),
	}
	if !p.Clock.Confirmed {
		items = append(items, p.t("時計は確認されていない。時刻は作業機の申告による。", "Nobody confirmed the clock: the times are the station's own."))
	}
	if p.Derivation.Basis == rules.BasisDeviceAttested {
		items = append(items, p.t("装置の自己申告に依拠する。媒体内部は確認していない。",
			"It rests on the device's own word; the inside of the medium was not seen."))
	}
	if p.tongue == en {
		items = append(items, "Words in Japanese are those of the rules and of the case; only they are binding.")
	}
	return page.List{Items: items}
}
