package verify

import (
	"bytes"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// unsignedEnd is the end of the first section.
func unsignedEnd(t *testing.T, b []byte) int {
	t.Helper()
	s, err := pdf.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return s[0].End
}

// TestFlippedBits changes one bit at many places; what matters is spread over
// the whole file, so every kind of byte is hit.
func TestFlippedBits(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	b := a.Issue(t, a.Statement(rules.Row2))
	o := options(a)
	step := 4999
	if testing.Short() {
		step = 20011
	}
	for i := 0; i < len(b); i += step {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if r := File("x", bad, o); r.Code != Altered && r.Code != Unreadable {
			t.Fatalf("byte %d: code %d\n%s", i, r.Code, r.Text())
		}
	}
}

// tampered is a file that somebody changed without or with a key of ours.
type tampered struct {
	name string
	make func(t *testing.T, a sample.Authority, good []byte) []byte
	want Code
}

// resign signs the first section anew with a's stick, as a thief of its key
// would.
func resign(t *testing.T, a sample.Authority, file []byte, s certs.Statement) []byte {
	t.Helper()
	out, err := pades.Sign(file, certs.SignatureInfo(s, a.Stick.Cert), a.Stick, a.Root.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rebuilt lets f change the objects of the first section, then signs anew.
func rebuilt(f func(objects []pdf.Object) []pdf.Object) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, a sample.Authority, good []byte) []byte {
		t.Helper()
		sections, err := pdf.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		first := sections[0]
		first.Objects = f(first.Objects)
		first.Trailer.Size = len(first.Objects) + 1
		return resign(t, a, pdf.Append(nil, first), a.Statement(rules.Row2))
	}
}

// appended lets f make an update behind the file.
func appended(f func(now map[int]pdf.Object, root int) []pdf.Object) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, _ sample.Authority, good []byte) []byte {
		t.Helper()
		sections, err := pdf.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		tr := sections[len(sections)-1].Trailer
		objects := f(pdf.Latest(sections), tr.Root)
		tr.Prev, tr.Size = pdf.PrevOf(good), tr.Size+8
		return pdf.Append(good, pdf.Section{Objects: objects, Trailer: tr})
	}
}

// find returns the index of the first object whose body holds s.
func find(objects []pdf.Object, s string) int {
	for i, o := range objects {
		if bytes.Contains([]byte(o.Body), []byte(s)) {
			return i
		}
	}
	return -1
}

func replaceBody(old, new string) func([]pdf.Object) []pdf.Object {
	return func(objects []pdf.Object) []pdf.Object {
		i := find(objects, old)
		objects[i].Body = string(bytes.Replace([]byte(objects[i].Body), []byte(old), []byte(new), 1))
		return objects
	}
}

// attach packs other data into the i-th attachment (case, journal, statement).
func attach(n int, data func(t *testing.T, a sample.Authority) []byte) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, a sample.Authority, good []byte) []byte {
		t.Helper()
		s := a.Statement(rules.Row2)
		log := sample.Journal(t, &s)
		payload, err := certs.Payload(parsed(t, good))
		if err != nil {
			t.Fatal(err)
		}
		env, err := dsse.Sign(certs.PayloadType, payload, a.Stick.Key)
		if err != nil {
			t.Fatal(err)
		}
		parts := [][]byte{a.Case, log, env}
		parts[n] = data(t, a)
		return compose(t, a, payload, parts)
	}
}

func compose(t *testing.T, a sample.Authority, payload []byte, parts [][]byte) []byte {
	t.Helper()
	s, err := certs.ParsePayload(payload)
	if err != nil {
		t.Fatal(err)
	}
	set, err := fonts.Load()
	if err != nil {
		t.Fatal(err)
	}
	file, err := certs.Compose(&s, rules.Default(), payload, certs.Files(parts[2], parts[1], parts[0]), set)
	if err != nil {
		t.Fatal(err)
	}
	return resign(t, a, file, s)
}

// parsed reads the Statement out of a good file.
func parsed(t *testing.T, file []byte) certs.Statement {
	t.Helper()
	sections, err := pdf.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	att, err := attachments(sections[0])
	if err != nil {
		t.Fatal(err)
	}
	_, payload, err := dsse.Peek(att[certs.AttachedStatement].Data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := certs.ParsePayload(payload)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signAnd(field string, h keys.Holder) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, a sample.Authority, good []byte) []byte {
		t.Helper()
		p, err := keys.New(keys.Request{Holder: h, CommonName: "渡邉 一郎", NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(3, 0, 0)}, &a.Root)
		if err != nil {
			t.Fatal(err)
		}
		b, err := pades.Sign(good, pades.Info{Field: field, Name: "渡邉 一郎", Reason: "立会い", Time: sample.Day.AddDate(0, 0, 1)}, p, a.Root.Cert)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}
