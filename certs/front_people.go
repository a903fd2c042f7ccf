package certs

import (
	"time"

	"github.com/massho/massho/certs/page"
)

// people lists who took part; the last column is for seal or signature on paper.
func (p *paper) people() page.Block {
	if p.since(2) {
		return p.acts()
	}
	g := page.Grid{
		Head:   []string{"役割", "氏名", "所属・職名", "連絡先・場所", "署名・押印"},
		Widths: []float64{13, 22, 27, 22, 16},
	}
	for _, x := range p.everyRole() {
		if x.Name == "" && x.missing != "" {
			g.Rows = append(g.Rows, []string{p.role(x.Role), x.missing, "－", "－", ""})
			continue
		}
		g.Rows = append(g.Rows, []string{p.role(x.Role), p.named(x.Person), p.join("・", x.Organisation, x.Title), p.join("・", x.Contact, x.Place), ""})
	}
	return g
}

// acts is who did what when: for sanitization, verification and validation each
// name, title, contact, place, date and signature (NIST SP 800-88 Rev. 1 §4.8).
// The validator's row is filled in by hand, or by a countersignature.
func (p *paper) acts() page.Block {
	g := page.Grid{
		Head: []string{p.t("役割", "Role"), p.t("氏名", "Name"), p.t("所属・職名", "Organisation, title"), p.t("連絡先", "Contact"),
			p.t("場所", "Place"), p.t("日付", "Date"), p.t("署名・押印", "Signature")},
		Widths: []float64{14.5, 14.5, 18, 16.5, 12.5, 11.5, 12.5},
	}
	for _, x := range p.everyRole() {
		if x.Name == "" { // 名簿外: only an id was given
			x.Name = x.ID
		}
		name, of := p.named(x.Person), p.dots(x.Organisation, x.Title)
		contact, place := p.orUnknown(x.Contact), p.orUnknown(or(x.Place, p.Case.Place))
		if x.Name == "" && x.missing != "" {
			name, of, contact, place = x.missing, "－", "－", "－"
		}
		g.Rows = append(g.Rows, []string{p.duty(x.Role), name, of, contact, place, p.dates(x), ""})
	}
	return g
}

// duty is what a role answers for.
func (p *paper) duty(role string) string {
	switch role {
	case RoleOperator:
		return p.role(role) + p.t("\n（消去・抹消、検証）", "\n(erases, verifies)")
	case RoleValidator:
		return p.role(role) + p.t("\n（結果の確認）", "\n(validates)")
	}
	return p.role(role)
}

// dates are the days of the work; whoever validates does so later.
func (p *paper) dates(x roleLine) string {
	from, to := p.span()
	switch {
	case x.Name == "" && x.missing != "", x.Role == RoleValidator:
		return ""
	case from.IsZero() && to.IsZero():
		return p.date(p.Issued)
	}
	return p.days(from, to)
}

// days is one day, or the first and the last, as dates of the Gregorian calendar.
func (p *paper) days(from, to time.Time) string {
	a, b := day(from), day(to)
	if a == "" || b == "" || a == b {
		return or(a, p.orUnknown(b))
	}
	return a + p.t(" 〜 ", " to ") + b
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(jst).Format("2006-01-02")
}

// roleLine is a person, or what stands where a role has none.
type roleLine struct {
	Person
	missing string
}

// everyRole is who took part, and a line for each role that nobody had.
func (p *paper) everyRole() []roleLine {
	var out []roleLine
	seen := map[string]bool{}
	for _, x := range p.Persons {
		seen[x.Role] = true
		out = append(out, roleLine{Person: x})
	}
	for _, r := range []string{RoleOperator, RoleWitness, RoleValidator} {
		if seen[r] {
			continue
		}
		word := p.t("記録なし", "not recorded")
		if r == RoleValidator {
			word = p.t("未確認", "not yet")
		}
		out = append(out, roleLine{Person{Role: r}, word})
	}
	return out
}

func (p *paper) named(x Person) string {
	name := p.orUnknown(x.Name)
	if x.OffRoster {
		name += p.t("（名簿外）", " (not in the case)")
	}
	return name
}
