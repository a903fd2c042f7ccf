package deed

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/page"
)

// letter is the smallest deed.
type letter struct {
	Head
	Text string   `json:"text"`
	Of   []Ref    `json:"of"`
	With []string `json:"with"` // names of attached files, all of the same content
}

func (l *letter) Kind() string    { return "letter/v1" }
func (l *letter) Title() string   { return "手紙" }
func (l *letter) Subjects() []Ref { return l.Of }
func (l *letter) Files() (out []FileRef) {
	for _, n := range l.With {
		out = append(out, FileRef{Name: n, MIME: "text/plain", SHA256: SHA256([]byte("enclosed")), Desc: "同封"})
	}
	return out
}
func (l *letter) Validate() error {
	if l.Text == "" {
		return errors.New("nothing written")
	}
	return nil
}
func (l *letter) Blocks(hash string, _ map[string][]byte) []page.Block {
	return append([]page.Block{l.FromOffice(hash), page.Title{Text: l.Title()}, page.Para{Text: l.Text}}, l.Checking(hash)...)
}

// other is a letter of another kind.
type other struct{ letter }

func (o *other) Kind() string { return "other/v1" }

var day = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// office is an authority and one witness.
func office(t testing.TB) (Signer, keys.Trust) {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	made := func(r keys.Request, by *keys.Pair) keys.Pair {
		r.NotBefore, r.NotAfter = day.AddDate(0, 0, -1), day.AddDate(1, 0, 0)
		p, err := keys.New(r, by)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	root := made(keys.Request{Holder: keys.Holder{Kind: keys.Authority}, CommonName: "試験市"}, nil)
	who := made(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: "w1", Role: certs.RoleWitness}, CommonName: "渡邉 一郎"}, &root)
	return Signer{who, root.Cert}, keys.Trust{Roots: []*x509.Certificate{root.Cert}}
}

func write(with ...string) (*letter, map[string][]byte) {
	files := map[string][]byte{}
	for _, n := range with {
		files[n] = []byte("enclosed")
	}
	return &letter{Head: Head{Number: "R8-012-L0001", Issued: day.Add(123 * time.Millisecond), Case: certs.CaseRef{ID: "R8-012", Contractor: certs.Contractor{Name: "株式会社 例"}},
		Issuer: certs.Person{Role: certs.RoleWitness, ID: "w1", Name: "渡邉 一郎"}, Tool: certs.Tool{Name: "test"}}, Text: "拝啓 𠮷野 様", With: with}, files
}

func TestIssueOpenDraft(t *testing.T) {
	by, trust := office(t)
	for _, with := range [][]string{nil, {"a.txt"}, {"a.txt", "z.txt"}, {"t.txt", "z.txt"}} { // before and behind statement.dsse.json
		l, files := write(with...)
		l.Of = []Ref{{Number: "N", Payload: strings.Repeat("a", 64)}}
		file, err := Issue(l, files, by)
		if err != nil {
			t.Fatalf("%v: %v", with, err)
		}
		var got letter
		o, err := Open(file, &got, trust)
		if err != nil || got.Text != l.Text || len(o.Files) != len(with) || !got.Issued.Equal(day) || Kind(file) != "letter/v1" || RefOf(&got, o, file).Payload != o.Hash {
			t.Errorf("%v: %v %+v", with, err, got)
		}
		if len(got.Layout.Fonts) != 3 { // 𠮷 needs the fallback
			t.Errorf("%d fonts", len(got.Layout.Fonts))
		}
		if _, err := Open(file, &other{}, trust); !errors.Is(err, ErrKind) {
			t.Errorf("as another kind: %v", err)
		}
		draft, err := Draft(l, files)
		if err != nil || bytes.Contains(draft, []byte("/ByteRange")) || Kind(draft) != "" {
			t.Errorf("draft: %v", err)
		}
	}
}

func TestIssueRefuses(t *testing.T) {
	by, _ := office(t)
	for name, c := range map[string]struct {
		edit func(l *letter, files map[string][]byte)
		want error
	}{
		"no number":          {func(l *letter, _ map[string][]byte) { l.Number = "" }, ErrForm},
		"no case":            {func(l *letter, _ map[string][]byte) { l.Case.ID = "" }, ErrForm},
		"no name":            {func(l *letter, _ map[string][]byte) { l.Issuer.Name = "" }, ErrForm},
		"its own refusal":    {func(l *letter, _ map[string][]byte) { l.Text = "" }, ErrForm},
		"another's id":       {func(l *letter, _ map[string][]byte) { l.Issuer.ID = "w2" }, ErrSigner},
		"another role":       {func(l *letter, _ map[string][]byte) { l.Issuer.Role = certs.RoleValidator }, ErrSigner},
		"term of the key":    {func(l *letter, _ map[string][]byte) { l.Issued = day.AddDate(2, 0, 0) }, ErrSigner},
		"a file too many":    {func(_ *letter, f map[string][]byte) { f["b.txt"] = nil }, ErrFiles},
		"a file missing":     {func(_ *letter, f map[string][]byte) { delete(f, "a.txt") }, ErrFiles},
		"another file":       {func(_ *letter, f map[string][]byte) { f["a.txt"] = []byte("x") }, ErrFiles},
		"names out of order": {func(l *letter, f map[string][]byte) { l.With = []string{"b.txt", "a.txt"}; f["b.txt"] = f["a.txt"] }, ErrFiles},
		"the content's name": {func(l *letter, f map[string][]byte) { l.With = []string{Attached}; f[Attached] = f["a.txt"] }, ErrFiles},
		"a path":             {func(l *letter, f map[string][]byte) { l.With = []string{"../a"}; f["../a"] = f["a.txt"] }, ErrFiles},
	} {
		l, files := write("a.txt")
		c.edit(l, files)
		if _, err := Issue(l, files, by); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// FuzzOpen: nothing that nobody signed opens.
func FuzzOpen(f *testing.F) {
	by, trust := office(f)
	l, files := write("a.txt")
	good, err := Issue(l, files, by)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:4000])
	f.Add([]byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var got letter
		if _, err := Open(b, &got, trust); err == nil && !bytes.Equal(b, good) {
			t.Fatal("it opens")
		}
		Kind(b)
	})
}
