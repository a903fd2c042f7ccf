package rules

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of this package again")

// golden compares got with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d\n got %s\nwant %s", path, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", path, len(g), len(w))
}

// variant is one way in which a technique may have gone.
type variant struct {
	name  string
	apply func(*Facts)
}

func product(sets ...[]variant) []variant {
	out := []variant{{"", func(*Facts) {}}}
	for _, set := range sets {
		var next []variant
		for _, a := range out {
			for _, b := range set {
				next = append(next, variant{
					strings.TrimSpace(a.name + " " + b.name),
					func(f *Facts) { a.apply(f); b.apply(f) },
				})
			}
		}
		out = next
	}
	return out
}

func step(change func(*Step)) func(*Facts) { return func(f *Facts) { change(&f.Steps[0]) } }

func nothing(*Facts) {}

var (
	hiddenVariants = []variant{{"hidden=shown", nothing}, {"hidden=unknown", hiddenUnknown}}
	keyVariants    = []variant{{"keys=yes", nothing}, {"keys=unknown", keysUnknown}}
	passVariants   = []variant{
		{"constant×1", step(func(s *Step) { s.ConstantPasses = 1 })},
		{"random×1", step(func(s *Step) { s.RandomPasses = 1 })},
		{"random×2", step(func(s *Step) { s.RandomPasses = 2 })},
	}
	readVariants = []variant{
		{"read=full", step(func(s *Step) { s.Verification = fullRead() })},
		{"read=sampled", step(func(s *Step) { s.Verification = sampled() })},
		{"read=none", nothing},
		{"read=mismatch", step(func(s *Step) { s.Verification = fullRead(); s.Verification.Mismatches = 1 })},
	}
	smartVariants  = []variant{{"reallocated=0", nothing}, {"reallocated=?", func(f *Facts) { f.Reallocated = nil }}}
	canaryVariants = []variant{
		{"canaries=gone", step(func(s *Step) { s.Canaries = gone() })},
		{"canaries=gone read=full", step(func(s *Step) { s.Canaries = gone(); s.Verification = fullRead() })},
		{"canaries=survived", step(func(s *Step) { s.Canaries = gone(); s.Canaries.Survivors = 1 })},
		{"canaries=none", unplanted},
		{"canaries=none in-progress read=full", func(f *Facts) {
			unplanted(f)
			f.Steps[0].SeenInProgress, f.Steps[0].Verification = true, fullRead()
		}},
		{"canaries=none in-progress +overwrite×2", func(f *Facts) {
			unplanted(f)
			f.Steps[0].SeenInProgress = true
			f.Steps = append(f.Steps, overwrite(2, fullRead()))
		}},
		{"unconfirmed", step(func(s *Step) { s.Canaries = gone(); s.Status = StepUnconfirmed })},
	}
)

// TestDeriveGolden shows the whole area: every row × medium × technique, with
// what was verified, planted and known. One file a medium.
func TestDeriveGolden(t *testing.T) {
	p := Default()
	for _, m := range Media() {
		t.Run(string(m), func(t *testing.T) {
			var b bytes.Buffer
			for _, tech := range Techniques() {
				fmt.Fprintf(&b, "# %s on %s\n", tech, m)
				writeVariants(&b, p, m, tech)
			}
			golden(t, filepath.Join("derive", string(m)+".golden"), b.Bytes())
		})
	}
}

func writeVariants(b *bytes.Buffer, p *Pack, m MediumKind, tech Technique) {
	variants := product(hiddenVariants, canaryVariants)
	policies := []Policy{{}}
	switch {
	case tech.OnHost():
		variants = product(passVariants, hiddenVariants, smartVariants, readVariants)
		policies = append(policies, Policy{SoleOverwriteForRow2: true, Signed: true})
	case tech.IsCrypto():
		variants = product(keyVariants, hiddenVariants, canaryVariants)
	}
	for _, pol := range policies {
		for _, v := range variants {
			f := base(m, Step{Technique: tech, Status: StepCompleted})
			v.apply(&f)
			name := v.name
			if pol.SoleOverwriteForRow2 {
				name += " policy=sole-overwrite"
			}
			fmt.Fprintf(b, "%-70s %s\n", name, summary(p, f, pol))
		}
	}
}

// summary is one derivation in short, with its paper under each row.
func summary(p *Pack, f Facts, pol Policy) string {
	d := p.Derive(Row2, f, pol)
	level := "none"
	if d.Reached != RowNone {
		level = fmt.Sprintf("(%d)%s", d.Reached, strings.Join(d.Items, ""))
	}
	t711 := "-"
	if d.Table711 {
		t711 = "7-1-1"
	}
	var papers []string
	for _, row := range []Row{Row1, Row2, Row3} {
		papers = append(papers, string(p.Derive(row, f, pol).Paper))
	}
	return fmt.Sprintf("%s %s %s %s %s | %s", level, d.NIST, t711, d.Outcome, d.Basis, strings.Join(papers, " "))
}
