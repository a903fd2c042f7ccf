package verify

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/tsa/tsatest"
	"github.com/massho/massho/wipe/rules"
)

// stampAt puts a time stamp on file, with a store before it if there is one.
func stampAt(t *testing.T, file []byte, by tsatest.Authority, at time.Time, store pades.Store) []byte {
	t.Helper()
	var err error
	if len(store.Certs)+len(store.Lists) > 0 {
		if file, err = pades.AppendStore(file, store); err != nil {
			t.Fatal(err)
		}
	}
	s, err := pades.BeginStamp(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Finish(by.Token(t, s.Digest, at))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// countersigned adds a person's signature.
func countersigned(t *testing.T, a sample.Authority, file []byte, role string, at time.Time, years int) []byte {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: "p1", Role: role}, CommonName: "渡邉 一郎",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(years, 0, 0)}, &a.Root)
	if err != nil {
		t.Fatal(err)
	}
	b, err := pades.Sign(file, pades.Info{Field: role + "-1", Name: "渡邉 一郎", Reason: "確認", Time: at}, p, a.Root.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func revocation(t *testing.T, a sample.Authority, at time.Time) *x509.RevocationList {
	t.Helper()
	b, err := keys.Revoke(a.Root, nil, a.Stick.Cert, at)
	if err != nil {
		t.Fatal(err)
	}
	l, err := keys.DecodeList(b)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestBounds: a key that is revoked or over by now counts for what was signed
// while it was good, if somebody else than its holder shows that.
func TestBounds(t *testing.T) {
	needFonts(t)
	a, stranger := sample.New(t, false), sample.New(t, false)
	ts := tsatest.New(t, sample.Day.AddDate(-1, 0, 0), tsatest.Options{NotAfter: sample.Day.AddDate(8, 0, 0)})
	newer := tsatest.New(t, sample.Day.AddDate(5, 0, 0), tsatest.Options{NotAfter: sample.Day.AddDate(20, 0, 0)})
	odd := tsatest.New(t, sample.Day.AddDate(-1, 0, 0), tsatest.Options{})
	both := tsa.Trust{Roots: []*x509.Certificate{ts.Root, newer.Root}}
	paper := a.Issue(t, a.Statement(rules.Row2)) // claims Day + 3 h; the key ends after a month
	hash := File("x", paper, options(a)).Hash
	in := func(days, months, years int) time.Time { return sample.Day.AddDate(years, months, days) }
	lost := in(10, 0, 0) // when the stick was lost
	list := revocation(t, a, lost)
	none := pades.Store{}
	stamped := func(file []byte, at time.Time) []byte { return stampAt(t, file, ts, at, none) }
	const (
		good = iota
		gone // the reader has the list that revokes the stick
	)
	for _, c := range []struct {
		name   string
		file   []byte
		lists  int
		now    time.Time
		stamps tsa.Trust
		bounds []Bound
		want   Code
		says   string
	}{
		{"revoked, nothing else known", paper, gone, in(20, 0, 0), both, nil, RevokedUnbounded, "それより前に署名されたことを示すものがない"},
		{"revoked, stamped before", stamped(paper, in(2, 0, 0)), gone, in(20, 0, 0), both, nil, Valid, "時刻の上限: 2026-11-23"},
		{"revoked, stamped after", stamped(paper, in(12, 0, 0)), gone, in(20, 0, 0), both, nil, RevokedUnbounded, ""},
		{"revoked, stamped before by a stranger", stampAt(t, paper, odd, in(2, 0, 0), none), gone, in(20, 0, 0), both, nil, RevokedUnbounded, "信頼する時刻認証局に含まれない"},
		{"revoked, stamped before, but no authority is trusted", stamped(paper, in(2, 0, 0)), gone, in(20, 0, 0), tsa.Trust{}, nil, RevokedUnbounded, ""},
		{"revoked, the witness signed before", countersigned(t, a, paper, certs.RoleWitness, in(1, 0, 0), 3), gone, in(20, 0, 0), both, nil, Valid, "職員 渡邉 一郎 の署名"},
		{"revoked, the validator signed after", countersigned(t, a, paper, certs.RoleValidator, in(12, 0, 0), 3), gone, in(20, 0, 0), both, nil, RevokedUnbounded, ""},
		{"revoked, only the contractor's operator signed", countersigned(t, a, paper, certs.RoleOperator, in(1, 0, 0), 3), gone, in(20, 0, 0), both, nil, RevokedUnbounded, ""},
		{"revoked, a receipt from before", paper, gone, in(20, 0, 0), both, []Bound{{Payload: hash, At: in(1, 0, 0), By: "受領の記録"}}, Valid, "受領の記録"},
		{"revoked, a receipt from after", paper, gone, in(20, 0, 0), both, []Bound{{Payload: hash, At: in(12, 0, 0), By: "受領の記録"}}, RevokedUnbounded, ""},
		{"revoked, a receipt of another paper", paper, gone, in(20, 0, 0), both, []Bound{{Payload: strings.Repeat("0", 64), At: in(1, 0, 0), By: "受領の記録"}}, RevokedUnbounded, ""},
		{"checked before it was revoked", paper, gone, in(5, 0, 0), both, nil, Valid, ""},
		{"revoked by the list in the paper", stampAt(t, paper, ts, in(12, 0, 0), pades.Store{Lists: []*x509.RevocationList{list}}), good, in(20, 0, 0), both, nil, RevokedUnbounded, ""},
		{"a stranger's list in the paper", stampAt(t, paper, ts, in(2, 0, 0), pades.Store{Lists: []*x509.RevocationList{revocation(t, stranger, lost)}}), good, in(20, 0, 0), both, nil, Valid, ""},

		{"five years on, nothing else known", paper, good, in(0, 0, 5), both, nil, NeedsConfirmation, "署名の時刻の上限を示すものがない"},
		{"five years on, stamped in its term", stamped(paper, in(2, 0, 0)), good, in(0, 0, 5), both, nil, Valid, "タイムスタンプ"},
		{"five years on, stamped when the key was over", stamped(paper, in(0, 2, 0)), good, in(0, 0, 5), both, nil, NeedsConfirmation, ""},
		{"ten years on, the stamp's certificate is over too", stamped(paper, in(2, 0, 0)), good, in(0, 0, 10), both, nil, NeedsConfirmation, "時刻認証局の証明書の期間が終わっている"},
		{"ten years on, stamped again in time", stampAt(t, stamped(paper, in(2, 0, 0)), newer, in(0, 0, 7), none), good, in(0, 0, 10), both, nil, Valid, ""},
		{"ten years on, stamped again too late", stampAt(t, stamped(paper, in(2, 0, 0)), newer, in(0, 0, 9), none), good, in(0, 0, 10), both, nil, NeedsConfirmation, ""},
		{"the authority's certificate revoked, told in the paper", stampAt(t, paper, ts, in(2, 0, 0), pades.Store{Lists: []*x509.RevocationList{ts.Revoke(t, in(0, 1, 0))}}),
			good, in(0, 0, 5), both, nil, NeedsConfirmation, "時刻認証局の証明書は失効している"},
		{"the witness's key is over as well", countersigned(t, a, paper, certs.RoleWitness, in(1, 0, 0), 3), good, in(0, 0, 5), both, nil, NeedsConfirmation, "渡邉"},
		{"and both stamped in time", stamped(countersigned(t, a, paper, certs.RoleWitness, in(1, 0, 0), 3), in(2, 0, 0)), good, in(0, 0, 5), both, nil, Valid, ""},

		{"signed later than it was stamped", stamped(paper, in(-1, 0, 0)), good, in(5, 0, 0), both, nil, NeedsConfirmation, "その上限"},
		{"stamp over another file", swapToken(t, stamped(paper, in(2, 0, 0)), stamped(a.Issue(t, a.Statement(rules.Row3)), in(2, 0, 0))), good, in(5, 0, 0), both, nil, Altered, "タイムスタンプがこの書面のものではない"},
	} {
		trust := a.Trust()
		if c.lists == gone {
			trust.Lists = append(trust.Lists, list)
		}
		r := File(c.name, c.file, Options{Trust: trust, Stamps: c.stamps, Bounds: c.bounds, Now: c.now})
		if r.Code != c.want || !strings.Contains(r.Text(), c.says) {
			t.Errorf("%s: %d, want %d and %q\n%s", c.name, r.Code, c.want, c.says, r.Text())
		}
	}
}

// swapToken puts the token of another file's stamp into this one's place.
func swapToken(t *testing.T, file, other []byte) []byte {
	t.Helper()
	const mark = "/SubFilter /ETSI.RFC3161 "
	cut := func(b []byte) (from, to int) {
		at := strings.LastIndex(string(b), mark)
		from = at + strings.Index(string(b[at:]), "/Contents <") + len("/Contents <")
		return from, from + strings.Index(string(b[from:]), ">")
	}
	a, b := cut(file)
	c, d := cut(other)
	if b-a != d-c || d-c < 1000 {
		t.Fatalf("%d and %d digits", b-a, d-c)
	}
	return append(append(append([]byte{}, file[:a]...), other[c:d]...), file[b:]...)
}

// TestSignedAfterRevocation: no bound saves a signature that itself says it was
// made after the key was revoked, or outside its term.
func TestSignedAfterRevocation(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	ts := tsatest.New(t, sample.Day.AddDate(-1, 0, 0), tsatest.Options{})
	paper := stampAt(t, a.Issue(t, a.Statement(rules.Row2)), ts, sample.Day.AddDate(0, 0, 1), pades.Store{})
	trust := a.Trust()
	trust.Lists = append(trust.Lists, revocation(t, a, sample.Day.Add(time.Hour)))
	if r := File("x", paper, Options{Trust: trust, Stamps: ts.Trust(), Now: sample.Day.AddDate(0, 0, 2)}); r.Code != Revoked {
		t.Errorf("%s", r.Text())
	}
	late := a.Statement(rules.Row2)
	late.Issued = sample.Day.AddDate(0, 3, 0)
	paper = stampAt(t, a.Issue(t, late), ts, sample.Day.AddDate(0, 3, 1), pades.Store{})
	if r := File("x", paper, Options{Trust: a.Trust(), Stamps: ts.Trust(), Now: sample.Day.AddDate(0, 4, 0)}); r.Code != Revoked {
		t.Errorf("%s", r.Text())
	}
}
