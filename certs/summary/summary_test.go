package summary

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/wipe/rules"
)

// needFonts skips on a bare clone, but never in CI.
func needFonts(t testing.TB) {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

func signer(t testing.TB, a sample.Authority, role string) deed.Signer {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: "s1", Role: role}, CommonName: "渡邉 一郎",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(0, 1, 0)}, &a.Root)
	if err != nil {
		t.Fatal(err)
	}
	return deed.Signer{Pair: p, Root: a.Root.Cert}
}

var hash = strings.Repeat("ab", 32)

// lines is n media in every state that there is.
func lines(a sample.Authority, n int, long bool) (out []Line) {
	for i := range n {
		st := a.Statement(rules.Row(i%3 + 1))
		st.Number = fmt.Sprintf("R8-012-S1-%04d", i+1)
		st.Medium.Serial = fmt.Sprintf("WD-WCC3F%07d", i)
		if long {
			st.Medium.Serial = strings.Repeat("SERIAL0123456789", 4)
			st.Medium.Model = strings.Repeat("MODEL-", 20)
			st.Asset.Number = strings.Repeat("備品第0001号（極めて長い）", 4)
			st.Host.Model = strings.Repeat("極めて長い機種名", 6)
		}
		l := LineOf(st, hash, hash)
		switch i % 7 {
		case 0:
			l.Due = sample.Day.AddDate(0, 1, 0)
		case 1:
			l.Standing = notice.Accepted
		case 3:
			l.Destroyed, l.Standing = &deed.Ref{Number: fmt.Sprintf("R8-012-D%04d", i), Payload: hash}, notice.Accepted
		case 2:
			l.Reissued = &deed.Ref{Number: l.Number + "-R1", Payload: hash}
		case 4:
			l.Standing = notice.Withdrawn
		case 5:
			l.Trouble = "署名の後に変えられている"
		case 6:
			l.Paper, l.Outcome, l.Reached, l.Items, l.InsideOnly = rules.PaperIncomplete, rules.OutcomeFailed, rules.RowNone, []string{}, true
		}
		out = append(out, l)
	}
	return out
}

// papers is every kind of summary, the longest and the emptiest.
func papers(a sample.Authority, role string) map[string]*Summary {
	st := a.Statement(rules.Row1)
	head := deed.Head{Number: "R8-012-T0001", Issued: sample.Day.Add(6 * time.Hour), Case: st.Case, Tool: st.Tool,
		Issuer: certs.Person{Role: role, ID: "s1", Name: "渡邉 一郎", Title: "主査", Organisation: "試験市 情報政策課", Contact: "内線 123"}}
	bare := deed.Head{Number: "X-T0001", Issued: sample.Day, Case: certs.CaseRef{ID: "X"}, Issuer: certs.Person{Role: role, ID: "s1", Name: "x"}}
	gaps := []Missing{{Asset: "B-0009", Host: "例示電機 PC-100 PC009", Expected: 2, Found: 1}, {Asset: "B-0010", Expected: 1}}
	long := head
	for _, p := range []*string{&long.Case.Title, &long.Case.Contractor.Name, &long.Case.Addressee, &long.Issuer.Organisation, &long.Issuer.Name} {
		*p = strings.Repeat(*p+"（極めて長い名称の例）", 6)
	}
	en := head
	en.Layout.Lang = "en"
	return map[string]*Summary{
		"day":     {Head: head, Lines: lines(a, 60, false), Missing: gaps},
		"done":    {Head: head, Lines: lines(a, 3, false)[1:2], Missing: []Missing{}},
		"english": {Head: en, Lines: lines(a, 14, false), Missing: gaps},
		"longest": {Head: long, Lines: lines(a, 20, true), Missing: gaps},
		"empty":   {Head: bare, Lines: []Line{}, Missing: []Missing{}},
	}
}

// TestIssue: every paper opens again as what it was; MASSHO_LOOK names a folder
// for people to look at them.
func TestIssue(t *testing.T) {
	needFonts(t)
	for _, training := range []bool{false, true} {
		a := sample.New(t, training)
		role := certs.RoleOperator
		if training {
			role = certs.RoleValidator
		}
		by := signer(t, a, role)
		for name, s := range papers(a, role) {
			b, err := deed.Issue(s, nil, by)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if deed.Kind(b) != Kind {
				t.Errorf("%s: kind %q", name, deed.Kind(b))
			}
			var got Summary
			if _, err := deed.Open(b, &got, a.Trust()); err != nil || !certs.SameJSON(&got, s) || got.Training != training {
				t.Errorf("%s: %v", name, err)
			}
			if dir := os.Getenv("MASSHO_LOOK"); dir != "" {
				if training {
					name += "-training"
				}
				if err := os.WriteFile(filepath.Join(dir, name+".pdf"), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestWords: what a clerk looks for stands on the page, and every medium once.
func TestWords(t *testing.T) {
	needFonts(t)
	if _, err := exec.LookPath("pdftotext"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	a := sample.New(t, false)
	by := signer(t, a, certs.RoleOperator)
	for name, want := range map[string][]string{
		"day":     {"書面60件:完了", "見つからない媒体2", rules.StatementRow1, "提出期限2026-12-21", "破壊R8-012-D0003", "庁舎外へ持ち出さない", "消去・抹消総括表"},
		"done":    {"予定されたすべての媒体に、完了を示す書面がある", "名簿に対して不足する媒体はない", "受理"},
		"english": {"14papers:", "mustnotleavethepremises", "Summaryoferasureandsanitization", rules.StatementRow1},
		"empty":   {"書面はまだ1件もない"},
	} {
		s := papers(a, certs.RoleOperator)[name]
		b, err := deed.Issue(s, nil, by)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "a.pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdftotext", "-raw", file, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(string(out)), "")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the page does not say %q", name, w)
			}
		}
		for _, l := range s.Lines {
			if n := strings.Count(strings.ReplaceAll(text, l.Number+"-R1", ""), l.Number); n != 1 {
				t.Errorf("%s: %s stands %d times", name, l.Number, n)
			}
		}
		if name == "day" && strings.Contains(text, "予定されたすべての媒体に") {
			t.Error("it says that all is done")
		}
	}
}

func TestState(t *testing.T) {
	destroyed := &deed.Ref{Number: "D", Payload: hash}
	for _, c := range []struct {
		name string
		line Line
		want State
	}{
		{"row 2", Line{Paper: rules.PaperErasedRow2, Standing: notice.Unseen}, Done},
		{"row 3, accepted", Line{Paper: rules.PaperErasedRow3, Standing: notice.Accepted}, Done},
		{"stage A", Line{Paper: rules.PaperStageA, Standing: notice.Accepted}, Waiting},
		{"stage A and its destruction", Line{Paper: rules.PaperStageA, Standing: notice.Accepted, Destroyed: destroyed}, Done},
		{"failed", Line{Paper: rules.PaperIncomplete}, Incomplete},
		{"failed, then destroyed", Line{Paper: rules.PaperIncomplete, Destroyed: destroyed}, Done},
		{"rejected", Line{Paper: rules.PaperErasedRow2, Standing: notice.Rejected}, Void},
		{"withdrawn, though destroyed", Line{Paper: rules.PaperStageA, Standing: notice.Withdrawn, Destroyed: destroyed}, Void},
		{"issued again", Line{Paper: rules.PaperErasedRow2, Standing: notice.Superseded}, Void},
		{"altered", Line{Paper: rules.PaperErasedRow2, Trouble: "x"}, Void},
		{"destroyed without an erasure", Line{Paper: rules.PaperDestruction}, Done},
		{"issued again, and that was accepted", Line{Paper: rules.PaperErasedRow2, Standing: notice.Accepted, Reissued: destroyed}, Done},
		{"unknown paper", Line{Paper: "new"}, Incomplete},
	} {
		if got := c.line.State(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAgrees(t *testing.T) {
	a := sample.New(t, false)
	st := a.Statement(rules.Row2)
	good := LineOf(st, hash, hash)
	good.Standing, good.Asset = notice.Accepted, "B-0002 (訂正)"
	if err := good.Agrees(st, hash); err != nil {
		t.Error(err)
	}
	for name, edit := range map[string]func(*Line){
		"another hash":    func(l *Line) { l.Payload = strings.Repeat("0", 64) },
		"another number":  func(l *Line) { l.Number += "9" },
		"serial":          func(l *Line) { l.Serial += "9" },
		"model":           func(l *Line) { l.Model = "x" },
		"row":             func(l *Line) { l.Row = rules.Row3 },
		"paper":           func(l *Line) { l.Paper = rules.PaperErasedRow3 },
		"method":          func(l *Line) { l.Items = []string{"④"} },
		"outcome":         func(l *Line) { l.Outcome = rules.OutcomeFailed },
		"basis":           func(l *Line) { l.Basis = rules.BasisHostVerified },
		"technique":       func(l *Line) { l.Techniques = nil },
		"day of the work": func(l *Line) { l.Ended = l.Ended.AddDate(0, 0, 1) },
		"capacity":        func(l *Line) { l.Capacity++ },
	} {
		l := LineOf(st, hash, hash)
		edit(&l)
		if err := l.Agrees(st, hash); !errors.Is(err, ErrDisagrees) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	by := signer(t, a, certs.RoleOperator)
	for name, edit := range map[string]func(*Summary){
		"a number twice":        func(s *Summary) { s.Lines[1].Number = s.Lines[0].Number },
		"not in order":          func(s *Summary) { s.Lines[0], s.Lines[1] = s.Lines[1], s.Lines[0] },
		"no hash":               func(s *Summary) { s.Lines[0].Payload = "" },
		"hash of another kind":  func(s *Summary) { s.Lines[0].File = "x" },
		"no outcome":            func(s *Summary) { s.Lines[0].Outcome = "" },
		"reissue unnamed":       func(s *Summary) { s.Lines[0].Reissued = &deed.Ref{Number: "x"} },
		"destruction unnamed":   func(s *Summary) { s.Lines[0].Destroyed = &deed.Ref{} },
		"more found than asked": func(s *Summary) { s.Missing[0].Found = 9 },
		"nothing is missing":    func(s *Summary) { s.Missing[0].Expected = s.Missing[0].Found },
		"another issuer":        func(s *Summary) { s.Issuer.ID = "x" },
	} {
		s := papers(a, certs.RoleOperator)["day"]
		edit(s)
		if _, err := deed.Issue(s, nil, by); err == nil {
			t.Errorf("%s: issued", name)
		}
	}
}

func TestAbout(t *testing.T) {
	for n, want := range map[uint64]string{0: "", 999: "", 1000: "1 kB", 1_000_204_886_016: "1 TB", 999_653_638_144: "1000 GB", 512_110_190_592: "512 GB", 15_500_000: "15.5 MB", 2_000_398_934_016: "2 TB"} {
		if got := about(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
