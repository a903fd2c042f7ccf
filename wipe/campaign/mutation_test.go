package campaign

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is one way of breaking our own code. The campaign must notice each.
type mutant struct {
	name string
	file string // of the module
	old  string // stands in it exactly once
	new  string // with ON for "this mutant is on"
	want string // a part of what the campaign says
}

var mutants = []mutant{
	{"skipped flush", "wipe/overwrite/reporter.go", "if err := e.t.Flush(ctx); err != nil {",
		"if err := func() error { if ON { return nil }; return e.t.Flush(ctx) }(); err != nil {", "over original data that the host can read: unflushed"},
	{"dropped status of a flush", "wipe/overwrite/reporter.go", "\t\t\treturn e.flushError(err)\n",
		"\t\t\tif !ON { return e.flushError(err) }\n", "over original data that the host can read: unflushed"},
	{"canary not compared", "wipe/canary/canary.go", "case s.Key.Survives(buf, lba):", "case !ON && s.Key.Survives(buf, lba):", "the drive erases nothing"},
	{"dropped status of a record", "wipe/work.go", "\t_, err := w.job.Journal.Append(typ, payload)\n\tif err == nil {\n",
		"\t_, err := w.job.Journal.Append(typ, payload)\n\tif err == nil || ON {\n", "durable intent"},
	{"act before its intent", "wipe/work.go", "\treturn w.durable(ctx, journal.TypeIntent, ", "\tif ON { return nil }\n\treturn w.durable(ctx, journal.TypeIntent, ", "no durable intent"},
	{"dropped mismatch in reading back", "wipe/overwrite/verify.go", "!holes.holds(at) {", "!holes.holds(at) && !ON {", "does not hold what the published key makes"},
	{"dropped bad sector", "wipe/overwrite/repair.go", "\th.e.addBad(off, n)\n", "\tif !ON { h.e.addBad(off, n) }\n", "takes no writes and is not listed"},
}

// TestMutations builds the campaign once with all mutants in it, each behind a
// switch that only this build has (go build -overlay: no file of the module is
// touched), and plays it with one switched on at a time.
func TestMutations(t *testing.T) {
	if testing.Short() || slower > 1 {
		t.Skip("builds and plays a campaign for each mutant: without -short and -race")
	}
	root := moduleRoot(t)
	bin := build(t, root)
	play := func(name string) (string, error) {
		cmd := exec.Command(bin, "-test.run", "^TestCampaign$", "-schedules", "400", "-first")
		cmd.Dir = filepath.Join(root, "wipe", "campaign")
		cmd.Env = append(os.Environ(), "MASSHO_MUTANT="+name)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := play(""); err != nil {
		t.Fatalf("with no mutant on: %v\n%s", err, out)
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			out, err := play(m.name)
			if err == nil {
				t.Fatal("the campaign does not notice")
			}
			if !strings.Contains(out, m.want) {
				t.Errorf("noticed, but not as %q:\n%s", m.want, out)
			}
		})
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatalf("go list: %v: run this test in a checkout, with go in PATH", err)
	}
	return strings.TrimSpace(string(out))
}

// build writes the changed files elsewhere and builds the campaign over them.
func build(t *testing.T, root string) string {
	t.Helper()
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	put := func(file, text string) {
		at := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, file)] = at
	}
	texts := map[string]string{}
	for _, m := range mutants {
		if texts[m.file] == "" {
			data, err := os.ReadFile(filepath.Join(root, m.file))
			if err != nil {
				t.Fatal(err)
			}
			texts[m.file] = string(data)
		}
		if n := strings.Count(texts[m.file], m.old); n != 1 {
			t.Fatalf("%s: %q stands %d times in %s, want once: change the mutant with the code", m.name, m.old, n, m.file)
		}
		on := "(mutant == \"" + m.name + "\")"
		texts[m.file] = strings.Replace(texts[m.file], m.old, strings.ReplaceAll(m.new, "ON", on), 1)
	}
	for file, text := range texts {
		put(file, text)
		pkg := filepath.Base(filepath.Dir(file))
		put(filepath.Join(filepath.Dir(file), "mutant_switch.go"), "package "+pkg+"\n\nimport \"os\"\n\nvar mutant = os.Getenv(\"MASSHO_MUTANT\")\n")
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	path, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "campaign.test")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "-c", "-overlay", path, "-o", bin, "./wipe/campaign")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	return bin
}
