package acceptance

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/verify"
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

func staff(t testing.TB, a sample.Authority, role string) deed.Signer {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: "v1", Role: role}, CommonName: "確認 三郎",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(0, 1, 0)}, &a.Root)
	if err != nil {
		t.Fatal(err)
	}
	return deed.Signer{Pair: p, Root: a.Root.Cert}
}

func options(a sample.Authority) verify.Options {
	return verify.Options{Trust: a.Trust(), Now: sample.Day.Add(5 * time.Hour)}
}

func codes(ns []rules.Note) (out []string) {
	for _, n := range ns {
		out = append(out, n.Code)
	}
	return out
}

func TestAccept(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	boss := staff(t, a, certs.RoleValidator)
	file := a.Issue(t, a.Statement(rules.Row2))
	o := verify.Open("x", file, options(a))
	doubts, err := Doubts(o)
	if err != nil || !slices.Contains(codes(doubts), "basis") {
		t.Fatalf("%v, %v", codes(doubts), err)
	}
	req := Request{File: file, Number: o.Number, Doubts: doubts, Standing: notice.Unseen, Fields: []string{"stick"}, By: boss, At: sample.Day.Add(4 * time.Hour)}
	signed, err := Accept(req)
	if err != nil {
		t.Fatal(err)
	}
	again := verify.Open("x", signed, options(a))
	if again.Code != verify.Valid || len(again.Signatures) != 2 || again.Hash != o.Hash {
		t.Fatalf("%+v", again.Report)
	}
	sig := again.Signatures[1]
	by, err := a.Trust().Check(sig.Signer, sig.Time)
	if err != nil || sig.Field != "validator-1" || !strings.Contains(sig.Reason, "basis") ||
		!(notice.Signature{By: by, Field: sig.Field, Reason: sig.Reason, Sound: true}).Accepts(o.Number) {
		t.Errorf("%+v, %v", sig.Info, err)
	}
	for name, c := range map[string]struct {
		edit func(*Request)
		want error
	}{
		"an operator":     {func(r *Request) { r.By = staff(t, a, certs.RoleOperator) }, ErrRole},
		"a stick":         {func(r *Request) { r.By = deed.Signer{Pair: a.Stick, Root: a.Root.Cert} }, ErrRole},
		"accepted before": {func(r *Request) { r.Standing = notice.Accepted }, ErrAlready},
		"rejected":        {func(r *Request) { r.Standing = notice.Rejected }, ErrStanding},
		"reissued":        {func(r *Request) { r.Standing = notice.Superseded }, ErrStanding},
		"key's term over": {func(r *Request) { r.At = sample.Day.AddDate(1, 0, 0) }, keys.ErrExpired},
	} {
		r := req
		c.edit(&r)
		if _, err := Accept(r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDoubts(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	for name, c := range map[string]struct {
		row  rules.Row
		edit func(*certs.Statement)
		want string // among the codes; empty: none at all
		err  error
	}{
		"row (3), all well":       {rules.Row3, func(*certs.Statement) {}, "", nil},
		"Stage A":                 {rules.Row1, func(*certs.Statement) {}, "destruction", nil},
		"device's own word":       {rules.Row2, func(*certs.Statement) {}, "basis", nil},
		"samples":                 {rules.Row2, func(*certs.Statement) {}, "sampled", nil},
		"clock not confirmed":     {rules.Row3, func(s *certs.Statement) { s.Clock.Confirmed = false }, "clock", nil},
		"clock corrected":         {rules.Row3, func(s *certs.Statement) { s.Clock.CorrectionSeconds = 32400 }, "clock-corrected", nil},
		"nobody watched":          {rules.Row3, func(s *certs.Statement) { s.Persons = s.Persons[:1] }, "no-witness", nil},
		"somebody off the roster": {rules.Row3, func(s *certs.Statement) { s.Persons[1].OffRoster = true }, "off-roster-person", nil},
		"a shell":                 {rules.Row3, func(s *certs.Statement) { s.Boot.ShellUsed = "yes" }, "shell", nil},
		"resumed":                 {rules.Row3, func(s *certs.Statement) { s.Facts.Resumed = 1 }, "resumed", nil},
		"reallocated":             {rules.Row3, func(s *certs.Statement) { n := uint64(3); s.Facts.Reallocated = &n }, "reallocated", nil},
		"nothing reported":        {rules.Row3, func(s *certs.Statement) { s.Facts.Reallocated = nil }, "no-smart", nil},
		"hidden areas unknown":    {rules.Row3, func(s *certs.Statement) { s.Facts.Hidden.HPA = rules.HiddenUnknown }, "hidden", nil},
		"hidden areas of NVMe": {rules.Row3, func(s *certs.Statement) {
			s.Facts.Hidden.HPA, s.Medium.Transport = rules.HiddenUnknown, "nvme"
		}, "", nil},
		"operator's word": {rules.Row3, func(s *certs.Statement) {
			s.Classification.By, s.Classification.Signed = certs.ByOperator, false
		}, "classification", nil},
		"a lower level chosen": {rules.Row3, func(s *certs.Statement) { s.Plan.Chosen = "op1: time" }, "lower", nil},
		"not completed":        {rules.Row3, func(s *certs.Statement) { s.Facts.Unwritten = 9 }, "", ErrUnsound},
	} {
		s := a.Statement(c.row)
		c.edit(&s)
		s.Derivation = certs.Derive(rules.Default(), &s)
		got, err := Doubts(verify.Open("x", a.Issue(t, s), options(a)))
		if !errors.Is(err, c.err) || c.want != "" && !slices.Contains(codes(got), c.want) || c.want == "" && len(got) > 0 {
			t.Errorf("%s: %v, %v; want %q", name, codes(got), err, c.want)
		}
	}
	bad := a.Issue(t, a.Statement(rules.Row3))
	bad[len(bad)/2] ^= 1
	if _, err := Doubts(verify.Open("x", bad, options(a))); !errors.Is(err, ErrUnsound) {
		t.Errorf("altered: %v", err)
	}
	if _, err := Doubts(verify.Open("x", a.Issue(t, a.Statement(rules.Row3)), verify.Options{Trust: sample.New(t, false).Trust(), Now: sample.Day})); !errors.Is(err, ErrUnsound) {
		t.Errorf("another authority: %v", err)
	}
}

func TestDestructionDoubts(t *testing.T) {
	r := &destroy.Record{StageA: &destroy.StageA{Ref: deed.Ref{Number: "A"}, Reached: rules.Row3}, Method: &destroy.Method{}}
	for name, c := range map[string]struct {
		standing notice.Standing
		sound    bool
		want     string
		err      error
	}{
		"accepted":  {notice.Accepted, true, "", nil},
		"unseen":    {notice.Unseen, true, "stage-a-unseen", nil},
		"rejected":  {notice.Rejected, true, "", ErrUnsound},
		"withdrawn": {notice.Withdrawn, true, "", ErrUnsound},
		"not here":  {notice.Unseen, false, "", ErrUnsound},
	} {
		got, err := DestructionDoubts(r, c.standing, c.sound)
		if strings.Join(codes(got), " ") != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v", name, codes(got), err)
		}
	}
}
