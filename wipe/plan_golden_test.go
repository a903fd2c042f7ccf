package wipe

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/wipe/rules"
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
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, firstDifference(string(got), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// describePlan is a plan in short, for the goldens.
func describePlan(p Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "row (%d) %s: %s", p.Row, p.Medium, p.Disposition)
	if p.Best.Reached != rules.RowNone {
		fmt.Fprintf(&b, "; best (%d)%s %s %s", p.Best.Reached, strings.Join(p.Best.Items, ""), p.Best.NIST, p.Best.Basis)
	}
	if p.Best.Table711 {
		b.WriteString(" 7-1-1")
	}
	fmt.Fprintf(&b, "; %s\n", p.Best.Paper)
	if p.Refusal != nil {
		fmt.Fprintf(&b, "  refused: %s\n", p.Refusal.Code)
	}
	for _, x := range p.Preparation {
		fmt.Fprintf(&b, "  prepare: %s\n", x.Kind)
	}
	if p.Canaries > 0 {
		fmt.Fprintf(&b, "  canaries: %d\n", p.Canaries)
	}
	for i, s := range p.Steps {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, describeStep(s))
	}
	if p.Choice != nil {
		fmt.Fprintf(&b, "  choice: %s, remains (%d): %s\n", p.Choice.Why.Code, p.Choice.Remains, codes(p.Choice.Options))
	}
	if p.Accepted != nil {
		fmt.Fprintf(&b, "  accepted (%d) by %s\n", p.Accepted.Level, p.Accepted.By)
	}
	if len(p.Scope) > 0 {
		fmt.Fprintf(&b, "  scope: %s\n", codes(p.Scope))
	}
	fmt.Fprintf(&b, "  undone: %s\n", codes(p.Undone))
	if p.Prompt != nil {
		fmt.Fprintf(&b, "  destroy: inside=%v %s; %s %s; %s\n", p.Prompt.Inside, strings.Join(p.Prompt.Ways, "・"), p.Prompt.Witness.Code, p.Prompt.Deadline.Code, codes(p.Prompt.Warnings))
	}
	return b.String()
}

// describeRejected groups what is not used by its reason.
func describeRejected(p Plan) string {
	by := map[string][]string{}
	for _, r := range p.Rejected {
		by[r.Reason.Code] = append(by[r.Reason.Code], string(r.Technique))
	}
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(&b, "  not used, %s: %s\n", code, strings.Join(by[code], " "))
	}
	return b.String()
}

func describeStep(s PlannedStep) string {
	out := string(s.Technique)
	if n := len(s.Passes); n > 0 {
		out += fmt.Sprintf(" random×%d", n)
	}
	out += " verify=" + string(s.Verify)
	for _, f := range []struct {
		on   bool
		name string
	}{{s.Canaries, "canaries"}, {s.Replant, "replant"}, {s.Required, "required"}, {s.Fallback, "fallback"}} {
		if f.on {
			out += " " + f.name
		}
	}
	return fmt.Sprintf("%s ~%s [%s] %s", out, s.Estimate, s.Reason.Code, s.Citation)
}

func codes(ns []rules.Note) string {
	var out []string
	for _, n := range ns {
		out = append(out, n.Code)
	}
	return strings.Join(out, " ")
}

// TestPlanGolden shows what is planned for each synthetic drive under each row.
func TestPlanGolden(t *testing.T) {
	devs := planDevices()
	for _, name := range slices.Sorted(maps.Keys(devs)) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			for _, row := range []rules.Row{rules.Row1, rules.Row2, rules.Row3} {
				p := planFor(t, devs[name], row)
				b.WriteString(describePlan(p))
				if row == rules.Row2 {
					b.WriteString(describeRejected(p))
				}
			}
			for _, v := range []struct {
				title  string
				change []func(*Input)
			}{
				{"this program can only overwrite", []func(*Input){overwriteOnly}},
				{"key conditions shown", []func(*Input){keysYes}},
				{"level (3) accepted", []func(*Input){accepted}},
				{"signed policy: sole overwrite", []func(*Input){soleSigned}},
				{"policy: host-verified only, 3 random passes", []func(*Input){func(in *Input) {
					in.Policy.RequireHostVerified, in.Policy.MinRandomPasses = true, 3
				}}},
				{"PSID given, no crypto erase", []func(*Input){func(in *Input) { in.PSID = true; in.Policy.RefuseCryptoErase = true }}},
			} {
				fmt.Fprintf(&b, "# %s\n%s", v.title, describePlan(planFor(t, devs[name], rules.Row2, v.change...)))
			}
			golden(t, filepath.Join("plan", name+".golden"), b.Bytes())
		})
	}
}
