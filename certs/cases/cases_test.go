package cases

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/rules"
)

var day = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

func root(t testing.TB, kind keys.Kind) keys.Pair {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: kind}, CommonName: "試験市", NotBefore: day.AddDate(-1, 0, 0), NotAfter: day.AddDate(9, 0, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func example() Case {
	return Case{
		SchemaVersion: SchemaVersion, ID: "R8-012", Title: "令和8年度 端末廃棄業務委託", Municipality: "試験市", Addressee: "試験市長 様",
		Contractor: certs.Contractor{Name: "株式会社 例", Address: "例県試験市1-1", Representative: "𠮷野 太郎"},
		RulePack:   RulePackRef{rules.DefaultID, rules.Default().Hash()},
		Roster: []Asset{{Number: "B-0001", Lease: "備品", HostSerial: "PC1", ExpectedMedia: 1,
			Category: rules.Category{System: rules.SystemLGWAN, Confidentiality: rules.Conf2},
			Media:    []Medium{{Serial: "WD-1"}}}},
		People: []Person{{ID: "op1", Role: certs.RoleOperator, Name: "髙橋 花子"}},
		Nonce:  strings.Repeat("0a", 16), Created: day, ValidUntil: day.AddDate(0, 1, 0), Afterwards: AfterPowerOff,
	}
}

func sign(t testing.TB, c Case, r keys.Pair) []byte {
	t.Helper()
	b, err := Sign(c, r)
	if errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// raw signs anything, as a careless authority might.
func raw(t *testing.T, v any, r keys.Pair) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	env, err := dsse.Sign(PayloadType, b, r.Key)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestLoad(t *testing.T) {
	ours, foreign, drill := root(t, keys.Authority), root(t, keys.Authority), root(t, keys.Training)
	good := sign(t, example(), ours)
	bare, err := json.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(bare, &m); err != nil {
		t.Fatal(err)
	}
	m["surprise"] = 1
	unsigned := bytes.Replace(good, good[bytes.Index(good, []byte(`"signatures":`)):], []byte(`"signatures":[]}`), 1)
	other := example()
	other.RulePack.Hash = strings.Repeat("0", 64)
	lie := example()
	lie.Training = true
	double := example()
	double.Roster = append(double.Roster, double.Roster[0])
	for _, c := range []struct {
		name string
		file []byte
		now  time.Time
		want error
	}{
		{"good", good, day, nil},
		{"clock before the case was made", good, day.AddDate(-20, 0, 0), nil},
		{"signed by another authority", sign(t, example(), foreign), day, ErrUnknownSigner},
		{"signed for training", sign(t, example(), drill), day, ErrUnknownSigner},
		{"bare case", bare, day, ErrUnsigned},
		{"no signature in it", unsigned, day, ErrUnsigned},
		{"expired", good, day.AddDate(0, 2, 0), ErrExpired},
		{"cut off", good[:len(good)/2], day, ErrDamaged},
		{"empty", nil, day, ErrDamaged},
		{"unknown member", raw(t, m, ours), day, ErrDamaged},
		{"other rule pack", raw(t, other, ours), day, ErrRulePack},
		{"says training under a real root", raw(t, lie, ours), day, ErrUnknownSigner},
		{"double asset number", raw(t, double, ours), day, ErrDamaged},
	} {
		trust := keys.Trust{Roots: keysOf(ours)}
		l, err := Load(c.file, trust, c.now)
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && (l.ID != "R8-012" || len(l.Hash) != 64 || len(l.Unprintable) > 0) {
			t.Errorf("%s: %+v", c.name, l)
		}
	}
}

// TestEveryByteCounts: no byte of the file may change.
func TestEveryByteCounts(t *testing.T) {
	r := root(t, keys.Authority)
	good := sign(t, example(), r)
	trust := keys.Trust{Roots: keysOf(r)}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, err := Load(bad, trust, day); err == nil {
			t.Fatalf("byte %d (%q) changed, and the case loads", i, good[i])
		}
	}
}

func TestTraining(t *testing.T) {
	r := root(t, keys.Training)
	l, err := Load(sign(t, example(), r), keys.Trust{Roots: keysOf(r)}, day)
	if err != nil || !l.Training {
		t.Errorf("training %v, %v", l.Training, err)
	}
}

func TestSignRefuses(t *testing.T) {
	r := root(t, keys.Authority)
	sign(t, example(), r) // skips where there are no fonts
	for name, edit := range map[string]func(*Case){
		"id with a slash":           func(c *Case) { c.ID = "R8/1" },
		"id with two dashes":        func(c *Case) { c.ID = "R8--1" },
		"no addressee":              func(c *Case) { c.Addressee = " " },
		"name without glyph":        func(c *Case) { c.People[0].Name = "\U0001F600" },
		"line feed in a name":       func(c *Case) { c.Contractor.Name = "a\nb" },
		"not classified":            func(c *Case) { c.Roster[0].Category.System = "" },
		"unattended without serial": func(c *Case) { c.Unattended, c.Roster[0].Media = true, nil },
		"term before creation":      func(c *Case) { c.ValidUntil = day.AddDate(0, 0, -1) },
		"unknown role":              func(c *Case) { c.People[0].Role = "boss" },
		"person twice":              func(c *Case) { c.People = append(c.People, c.People[0]) },
		"medium twice":              func(c *Case) { c.Roster[0].Media = append(c.Roster[0].Media, c.Roster[0].Media[0]) },
		"unknown afterwards":        func(c *Case) { c.Afterwards = "explode" },
		"short nonce":               func(c *Case) { c.Nonce = "00" },
		"unknown rule pack":         func(c *Case) { c.RulePack.ID = "x" },
	} {
		c := example()
		edit(&c)
		if _, err := Sign(c, r); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func keysOf(p keys.Pair) (out []*x509.Certificate) { return append(out, p.Cert) }

func FuzzLoad(f *testing.F) {
	// Fuzzing runs in several processes: a case made anew would differ in each.
	const vectors = "../verify/testdata/v1/"
	good, err := os.ReadFile(vectors + "case.dsse.json")
	if err != nil {
		f.Fatal(err)
	}
	pem, err := os.ReadFile(vectors + "root.pem")
	if err != nil {
		f.Fatal(err)
	}
	trust, err := keys.ParseTrust(pem)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := Load(good, trust, day); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"payloadType":"x","payload":"e30=","signatures":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := Load(b, trust, day); err == nil && l.ID != "R8-012" {
			t.Fatal("a case that nobody signed")
		}
	})
}
