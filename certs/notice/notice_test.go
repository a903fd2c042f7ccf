package notice

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
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

var later = sample.Day.Add(50 * time.Hour)

func staff(t testing.TB, a sample.Authority, id, role string) deed.Signer {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: id, Role: role}, CommonName: "確認 三郎",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(3, 0, 0)}, &a.Root)
	if err != nil {
		t.Fatal(err)
	}
	return deed.Signer{Pair: p, Root: a.Root.Cert}
}

// about is a notice about the row (2) paper of sample.
func about(t testing.TB, s certs.Statement, typ Type, file []byte) *Notice {
	t.Helper()
	payload, err := certs.Payload(s)
	if err != nil {
		t.Fatal(err)
	}
	n := &Notice{
		Head: deed.Head{Number: "R8-012-N0001", Issued: later, Case: s.Case, Tool: certs.Tool{Name: "massho-office", Version: "0.1.0"},
			Issuer: certs.Person{Role: certs.RoleValidator, ID: "v1", Name: "確認 三郎", Title: "課長補佐", Organisation: "試験市 情報政策課", Contact: "内線 321"}},
		Type: typ, Reason: "管理番号の記載が、媒体に貼られた票と異なるため。",
		Target: TargetOf(s, certs.Hash(payload), file),
	}
	if typ == Reissue {
		n.Number = s.Number + "-R1"
		n.Original = &deed.FileRef{Name: AttachedOriginal, MIME: "application/pdf", SHA256: deed.SHA256(file), Desc: "もとの書面"}
	}
	return n
}

func TestEveryType(t *testing.T) {
	needFonts(t)
	for _, training := range []bool{false, true} {
		a := sample.New(t, training)
		boss := staff(t, a, "v1", certs.RoleValidator)
		s := a.Statement(rules.Row2)
		paper := a.Issue(t, s)
		for typ := range titles {
			n := about(t, s, typ, paper)
			files := map[string][]byte{}
			if typ == Correct || typ == Reissue {
				var err error
				if n.Changes, err = Changed(s, map[string]string{"asset.number": "B-0099", "witness.name": "𠮷田 一郎", "host.model": ""}); err != nil {
					t.Fatal(err)
				}
			}
			if typ == Reissue {
				files[AttachedOriginal] = paper
			}
			file, err := deed.Issue(n, files, boss)
			if err != nil {
				t.Fatalf("%s: %v", typ, err)
			}
			var got Notice
			if _, err := deed.Open(file, &got, a.Trust()); err != nil || got.Title() != titles[typ] || got.Training != training {
				t.Errorf("%s: %v", typ, err)
			}
			if dir := os.Getenv("MASSHO_LOOK"); dir != "" && !training {
				if err := os.WriteFile(filepath.Join(dir, "notice-"+string(typ)+".pdf"), file, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	boss, op := staff(t, a, "v1", certs.RoleValidator), staff(t, a, "v1", certs.RoleOperator)
	s := a.Statement(rules.Row2)
	paper := []byte("the paper")
	for name, c := range map[string]struct {
		typ  Type
		by   deed.Signer
		edit func(*Notice)
		want error
	}{
		"an operator":                     {Reject, op, func(n *Notice) { n.Issuer.Role = certs.RoleOperator }, deed.ErrForm},
		"no reason":                       {Reject, boss, func(n *Notice) { n.Reason = " " }, deed.ErrForm},
		"no hash":                         {Reject, boss, func(n *Notice) { n.Target.Payload = "" }, deed.ErrForm},
		"unknown type":                    {Reject, boss, func(n *Notice) { n.Type = "forget" }, deed.ErrForm},
		"a rejection that changes":        {Reject, boss, func(n *Notice) { n.Changes = []Change{{"asset.number", "a", "b"}} }, ErrChange},
		"a correction of nothing":         {Correct, boss, func(*Notice) {}, ErrChange},
		"a correction of the medium":      {Correct, boss, func(n *Notice) { n.Changes = []Change{{"medium.serial", "a", "b"}} }, ErrChange},
		"one entry twice":                 {Correct, boss, func(n *Notice) { n.Changes = []Change{{"asset.number", "a", "b"}, {"asset.number", "a", "c"}} }, ErrChange},
		"the same value":                  {Correct, boss, func(n *Notice) { n.Changes = []Change{{"asset.number", "a", "a"}} }, ErrChange},
		"a reissue under another number":  {Reissue, boss, func(n *Notice) { n.Number = "R8-012-N0001" }, deed.ErrForm},
		"a reissue of another's number":   {Reissue, boss, func(n *Notice) { n.Number = "R8-012-S1-0009-R1" }, deed.ErrForm},
		"a reissue without the first":     {Reissue, boss, func(n *Notice) { n.Original = nil }, deed.ErrForm},
		"a reissue with another paper":    {Reissue, boss, func(n *Notice) { n.Original.SHA256 = strings.Repeat("0", 64) }, deed.ErrForm},
		"a rejection numbered as reissue": {Reject, boss, func(n *Notice) { n.Number = n.Target.Number + "-R1" }, deed.ErrForm},
	} {
		n := about(t, s, c.typ, paper)
		c.edit(n)
		files := map[string][]byte{}
		if n.Original != nil {
			files[AttachedOriginal] = paper
		}
		if _, err := deed.Issue(n, files, c.by); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestChangedAndApply(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	s := a.Statement(rules.Row2)
	ch, err := Changed(s, map[string]string{"asset.number": "B-0099", "witness.name": "新 名"})
	if err != nil || len(ch) != 2 || ch[0] != (Change{"asset.number", "B-0002", "B-0099"}) {
		t.Fatalf("%v, %v", ch, err)
	}
	now, err := Apply(s, ch)
	if err != nil || now.Asset.Number != "B-0099" || now.Persons[1].Name != "新 名" || s.Asset.Number != "B-0002" || s.Persons[1].Name == "新 名" {
		t.Errorf("%v; the first must stay as it is: %v", err, s.Persons[1].Name)
	}
	if _, err := Apply(now, ch); !errors.Is(err, ErrChange) {
		t.Errorf("applied twice: %v", err)
	}
	for name, right := range map[string]map[string]string{
		"unknown entry": {"medium.serial": "x"}, "right already": {"asset.number": "B-0002"}} {
		if _, err := Changed(s, right); !errors.Is(err, ErrChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Persons = nil
	if _, err := Changed(s, map[string]string{"witness.name": "x"}); !errors.Is(err, ErrChange) {
		t.Errorf("nobody to correct: %v", err)
	}
}

func TestStanding(t *testing.T) {
	given := func(hash string, typ Type, of string) Given {
		return Given{Notice{Type: typ, Target: Target{Ref: deed.Ref{Payload: of}}}, hash}
	}
	boss := keys.Signer{Holder: keys.Holder{Kind: keys.Staff, Role: certs.RoleValidator}}
	yes := Signature{By: boss, Reason: AcceptReason + "N-1 留意事項1件を確認（basis）", Sound: true}
	edit := func(f func(*Signature)) Signature { s := yes; f(&s); return s }
	for name, c := range map[string]struct {
		sigs []Signature
		all  []Given
		want Standing
	}{
		"nothing said":              {nil, nil, Unseen},
		"accepted":                  {[]Signature{yes}, nil, Accepted},
		"accepted, no doubts":       {[]Signature{edit(func(s *Signature) { s.Reason = AcceptReason + "N-1" })}, nil, Accepted},
		"accepted another number":   {[]Signature{edit(func(s *Signature) { s.Reason = AcceptReason + "N-12" })}, nil, Unseen},
		"signed for another reason": {[]Signature{edit(func(s *Signature) { s.Reason = "作成" })}, nil, Unseen},
		"accepted by a revoked key": {[]Signature{edit(func(s *Signature) { s.Sound = false })}, nil, Unseen},
		"accepted by an operator":   {[]Signature{edit(func(s *Signature) { s.By.Holder.Role = certs.RoleOperator })}, nil, Unseen},
		"accepted by a stick":       {[]Signature{edit(func(s *Signature) { s.By.Holder.Kind = keys.Stick })}, nil, Unseen},
		"rejected":                  {nil, []Given{given("a", Reject, "p")}, Rejected},
		"accepted, then rejected":   {[]Signature{yes}, []Given{given("a", Reject, "p")}, Rejected},
		"another one rejected":      {[]Signature{yes}, []Given{given("a", Reject, "q")}, Accepted},
		"corrected":                 {[]Signature{yes}, []Given{given("a", Correct, "p")}, Accepted},
		"rejection withdrawn":       {[]Signature{yes}, []Given{given("a", Reject, "p"), given("b", Withdraw, "a")}, Accepted},
		"withdrawal withdrawn":      {nil, []Given{given("a", Reject, "p"), given("b", Withdraw, "a"), given("c", Withdraw, "b")}, Rejected},
		"reissued":                  {[]Signature{yes}, []Given{given("a", Reissue, "p")}, Superseded},
		"reissued and withdrawn":    {nil, []Given{given("a", Reissue, "p"), given("b", Withdraw, "p")}, Withdrawn},
	} {
		if got := StandingOf("N-1", "p", c.sigs, Live(c.all)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
