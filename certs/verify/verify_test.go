package verify

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
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

func options(a sample.Authority) Options {
	return Options{Trust: a.Trust(), Now: sample.Day.AddDate(0, 0, 2)}
}

func TestValidPapers(t *testing.T) {
	needFonts(t)
	for _, training := range []bool{false, true} {
		a := sample.New(t, training)
		for _, row := range []rules.Row{rules.Row1, rules.Row2, rules.Row3} {
			r := File("x.pdf", a.Issue(t, a.Statement(row)), options(a))
			if r.Code != Valid || r.Training != training || len(r.Findings) > 0 || len(r.Checked) < 6 {
				t.Errorf("row %d, training %v:\n%s", row, training, r.Text())
			}
			if training && !strings.HasPrefix(r.Text(), "【訓練】") {
				t.Errorf("the first line does not say 訓練: %s", r.Text())
			}
		}
		r := File("x.pdf", a.Issue(t, a.Longest()), options(a))
		if want := PageDiffers; r.Code == want || r.Code == Altered {
			t.Errorf("longest:\n%s", r.Text())
		}
	}
}

func TestComplete(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	o := options(a)
	o.Complete = true
	for row, want := range map[rules.Row]Code{rules.Row1: Incomplete, rules.Row2: Valid, rules.Row3: Valid} {
		if r := File("x.pdf", a.Issue(t, a.Statement(row)), o); r.Code != want {
			t.Errorf("row %d: %d, want %d\n%s", row, r.Code, want, r.Text())
		}
	}
}

// TestLies: statements that a dishonest stick would sign with its own key.
func TestLies(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	for _, c := range []struct {
		name string
		row  rules.Row
		edit func(*certs.Statement)
		want Code
	}{
		{"weaker class than the case", rules.Row2, func(s *certs.Statement) {
			s.Classification.Category.Confidentiality, s.Classification.Row = rules.Conf1, rules.Row3
		}, CaseDiffers},
		{"row not that of the category", rules.Row2, func(s *certs.Statement) { s.Classification.Row = rules.Row3 }, OutcomeDiffers},
		{"policy changed", rules.Row2, func(s *certs.Statement) { s.Policy.SoleOverwriteForRow2 = true }, CaseDiffers},
		{"person not in the case", rules.Row2, func(s *certs.Statement) { s.Persons[1].Name = "別人" }, CaseDiffers},
		{"another roster line", rules.Row2, func(s *certs.Statement) { s.Asset.RosterIndex = 2 }, CaseDiffers},
		{"roster line that does not exist", rules.Row2, func(s *certs.Statement) { s.Asset.RosterIndex = 99 }, CaseDiffers},
		{"another PC", rules.Row2, func(s *certs.Statement) { s.Host.Serial = "X" }, CaseDiffers},
		{"another contractor", rules.Row2, func(s *certs.Statement) { s.Case.Contractor.Name = "別会社" }, CaseDiffers},
		{"issued before the case", rules.Row2, func(s *certs.Statement) { s.Issued = sample.Day.AddDate(0, 0, -1).Add(-time.Second) }, Revoked},
		{"number of another stick", rules.Row2, func(s *certs.Statement) { s.Number = "R8-012-S2-0001" }, UnknownSigner},
		{"unsigned classification", rules.Row2, func(s *certs.Statement) {
			s.Classification.By, s.Classification.Signed = certs.ByOperator, false
		}, ClassificationUnsigned},
		{"steps that the facts do not have", rules.Row2, func(s *certs.Statement) { s.Steps = append(s.Steps, s.Steps[0]) }, OutcomeDiffers},
		{"another technique printed", rules.Row2, func(s *certs.Statement) { s.Steps[0].Technique = rules.TechATASanitizeBlock }, OutcomeDiffers},
		{"another kind of medium printed", rules.Row2, func(s *certs.Statement) { s.Medium.Kind = rules.MediumSSD }, OutcomeDiffers},
		{"destruction of another medium", rules.Row1, func(s *certs.Statement) { s.Destruction.Serial = "X" }, OutcomeDiffers},
		{"stricter class than the case", rules.Row2, func(s *certs.Statement) {
			s.Classification.Category.System, s.Classification.Row = rules.SystemUnknown, rules.Row1
		}, Valid},
		{"person marked 名簿外", rules.Row2, func(s *certs.Statement) { s.Persons[1].Name, s.Persons[1].OffRoster = "別人", true }, Valid},
	} {
		s := sample.Clone(t, a.Statement(c.row))
		c.edit(&s)
		s.Derivation = certs.Derive(rules.Default(), &s)
		if r := File(c.name, a.Issue(t, s), options(a)); r.Code != c.want {
			t.Errorf("%s: %d, want %d\n%s", c.name, r.Code, c.want, r.Text())
		}
	}
}

// TestJournalLies: the journal tells something else than the Statement.
func TestJournalLies(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	for name, edit := range map[string]func(told, printed *certs.Statement){
		"survivor left out":     func(told, _ *certs.Statement) { told.Facts.Steps[0].Canaries.Survivors = 1 },
		"error left out":        func(told, _ *certs.Statement) { told.Facts.Errors = []string{"e"} },
		"step never intended":   func(told, _ *certs.Statement) { told.Steps = nil },
		"step failed":           func(told, _ *certs.Statement) { told.Steps[0].Status = rules.StepFailed },
		"of another medium":     func(told, _ *certs.Statement) { told.Medium.Serial = "X" },
		"of another case":       func(told, _ *certs.Statement) { told.Case.ID = "R8-999" },
		"older than the case":   func(told, _ *certs.Statement) { told.Case.Nonce = strings.Repeat("00", 16) },
		"records miscounted":    func(_, printed *certs.Statement) { printed.Journal.Records++ },
		"code of another head":  func(_, printed *certs.Statement) { printed.Journal.Code = "0000-0000-0000" },
		"training in it":        func(told, _ *certs.Statement) { told.Training = true },
		"run id of another run": func(_, printed *certs.Statement) { printed.Journal.RunID = strings.Repeat("0", 32) },
	} {
		printed := sample.Clone(t, a.Statement(rules.Row2))
		told := sample.Clone(t, printed)
		edit(&told, &certs.Statement{})
		log := sample.Journal(t, &told)
		printed.Journal = told.Journal
		edit(&certs.Statement{Facts: told.Facts, Steps: told.Steps}, &printed)
		b, err := certs.Issue(printed, log, a.Case, a.Signer(), sample.Day)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := File(name, b, options(a)); r.Code != JournalDiffers {
			t.Errorf("%s: %d\n%s", name, r.Code, r.Text())
		}
	}
	s := a.Statement(rules.Row2)
	b, err := certs.Issue(s, nil, a.Case, a.Signer(), sample.Day)
	if err != nil {
		t.Fatal(err)
	}
	if r := File("none", b, options(a)); r.Code != JournalDiffers {
		t.Errorf("no journal: %d", r.Code)
	}
}

func TestWithoutCase(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	s := a.Statement(rules.Row2)
	log := sample.Journal(t, &s)
	b, err := certs.Issue(s, log, nil, a.Signer(), sample.Day)
	if err != nil {
		t.Fatal(err)
	}
	if r := File("x", b, options(a)); r.Code != CaseDiffers {
		t.Errorf("a signed case is claimed and none attached: %d", r.Code)
	}
	if r := File("x", a.Issue(t, a.Empty()), options(a)); r.Code != ClassificationUnsigned {
		t.Errorf("without case: %d\n%s", r.Code, r.Text())
	}
}

func TestSigners(t *testing.T) {
	needFonts(t)
	a, other, drill := sample.New(t, false), sample.New(t, false), sample.New(t, true)
	b := a.Issue(t, a.Statement(rules.Row2))
	list, err := keys.Revoke(a.Root, nil, a.Stick.Cert, sample.Day)
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := keys.ParseTrust(keys.EncodeCerts(a.Root.Cert), list)
	if err != nil {
		t.Fatal(err)
	}
	late := a.Statement(rules.Row2)
	late.Issued = sample.Day.AddDate(0, 3, 0)
	for _, c := range []struct {
		name string
		file []byte
		opt  Options
		want Code
	}{
		{"another authority", b, Options{Trust: other.Trust(), Now: sample.Day}, UnknownSigner},
		{"real paper, training root", b, Options{Trust: drill.Trust(), Now: sample.Day}, UnknownSigner},
		{"revoked", b, Options{Trust: revoked, Now: sample.Day}, Revoked},
		{"signed after the term", a.Issue(t, late), options(a), Revoked},
		{"five years later, no bound of time", b, Options{Trust: a.Trust(), Now: sample.Day.AddDate(5, 0, 0)}, NeedsConfirmation},
		{"unsigned", b[:unsignedEnd(t, b)], options(a), Unsigned},
		{"not ours", []byte("%PDF-1.4\nhello"), options(a), Unreadable},
		{"empty", nil, options(a), Unreadable},
		{"cut off", b[:len(b)-100], options(a), Altered},
	} {
		if r := File(c.name, c.file, c.opt); r.Code != c.want {
			t.Errorf("%s: %d, want %d\n%s", c.name, r.Code, c.want, r.Text())
		}
	}
}

func TestMany(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	one := a.Issue(t, a.Statement(rules.Row2))
	s := a.Statement(rules.Row3)
	s.Number = a.Statement(rules.Row2).Number
	two := a.Issue(t, s)
	for _, c := range []struct {
		name  string
		files []Named
		want  Code
	}{
		{"the same file twice", []Named{{Name: "a", Data: one}, {Name: "b", Data: one}}, Valid},
		{"one number, two papers", []Named{{Name: "a", Data: one}, {Name: "b", Data: two}}, DuplicateNumber},
		{"one bad, one good", []Named{{Name: "a", Data: one}, {Name: "b", Data: []byte("x")}}, Unreadable},
		{"one that could not be read", []Named{{Name: "a", Data: one}, {Name: "b", Err: os.ErrPermission}}, Unreadable},
	} {
		if got := Summarise(Many(c.files, options(a))); got.Code != c.want || got.Files != 2 {
			t.Errorf("%s: %+v, want %d", c.name, got, c.want)
		}
	}
}

func TestWorse(t *testing.T) {
	for _, c := range []struct{ a, b, want Code }{
		{Valid, Valid, Valid}, {Valid, Incomplete, Incomplete}, {Altered, Valid, Altered}, {NeedsConfirmation, Altered, Altered},
	} {
		if got := Worse(c.a, c.b); got != c.want {
			t.Errorf("Worse(%d, %d) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
	for code := range words {
		if code != Valid && next[code] == "" {
			t.Errorf("code %d has no next step", code)
		}
	}
}
