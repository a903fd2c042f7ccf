package notice

import (
	"fmt"
	"slices"

	"github.com/massho/massho/certs"
)

// field is one entry that can be corrected.
type field struct {
	label string
	at    func(s *certs.Statement) *string
}

// fields are entries that people typed or the 台帳 gave. The medium, the facts,
// the classification and every time are not among them: who finds those wrong
// rejects the paper.
var fields = map[string]field{
	"asset.number":              {"管理番号", func(s *certs.Statement) *string { return &s.Asset.Number }},
	"asset.section":             {"所属", func(s *certs.Statement) *string { return &s.Asset.Section }},
	"asset.lease":               {"区分", func(s *certs.Statement) *string { return &s.Asset.Lease }},
	"host.maker":                {"取り外し元機器のメーカー", func(s *certs.Statement) *string { return &s.Host.Maker }},
	"host.model":                {"取り外し元機器の機種", func(s *certs.Statement) *string { return &s.Host.Model }},
	"host.serial":               {"取り外し元機器の製造番号", func(s *certs.Statement) *string { return &s.Host.Serial }},
	"case.title":                {"件名", func(s *certs.Statement) *string { return &s.Case.Title }},
	"case.contractNo":           {"契約番号", func(s *certs.Statement) *string { return &s.Case.ContractNo }},
	"case.addressee":            {"宛名", func(s *certs.Statement) *string { return &s.Case.Addressee }},
	"case.department":           {"部署", func(s *certs.Statement) *string { return &s.Case.Department }},
	"contractor.name":           {"受託者の商号", func(s *certs.Statement) *string { return &s.Case.Contractor.Name }},
	"contractor.address":        {"受託者の所在地", func(s *certs.Statement) *string { return &s.Case.Contractor.Address }},
	"contractor.representative": {"受託者の代表者", func(s *certs.Statement) *string { return &s.Case.Contractor.Representative }},
	"operator.name":             {"作業者の氏名", person(certs.RoleOperator, func(p *certs.Person) *string { return &p.Name })},
	"operator.title":            {"作業者の職名", person(certs.RoleOperator, func(p *certs.Person) *string { return &p.Title })},
	"operator.contact":          {"作業者の連絡先", person(certs.RoleOperator, func(p *certs.Person) *string { return &p.Contact })},
	"operator.place":            {"作業場所", person(certs.RoleOperator, func(p *certs.Person) *string { return &p.Place })},
	"witness.name":              {"立会職員の氏名", person(certs.RoleWitness, func(p *certs.Person) *string { return &p.Name })},
	"witness.title":             {"立会職員の職名", person(certs.RoleWitness, func(p *certs.Person) *string { return &p.Title })},
	"witness.contact":           {"立会職員の連絡先", person(certs.RoleWitness, func(p *certs.Person) *string { return &p.Contact })},
}

// person is an entry of the first person of a role; nil when there is none.
func person(role string, of func(*certs.Person) *string) func(*certs.Statement) *string {
	return func(s *certs.Statement) *string {
		for i := range s.Persons {
			if s.Persons[i].Role == role {
				return of(&s.Persons[i])
			}
		}
		return nil
	}
}

// Fields lists the names of entries that can be corrected, with what they are
// called on paper.
func Fields() (out [][2]string) {
	for name, f := range fields {
		out = append(out, [2]string{name, f.label})
	}
	slices.SortFunc(out, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return out
}

// Label is what an entry is called on paper.
func Label(name string) string {
	if f, ok := fields[name]; ok {
		return f.label
	}
	return name
}

// Changed says what a correction of a paper's entries changes: name → right
// value. An entry that is right already, or that the paper does not have, is an
// error.
func Changed(s certs.Statement, right map[string]string) ([]Change, error) {
	var out []Change
	for _, f := range Fields() {
		after, asked := right[f[0]]
		if !asked {
			continue
		}
		at := fields[f[0]].at(&s)
		switch {
		case at == nil:
			return nil, fmt.Errorf("%w: the paper names no such person (%s)", ErrChange, f[0])
		case *at == after:
			return nil, fmt.Errorf("%w: %s is %q already", ErrChange, f[0], after)
		}
		out = append(out, Change{f[0], *at, after})
	}
	if len(out) != len(right) {
		return nil, fmt.Errorf("%w: unknown entry; the entries are %v", ErrChange, Fields())
	}
	return out, nil
}

// Apply puts corrections into a copy of a paper's content, for lists and
// comparisons. A correction of something else than the paper says is an error.
func Apply(s certs.Statement, changes []Change) (certs.Statement, error) {
	s.Persons = slices.Clone(s.Persons)
	for _, c := range changes {
		f, ok := fields[c.Field]
		if !ok {
			return s, fmt.Errorf("%w: %s", ErrChange, c.Field)
		}
		at := f.at(&s)
		if at == nil || *at != c.Before {
			return s, fmt.Errorf("%w: %s was not %q", ErrChange, c.Field, c.Before)
		}
		*at = c.After
	}
	return s, nil
}
