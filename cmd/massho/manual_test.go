package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/massho/massho/bootimage/manual"
	"github.com/massho/massho/bootimage/stick"
)

// procedure is the text of 操作手順書.
func procedure(t *testing.T) string {
	t.Helper()
	b, err := manual.Markdown(manual.Procedure)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// section is the text below a heading that begins with title, up to the next
// heading of its level or above.
func section(t *testing.T, text, title string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^(#+) ` + regexp.QuoteMeta(title) + `.*\n`).FindStringSubmatchIndex(text)
	if m == nil {
		t.Fatalf("操作手順書 has no heading %q", title)
	}
	level, rest := m[3]-m[2], text[m[1]:]
	if end := regexp.MustCompile(`(?m)^#{1,` + strconv.Itoa(level) + `} `).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	return rest
}

// firstCells are the first cells of the table rows in text, without headers.
func firstCells(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?m)^\\| `?([^|`]+?)`? \\|").FindAllStringSubmatch(text, -1) {
		if m[1] != "番号" && m[1] != "符号" && m[1] != "コマンド" {
			out = append(out, m[1])
		}
	}
	return out
}

// constants reads the values of a package's constants: those whose name begins
// with prefix and, unless typ is empty, that are declared of that type.
func constants(t *testing.T, dir, prefix, typ string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no sources, %v", dir, err)
	}
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				out = append(out, values(s.(*ast.ValueSpec), prefix, typ)...)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s: no constant %s… %s", dir, prefix, typ)
	}
	return out
}

func values(v *ast.ValueSpec, prefix, typ string) (out []string) {
	if id, ok := v.Type.(*ast.Ident); typ != "" && (!ok || id.Name != typ) {
		return nil
	}
	for i, name := range v.Names {
		if !strings.HasPrefix(name.Name, prefix) || i >= len(v.Values) {
			continue
		}
		if lit, ok := v.Values[i].(*ast.BasicLit); ok {
			out = append(out, strings.Trim(lit.Value, `"`))
		}
	}
	return out
}

// TestManualNamesEveryCode holds the tables of 操作手順書 against the sources:
// no code without its line, no line without its code.
func TestManualNamesEveryCode(t *testing.T) {
	text := procedure(t)
	for _, tt := range []struct{ name, heading, dir, prefix, typ string }{
		{"exit codes of massho", "A.1 ", ".", "exit", ""},
		{"exit codes of massho-office", "A.2 ", filepath.Join("..", "massho-office"), "exit", ""},
		{"codes of the verifier", "A.3 ", filepath.Join("..", "..", "certs", "verify"), "", "Code"},
		{"refusals", "5.1 ", filepath.Join("..", "..", "devices"), "Code", "Code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := constants(t, tt.dir, tt.prefix, tt.typ)
			got := firstCells(section(t, text, tt.heading))
			slices.Sort(want)
			for _, c := range slices.Compact(want) {
				if !slices.Contains(got, c) {
					t.Errorf("操作手順書 %sdoes not name %s: add a line to bootimage/manual/操作手順書.md", tt.heading, c)
				}
			}
			for i, c := range got {
				if !slices.Contains(want, c) {
					t.Errorf("操作手順書 %snames %s, which does not exist", tt.heading, c)
				}
				if slices.Contains(got[:i], c) {
					t.Errorf("操作手順書 %snames %s twice", tt.heading, c)
				}
			}
		})
	}
}

// TestReadmeNamesEveryCode does the same for the README's table of massho.
func TestReadmeNamesEveryCode(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "### Exit codes of massho\n")
	if !ok {
		t.Fatal("the README has no exit codes")
	}
	text, _, _ = strings.Cut(text, "\nmassho-verify's codes")
	var cells []string
	for _, m := range regexp.MustCompile(`(?m)^\| ([0-9 /…]+) \|`).FindAllStringSubmatch(text, -1) {
		if from, to, isRange := strings.Cut(m[1], " … "); isRange {
			a, errA := strconv.Atoi(from)
			b, errB := strconv.Atoi(to)
			if errA != nil || errB != nil {
				t.Fatalf("range %q", m[1])
			}
			for ; a <= b; a++ {
				cells = append(cells, strconv.Itoa(a))
			}
			continue
		}
		cells = append(cells, strings.Split(m[1], " / ")...)
	}
	want := constants(t, ".", "exit", "")
	for _, c := range want {
		if !slices.Contains(cells, c) {
			t.Errorf("the README does not name exit code %s", c)
		}
	}
	for _, c := range cells {
		if !slices.Contains(want, c) {
			t.Errorf("the README names exit code %s, which does not exist", c)
		}
	}
}

// TestManualNamesEveryScreen: each screen of the console has its place.
func TestManualNamesEveryScreen(t *testing.T) {
	shots, err := filepath.Glob(filepath.Join("console", "testdata", "screens", "*-800x600.txt"))
	if err != nil || len(shots) == 0 {
		t.Fatalf("no screens: %v", err)
	}
	titles := map[string]bool{}
	for _, path := range shots {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?m)^── (.+?) ─`).FindSubmatch(b); m != nil {
			titles[string(m[1])] = true
		}
	}
	if len(titles) < 10 {
		t.Fatalf("only %d titles: %v", len(titles), slices.Sorted(maps.Keys(titles)))
	}
	guide, err := manual.Markdown(manual.Guide)
	if err != nil {
		t.Fatal(err)
	}
	text := procedure(t)
	for title := range titles {
		numbered := title[0] >= '0' && title[0] <= '9'
		switch {
		case numbered && !strings.Contains(text, "\n#### "+title):
			t.Errorf("操作手順書 has no heading %s", title)
		case numbered && !strings.Contains(string(guide), "| "+title+" |"):
			t.Errorf("手引き has no line for %s", title)
		}
	}
}

// plainScreen is what the manual says as long as the stick's first program does
// not show the full-screen console.
const plainScreen = "**この版の起動用USBは、文字だけの画面で動きます。**"

// TestManualKnowsTheScreen: the manual must not describe screens that the stick
// does not show, nor excuse itself when it does.
func TestManualKnowsTheScreen(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	full := false
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		full = full || !strings.HasSuffix(name, "_test.go") && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
			return strings.HasSuffix(i.Path.Value, `/cmd/massho/console"`)
		})
	}
	if says := strings.Contains(procedure(t), plainScreen); says == full {
		t.Errorf("the console is part of massho: %t; 操作手順書 chapter 4 says that it is not: %t. Correct its first paragraph and 4.10", full, says)
	}
}

// TestManualCommandsExist: every command and option that the manual shows is
// one of massho's, and none of massho's is left out.
func TestManualCommandsExist(t *testing.T) {
	a := &app{streams: streams{strings.NewReader(""), io.Discard, io.Discard}, env: func(string) string { return "" }, lang: "ja"}
	root := a.root()
	text := procedure(t)
	listed := firstCells(section(t, text, "付録C"))
	for _, c := range root.Commands() {
		if !c.Hidden && c.Name() != "help" && !slices.Contains(listed, "massho "+c.Name()) {
			t.Errorf("付録C does not list massho %s", c.Name())
		}
	}
	for _, l := range listed {
		if name, ok := strings.CutPrefix(l, "massho "); ok {
			if c, _, err := root.Find(strings.Fields(name)); err != nil || c == root {
				t.Errorf("付録C lists %s, which does not exist", l)
			}
		}
	}
	shown := regexp.MustCompile(`(?m)^\s*(?:out/bin/)?massho( .*)$`).FindAllStringSubmatch(text, -1)
	if len(shown) == 0 {
		t.Fatal("the manual shows no command of massho")
	}
	for _, m := range shown {
		checkCommand(t, root, m[1])
	}
}

// checkCommand parses a line's options as the program does; it runs nothing.
func checkCommand(t *testing.T, root *cobra.Command, line string) {
	t.Helper()
	c, rest, err := root.Find(strings.Fields(line))
	if err != nil || c == root {
		t.Errorf("%q: %v", line, err)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%q: %v", line, err)
	}
}

// TestPreparedSticksDiffer: sticks made of one image must not share UUIDs, and an
// image without a stick stays reproducible.
func TestPreparedSticksDiffer(t *testing.T) {
	a, err := stickIdentity("U1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := stickIdentity("U2")
	if err != nil {
		t.Fatal(err)
	}
	if a.ESP == b.ESP || a.Evidence == b.Evidence || a.Disk == b.Disk {
		t.Errorf("two sticks share %+v", a)
	}
	none, err := stickIdentity("")
	if err != nil || none != (stick.Identity{}) {
		t.Errorf("without a stick: %+v, %v", none, err)
	}
}

// TestManualOnEvidence: what Windows shows of an image holds the manual.
func TestManualOnEvidence(t *testing.T) {
	files := map[string][]byte{"case/stick.json": []byte("{}")}
	if err := addManual(files); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"case/stick.json", "manual/操作手順書.html", "manual/手引き.html"} {
		if len(files[name]) == 0 {
			t.Errorf("no %s", name)
		}
	}
}
