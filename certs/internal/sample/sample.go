// Package sample makes cases, keys, journals and Statements for tests: the
// longest and the emptiest of each kind of paper.
package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Day is when everything in the samples happens.
var Day = time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)

// Authority is a 団体 with one stick and one case.
type Authority struct {
	Root, Stick keys.Pair
	Case        []byte // signed file
	Loaded      cases.Loaded
}

// New makes an authority, or a training one, whose stick has a term of a month.
func New(t testing.TB, training bool) Authority {
	t.Helper()
	return NewUntil(t, training, Day.AddDate(0, 1, 0))
}

// NewUntil makes an authority whose stick has a term until then.
func NewUntil(t testing.TB, training bool, until time.Time) Authority {
	t.Helper()
	kind := keys.Authority
	if training {
		kind = keys.Training
	}
	var a Authority
	var err error
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	a.Root, err = keys.New(keys.Request{Holder: keys.Holder{Kind: kind}, CommonName: "試験市 認証局", Organisation: "試験市",
		NotBefore: Day.AddDate(0, 0, -1), NotAfter: until.AddDate(12, 0, 0)}, nil)
	must(err)
	a.Stick, err = keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Stick, Case: "R8-012", Stick: "S1"}, CommonName: "massho R8-012 S1",
		Organisation: "試験市", NotBefore: Day.AddDate(0, 0, -1), NotAfter: until}, &a.Root)
	must(err)
	a.Case, err = cases.Sign(Case(), a.Root)
	must(err)
	a.Loaded, err = cases.Load(a.Case, a.Trust(), Day)
	must(err)
	return a
}

// Trust is the reader's root.
func (a Authority) Trust() keys.Trust {
	t, err := keys.ParseTrust(keys.EncodeCerts(a.Root.Cert))
	if err != nil {
		panic(err) // cannot happen: the root was made by New
	}
	return t
}

// Signer is the stick's key with its chain.
func (a Authority) Signer() certs.Signer {
	s := certs.Signer{Key: a.Stick.Key}
	s.Chain = append(s.Chain, a.Stick.Cert, a.Root.Cert)
	return s
}

// Case is a case with one PC for each row of 図表41.
func Case() cases.Case {
	categories := []rules.Category{
		{System: rules.SystemMyNumber, Confidentiality: rules.Conf3A, ResidentInfo: rules.AnswerYes},
		{System: rules.SystemLGWAN, Confidentiality: rules.Conf2},
		{System: rules.SystemInternet, Confidentiality: rules.Conf1},
	}
	c := cases.Case{
		SchemaVersion: cases.SchemaVersion, ID: "R8-012", Title: "令和8年度 庁内端末等廃棄に伴うデータ消去業務委託", ContractNo: "契第2026-0123号",
		Municipality: "試験市", Department: "総務部 情報政策課", Addressee: "試験市長　様",
		Place:      "試験市役所 本庁舎3階 301会議室",
		Contractor: certs.Contractor{Name: "株式会社 例示データ消去", Address: "例県試験市中央1丁目2番3号", Representative: "代表取締役 𠮷野 太郎"},
		RulePack:   cases.RulePackRef{ID: rules.DefaultID, Hash: rules.Default().Hash()},
		Policy:     rules.Policy{ID: "試験市情報資産廃棄要領 2026", DestructionDays: 30, RetentionYears: 10},
		Nonce:      strings.Repeat("5a", 16), Created: Day.AddDate(0, 0, -1), ValidUntil: Day.AddDate(0, 1, 0), Afterwards: cases.AfterPowerOff,
		People: []cases.Person{{ID: "op1", Role: certs.RoleOperator, Name: "髙橋 花子", Organisation: "株式会社 例示データ消去", Title: "作業責任者", Contact: "03-0000-0000"},
			{ID: "w1", Role: certs.RoleWitness, Name: "渡邉 一郎", Organisation: "試験市 情報政策課", Title: "主査", Contact: "内線 123"}},
	}
	for i, cat := range categories {
		c.Roster = append(c.Roster, cases.Asset{Number: fmt.Sprintf("B-%04d", i+1), Lease: "リース物件", HostMaker: "例示電機", HostModel: "PC-100",
			HostSerial: fmt.Sprintf("PC%03d", i+1), ExpectedMedia: 1, Section: "市民課", Category: cat})
	}
	return c
}

// medium is where journals of samples lie.
type medium struct{ b []byte }

func (m *medium) ReadAt(p []byte, off int64) (int, error)  { return copy(p, m.b[off:]), nil }
func (m *medium) WriteAt(p []byte, off int64) (int, error) { return copy(m.b[off:], p), nil }
func (m *medium) Sync() error                              { return nil }
func (m *medium) Size() (int64, error)                     { return int64(len(m.b)), nil }
func (m *medium) Close() error                             { return nil }

// Journal writes what a run of s would have recorded, and puts its head into s.
func Journal(t testing.TB, s *certs.Statement) []byte {
	t.Helper()
	id := sha256.Sum256([]byte(s.Number))
	run := journal.RunID(id[:16])
	h := journal.Header{Case: s.Case.ID, Stick: "S1", Run: run, Tool: s.Tool.Name, Nonce: s.Case.Nonce,
		Created: Day.Format(time.RFC3339), Capacity: 1 << 20, Training: s.Training}
	tick := Day
	w, err := journal.Create(h, journal.Options{
		Now:       func() time.Time { tick = tick.Add(time.Second); return tick },
		Monotonic: func() time.Duration { return tick.Sub(Day) },
	}, journal.Named{Name: "EVIDENCE", Store: &medium{make([]byte, 1<<20)}})
	if err != nil {
		t.Fatal(err)
	}
	add := func(typ journal.Type, payload any) {
		if _, err := w.Append(typ, payload); err != nil {
			t.Fatal(err)
		}
	}
	type m = map[string]any
	for _, st := range s.Steps {
		step := fmt.Sprintf("step-%d", st.Index+1)
		add(journal.TypeIntent, m{"drive": s.Medium.Serial, "step": step, "command": string(st.Technique)})
		add(journal.TypeResult, m{"drive": s.Medium.Serial, "step": step, "status": st.Status})
	}
	add(journal.TypeOutcome, m{"drive": s.Medium.Serial, "facts": s.Facts, "derivation": s.Derivation})
	log, err := journal.ParseExcerpt(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	s.Journal = certs.JournalRef{RunID: run.String(), HeadHash: log.Head().String(), Code: log.Code(),
		Records: uint64(len(log.Records)), AttachedName: certs.AttachedJournal}
	return w.Bytes()
}

// Issue signs s with a's stick, with the journal attached, and the case if s
// names one.
func (a Authority) Issue(t testing.TB, s certs.Statement) []byte {
	t.Helper()
	log := Journal(t, &s)
	file := a.Case
	if !s.Case.Signed {
		file = nil
	}
	b, err := certs.Issue(s, log, file, a.Signer(), Day)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Clone is a deep copy of s.
func Clone(t testing.TB, s certs.Statement) certs.Statement {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var c certs.Statement
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func hexOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
