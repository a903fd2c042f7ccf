package cases

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/rules"
)

var (
	// Numbers and names of files are made of ids: FAT32 and every shell take these.
	idForm    = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?$`)
	nonceForm = regexp.MustCompile(`^[0-9a-f]{32,128}$`)
)

// ValidID reports whether s may be the id of a case or of a stick.
func ValidID(s string) bool { return idForm.MatchString(s) && !strings.Contains(s, "--") }

// Validate says everything that is wrong with a case; roster lines are counted
// from 1.
func (c Case) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if c.SchemaVersion != SchemaVersion {
		bad("schemaVersion %d: this program reads %d", c.SchemaVersion, SchemaVersion)
	}
	if !ValidID(c.ID) {
		bad("id %q: letters, digits and single dashes, 40 at most", c.ID)
	}
	for _, f := range [][2]string{{"title", c.Title}, {"municipality", c.Municipality}, {"addressee", c.Addressee}} {
		if strings.TrimSpace(f[1]) == "" {
			bad("%s is empty", f[0])
		}
	}
	if !nonceForm.MatchString(c.Nonce) {
		bad("nonce: 32 hex digits or more")
	}
	if c.Created.IsZero() {
		bad("created is missing")
	}
	if !c.ValidUntil.IsZero() && !c.ValidUntil.After(c.Created) {
		bad("validUntil is not after created")
	}
	if a := c.Afterwards; a != "" && a != AfterPowerOff && a != AfterShell {
		bad("afterwards %q: %s or %s", a, AfterPowerOff, AfterShell)
	}
	if err := c.Policy.Validate(); err != nil {
		bad("policy: %w", err)
	}
	if controls(c) {
		bad("a text holds a control character")
	}
	all = append(all, c.validateRoster()...)
	all = append(all, c.validatePeople()...)
	return errors.Join(all...)
}

func (c Case) validateRoster() (all []error) {
	pack, err := rules.Load(c.RulePack.ID)
	if err != nil {
		return []error{err}
	}
	numbers, serials := map[string]int{}, map[string]int{}
	for i, a := range c.Roster {
		bad := func(format string, args ...any) {
			all = append(all, fmt.Errorf("roster line %d: "+format, append([]any{i + 1}, args...)...))
		}
		if strings.TrimSpace(a.Number) == "" {
			bad("no 管理番号")
		}
		if first, twice := numbers[a.Number]; twice {
			bad("管理番号 %s stands in line %d already", a.Number, first)
		}
		numbers[a.Number] = i + 1
		if a.ExpectedMedia < 0 || a.ExpectedMedia > 64 {
			bad("expectedMedia %d", a.ExpectedMedia)
		}
		if _, _, err := pack.Classify(a.Category, c.Policy); err != nil {
			bad("%w", err)
		}
		for _, m := range a.Media {
			if strings.TrimSpace(m.Serial) == "" {
				bad("a medium without serial")
			}
			if first, twice := serials[m.Serial]; twice {
				bad("medium %s stands in line %d already", m.Serial, first)
			}
			serials[m.Serial] = i + 1
			if m.Category == nil {
				continue
			}
			if _, _, err := pack.Classify(*m.Category, c.Policy); err != nil {
				bad("medium %s: %w", m.Serial, err)
			}
		}
	}
	if c.Unattended && len(serials) == 0 {
		all = append(all, errors.New("unattended, but no medium is named by its serial"))
	}
	return all
}

func (c Case) validatePeople() (all []error) {
	seen := map[string]bool{}
	for i, p := range c.People {
		if !ValidID(p.ID) || seen[p.ID] {
			all = append(all, fmt.Errorf("person %d: id %q is not valid, or given twice", i+1, p.ID))
		}
		seen[p.ID] = true
		switch p.Role {
		case certs.RoleOperator, certs.RoleWitness, certs.RoleValidator:
		default:
			all = append(all, fmt.Errorf("person %d: role %q", i+1, p.Role))
		}
		if strings.TrimSpace(p.Name) == "" {
			all = append(all, fmt.Errorf("person %d: no name", i+1))
		}
	}
	return all
}

// texts are all strings of the case that a paper may show.
func texts(c Case) []string {
	out := []string{c.Title, c.ContractNo, c.Municipality, c.Addressee, c.Department, c.Place,
		c.Contractor.Name, c.Contractor.Address, c.Contractor.Representative, c.Policy.ID}
	for _, a := range c.Roster {
		out = append(out, a.Number, a.Lease, a.HostMaker, a.HostModel, a.HostSerial, a.Section)
		for _, m := range a.Media {
			out = append(out, m.Serial, m.Note)
		}
	}
	for _, p := range c.People {
		out = append(out, p.Name, p.Title, p.Organisation, p.Contact)
	}
	return out
}

func text(c Case) string { return strings.Join(texts(c), "\n") }

// controls reports a control character inside one of the texts.
func controls(c Case) bool {
	for _, t := range texts(c) {
		if strings.ContainsFunc(t, func(r rune) bool { return r < ' ' || r == 0x7F }) {
			return true
		}
	}
	return false
}
