package verify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

func text(b []byte) string { return string(b) }

// edit replaces bytes of the finished file.
func edit(old, new string) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, _ sample.Authority, good []byte) []byte {
		t.Helper()
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("no %q in the file", old)
		}
		return bytes.Replace(bytes.Clone(good), []byte(old), []byte(new), 1)
	}
}

func onePage(now map[int]pdf.Object) pdf.Object {
	for _, o := range now {
		if strings.Contains(o.Body, "/Type /Page\n") {
			return o
		}
	}
	return pdf.Object{}
}

// tamperTable is what an adversary does to a file; TestTampered says what each
// ends with.
var tamperTable = []tampered{
	// Page
	{"page content exchanged", rebuilt(func(o []pdf.Object) []pdf.Object { o[len(o)-1-countFrom(o)].Stream = []byte("x"); return o }), PageDiffers},
	{"page removed from the tree", rebuilt(replaceBody("/Count 4", "/Count 3")), PageDiffers},
	{"page size changed", rebuilt(replaceBody("841.89", "741.89")), PageDiffers},
	{"font exchanged", rebuilt(replaceBody("/BaseFont /MASSHO+BIZUDPGothic-Bold", "/BaseFont /Helvetica")), PageDiffers},
	{"text behind the page (ToUnicode)", rebuilt(func(o []pdf.Object) []pdf.Object {
		for i := range o {
			if bytes.HasPrefix(o[i].Stream, []byte("/CIDInit")) {
				o[i].Stream = bytes.Replace(o[i].Stream, []byte("<62B9>"), []byte("<6D88>"), 1) // 抹 → 消
			}
		}
		return o
	}), PageDiffers},
	{"annotation put on a page", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /Annots [<< /Type /Annot /Subtype /FreeText /Rect [0 0 600 800] >>]\n")), PageDiffers},
	{"object added", rebuilt(func(o []pdf.Object) []pdf.Object {
		return append(o, pdf.Object{Num: len(o) + 1, Body: "<< /Type /Metadata >>"})
	}), PageDiffers},
	{"script added", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /OpenAction << /S /JavaScript /JS (x) >>")), PageDiffers},
	{"title changed", rebuilt(replaceBody("/Title <FEFF", "/Title <FEFF0041")), PageDiffers},
	{"metadata changed", rebuilt(func(o []pdf.Object) []pdf.Object {
		i := find(o, "/Type /Metadata")
		o[i].Stream = bytes.Replace(o[i].Stream, []byte("<dc:title>"), []byte("<dc:titel>"), 1)
		return o
	}), PageDiffers},
	{"language changed", rebuilt(replaceBody("/Lang (ja)", "/Lang (en)")), PageDiffers},
	{"optional content hides the page", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /OCProperties << /D << /BaseState /OFF >> >>")), PageDiffers},
	{"size of attachment misreported", rebuilt(func(o []pdf.Object) []pdf.Object { return replaceBody("/Size ", "/Size 1")(o) }), PageDiffers},

	// Attachments
	{"statement of another medium", attach(2, func(t *testing.T, a sample.Authority) []byte {
		return envelope(t, a.Statement(rules.Row3), a.Stick)
	}), SchemaViolated},
	{"statement signed by another key", attach(2, func(t *testing.T, a sample.Authority) []byte {
		return envelope(t, a.Statement(rules.Row2), sample.New(t, false).Stick)
	}), PageDiffers},
	{"statement is no envelope", attach(2, func(*testing.T, sample.Authority) []byte { return []byte("{}") }), PageDiffers},
	{"statement of another format", attach(2, func(t *testing.T, a sample.Authority) []byte {
		return signedJSON(t, `{"_type":"x"}`, a.Stick)
	}), SchemaViolated},
	{"case of another authority", attach(0, func(t *testing.T, _ sample.Authority) []byte { return sample.New(t, false).Case }), CaseDiffers},
	{"case is garbage", attach(0, func(*testing.T, sample.Authority) []byte { return []byte("x") }), CaseDiffers},
	{"journal is garbage", attach(1, func(*testing.T, sample.Authority) []byte { return []byte("x") }), JournalDiffers},
	{"journal of another run", attach(1, func(t *testing.T, a sample.Authority) []byte {
		s := a.Statement(rules.Row3)
		return sample.Journal(t, &s)
	}), JournalDiffers},
	{"journal cut off", attach(1, func(t *testing.T, a sample.Authority) []byte {
		s := a.Statement(rules.Row2)
		log := sample.Journal(t, &s)
		return log[:len(log)-512]
	}), JournalDiffers},
	{"attachment renamed", rebuilt(replaceBody("/F (statement.dsse.json)", "/F (statement.txt)")), PageDiffers},
	{"attachment twice", rebuilt(func(o []pdf.Object) []pdf.Object {
		i := find(o, "/F (journal.massho)")
		o[i].Body = strings.Replace(o[i].Body, "journal.massho", "case.dsse.json", 1)
		return o
	}), PageDiffers},
	{"something behind a packed attachment", rebuilt(func(o []pdf.Object) []pdf.Object {
		i := find(o, "/Type /EmbeddedFile")
		o[i].Stream = append(bytes.Clone(o[i].Stream), 'x')
		return o
	}), PageDiffers},
	{"statement not attached", rebuilt(replaceBody("/Type /Filespec /F (statement", "/Type /Filespek /F (statement")), PageDiffers},

	// Signature
	{"signature blanked", edit("/Contents <30", "/Contents <00"), Altered},
	{"byte range widened", edit("/ByteRange [0 0", "/ByteRange [1 0"), Altered},
	{"byte range of all", edit("/ByteRange [0 ", "/ByteRange [9 "), Altered},
	{"sub filter changed", edit("/ETSI.CAdES.detached", "/adbe.pkcs7.detachedx"), Altered},
	{"signer's name changed", edit("/Name <FEFF006D", "/Name <FEFF006E"), Altered},
	{"signing time changed", edit("/M (D:2026", "/M (D:2025"), Altered},
	{"docmdp loosened", edit("/P 2 /V /1.2", "/P 3 /V /1.2"), Altered},
	{"field renamed", edit("/T (stick)", "/T (stock)"), Altered},
	{"field made visible", edit("/Rect [0 0 0 0]", "/Rect [0 0 9 9]"), Altered},
	{"certificate's byte changed", edit("06035504", "06035505"), Altered},

	// Revisions
	{"space behind the end", func(_ *testing.T, _ sample.Authority, g []byte) []byte { return append(bytes.Clone(g), ' ') }, Altered},
	{"comment behind the end", func(_ *testing.T, _ sample.Authority, g []byte) []byte { return append(bytes.Clone(g), "%x\n"...) }, Altered},
	{"empty revision", appended(func(map[int]pdf.Object, int) []pdf.Object { return nil }), Altered},
	{"page replaced by a revision", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		p := onePage(now)
		p.Body = strings.Replace(p.Body, "/Contents", "/Kontents", 1)
		return []pdf.Object{p}
	}), Altered},
	{"page hidden behind another (hide)", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		p := onePage(now)
		p.Body = strings.Replace(p.Body, "/Type /Page\n", "/Type /Page /Annots [<< /Subtype /Stamp /Rect [0 0 600 850] >>]\n", 1)
		return []pdf.Object{p}
	}), Altered},
	{"catalog replaced (hide and replace)", appended(func(now map[int]pdf.Object, root int) []pdf.Object {
		return []pdf.Object{{Num: root, Body: strings.Replace(now[root].Body, "/Pages 2 0 R", "/Pages 99 0 R", 1)}}
	}), Altered},
	{"font replaced by a revision", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{{Num: 6, Body: now[6].Body, Stream: []byte("x")}}
	}), Altered},
	{"form field added", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{{Num: 90, Body: "<< /FT /Tx /T (x) /V (valid) >>"}}
	}), Altered},
	{"info replaced", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{{Num: 91, Body: "<< /Title (x) >>"}}
	}), Altered},
	{"xref points back", func(_ *testing.T, _ sample.Authority, g []byte) []byte {
		return append(bytes.Clone(g), fmt.Sprintf("startxref\n%d\n%%%%EOF\n", pdf.PrevOf(g))...)
	}, Altered},
	{"cut in the last revision", func(_ *testing.T, _ sample.Authority, g []byte) []byte { return g[:len(g)-1] }, Altered},
	{"countersigned by a stick", signAnd("witness-1", keys.Holder{Kind: keys.Stick, Case: "R8-012", Stick: "S1"}), UnknownSigner},
	{"countersigned by the witness", signAnd("witness-1", keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"}), Valid},
	{"countersignature of another authority", func(t *testing.T, _ sample.Authority, g []byte) []byte {
		return signAnd("witness-1", keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"})(t, sample.New(t, false), g)
	}, UnknownSigner},
	{"countersignature altered", func(t *testing.T, a sample.Authority, g []byte) []byte {
		b := signAnd("witness-1", keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"})(t, a, g)
		b[len(b)-900] ^= 1
		return b
	}, Altered},
	{"countersigned, then the page replaced", func(t *testing.T, a sample.Authority, g []byte) []byte {
		b := signAnd("witness-1", keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"})(t, a, g)
		return appended(func(now map[int]pdf.Object, _ int) []pdf.Object { return []pdf.Object{onePage(now)} })(t, a, b)
	}, Altered},

	// Signed by the thief of a stick's key, page and statement in harmony
	{"statement not in canonical form", func(t *testing.T, a sample.Authority, g []byte) []byte {
		payload, err := certs.Payload(parsed(t, g))
		if err != nil {
			t.Fatal(err)
		}
		s := a.Statement(rules.Row2)
		env, err := dsse.Sign(certs.PayloadType, append(payload, '\n'), a.Stick.Key)
		if err != nil {
			t.Fatal(err)
		}
		return compose(t, a, payload, [][]byte{a.Case, sample.Journal(t, &s), env})
	}, SchemaViolated},
}

// countFrom is how far from the end the last page's content lies.
func countFrom(o []pdf.Object) int {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Body == "<<\n/Filter/FlateDecode\n>>" {
			return len(o) - 1 - i
		}
	}
	return 0
}

func envelope(t *testing.T, s certs.Statement, by keys.Pair) []byte {
	t.Helper()
	payload, err := certs.Payload(s)
	if err != nil {
		t.Fatal(err)
	}
	return signedJSON(t, text(payload), by)
}

func signedJSON(t *testing.T, payload string, by keys.Pair) []byte {
	t.Helper()
	env, err := dsse.Sign(certs.PayloadType, []byte(payload), by.Key)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// TestTampered: each ends in a refusal with its own code, but for the ones that
// say Valid, which keep the others honest.
func TestTampered(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	good := a.Issue(t, a.Statement(rules.Row2))
	o := options(a)
	all, seen, refused := append(append(append([]tampered{}, tamperTable...), shadowTable...), partsTable...), map[string]bool{}, 0
	for _, c := range all {
		if seen[c.name] {
			t.Errorf("%s: twice", c.name)
		}
		seen[c.name] = true
		b := c.make(t, a, bytes.Clone(good))
		if bytes.Equal(b, good) {
			t.Errorf("%s: nothing was changed", c.name)
			continue
		}
		r := File(c.name, b, o)
		if r.Code != c.want {
			t.Errorf("%s: %d, want %d\n%s", c.name, r.Code, c.want, r.Text())
		}
		if r.Code != Valid {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("only %d of %d are refused", refused, len(all))
	}
}
