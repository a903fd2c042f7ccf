package verify

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// partsTable is changes to attachments, and to what holds a PDF together.
var partsTable = []tampered{
	// Swapped attachments
	{"case and journal exchanged", rebuilt(func(o []pdf.Object) []pdf.Object {
		i, j := find(o, "/F (case.dsse.json)"), find(o, "/F (journal.massho)")
		o[i].Body = strings.Replace(o[i].Body, "/F (case.dsse.json)", "/F (journal.massho)", 1)
		o[j].Body = strings.Replace(o[j].Body, "/F (journal.massho)", "/F (case.dsse.json)", 1)
		return o
	}), PageDiffers},
	{"the bytes of case and journal exchanged", rebuilt(func(o []pdf.Object) []pdf.Object {
		i, j := find(o, "/Type /EmbeddedFile"), -1
		for k := i + 1; k < len(o); k++ {
			if strings.Contains(o[k].Body, "/Type /EmbeddedFile") {
				j = k
				break
			}
		}
		o[i].Stream, o[j].Stream = o[j].Stream, o[i].Stream
		return o
	}), PageDiffers},
	{"statement of another paper of this stick", swapped(rules.Row3), PageDiffers},
	{"journal of another paper of this stick, page and all", attach(1, func(t *testing.T, a sample.Authority) []byte {
		s := a.Statement(rules.Row1)
		return sample.Journal(t, &s)
	}), JournalDiffers},
	{"journal left out", without(1), JournalDiffers},
	{"case left out", without(0), CaseDiffers},
	{"a fourth attachment", rebuilt(func(o []pdf.Object) []pdf.Object {
		spec := o[find(o, "/F (journal.massho)")].Body
		return append(o, pdf.Object{Num: len(o) + 1, Body: strings.Replace(spec, "/F (journal.massho)", "/F (extra.txt)", 1)})
	}), PageDiffers},
	{"the attachment's Unicode name differs", rebuilt(replaceBody("/UF <FEFF", "/UF <FEFF0041")), PageDiffers},
	{"the attachment's description changed", rebuilt(replaceBody("/Desc <FEFF", "/Desc <FEFF0041")), PageDiffers},
	{"the attachment's relation changed", rebuilt(replaceBody("/AFRelationship /Data", "/AFRelationship /Source")), PageDiffers},
	{"the attachment's type changed", rebuilt(replaceBody("/Subtype /application#2Fjson", "/Subtype /application#2Fpdf")), PageDiffers},
	{"the attachment lies in an outside file", rebuilt(replaceBody("/Type /EmbeddedFile", "/Type /EmbeddedFile /FFilter /FlateDecode")), PageDiffers},
	{"the attachment's date changed", rebuilt(replaceBody("/ModDate (D:2026", "/ModDate (D:2025")), PageDiffers},
	{"attachments taken from the catalog", rebuilt(replaceBody("/EmbeddedFiles", "/EmbeddedPhiles")), PageDiffers},
	{"a script in the name tree", rebuilt(replaceBody("/Names << /EmbeddedFiles", "/Names << /JavaScript << /Names [] >> /EmbeddedFiles")), PageDiffers},

	// Page and catalog
	{"page replaced by one of another size", rebuilt(replaceBody("595.28", "995.28")), PageDiffers},
	{"an action when the page opens", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /AA << /O << /S /URI /URI (http://x) >> >>\n")), PageDiffers},
	{"user unit enlarges the page", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /UserUnit 9\n")), PageDiffers},
	{"pages in another order", rebuilt(reordered), PageDiffers},
	{"a resource of the page exchanged", rebuilt(replaceBody("/Resources", "/Resourses")), PageDiffers},
	{"producer changed", rebuilt(replaceBody("/Producer <FEFF", "/Producer <FEFF0041")), PageDiffers},
	{"creation date changed", rebuilt(replaceBody("/CreationDate (D:2026", "/CreationDate (D:2025")), PageDiffers},
	{"a collection view hides the pages", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /Collection << /View /T >>")), PageDiffers},
	{"page labels added", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /PageLabels << /Nums [0 << /S /D >>] >>")), PageDiffers},

	// What holds the file together
	{"header of another version", edit("%PDF-1.7", "%PDF-1.6"), Unreadable},
	{"bytes before the header", func(_ *testing.T, _ sample.Authority, g []byte) []byte { return append([]byte("%x\n"), g...) }, Unreadable},
	{"encryption announced", edit(" /Info ", " /Enkr "), Altered},
	{"id changed", edit("/ID [<", "/ID [< "), Altered},
	{"table offset moved", edit("startxref\n", "startxref\n1"), Altered},
	{"an entry of the table points elsewhere", edit(" 00000 n \n", " 00001 n \n"), Altered},
	{"object number changed", edit("\n7 0 obj", "\n8 0 obj"), Altered},
	{"generation number changed", edit("\n7 0 obj", "\n7 1 obj"), Altered},
	{"a comment between objects", edit("endobj\n4 0 obj", "endobj\n%x\n4 0 obj"), Altered},
	{"length of a stream too small", edit("/Length 1", "/Length 2"), Altered},
	{"an object twice in one revision", func(_ *testing.T, _ sample.Authority, g []byte) []byte {
		at := bytes.Index(g, []byte("4 0 obj"))
		end := at + bytes.Index(g[at:], []byte("endobj\n")) + len("endobj\n")
		return append(append(bytes.Clone(g[:end]), g[at:end]...), g[end:]...)
	}, Altered},
	{"a hybrid table (XRefStm)", edit(" /Prev ", " /XRefStm 9 /Prev "), Altered},
	{"the first end of file removed", edit("%%EOF\n", "%%EOR\n"), Altered},
	{"the file cut between two revisions", func(t *testing.T, _ sample.Authority, g []byte) []byte { return g[:unsignedEnd(t, g)] }, Unsigned},
	{"an update in another line ending", func(_ *testing.T, _ sample.Authority, g []byte) []byte {
		return append(bytes.Clone(g), fmt.Sprintf("\r\nxref\r\n0 0\r\ntrailer\r\n<< /Size 9 /Root 1 0 R /Prev %d >>\r\nstartxref\r\n%d\r\n%%%%EOF\r\n", pdf.PrevOf(g), len(g)+2)...)
	}, Altered},
	{"a cross-reference stream behind the end", func(_ *testing.T, _ sample.Authority, g []byte) []byte {
		return append(bytes.Clone(g), fmt.Sprintf("99 0 obj\n<< /Type /XRef /Size 100 /Root 1 0 R /W [1 2 1] /Length 0 >>\nstream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(g))...)
	}, Altered},
}

// swapped puts the envelope of another good paper of the same stick in, and
// signs the file with the stolen key; page and catalog stay.
func swapped(row rules.Row) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, a sample.Authority, good []byte) []byte {
		t.Helper()
		other, err := pdf.Read(a.Issue(t, a.Statement(row)))
		if err != nil {
			t.Fatal(err)
		}
		files, err := pdf.Attached(other[0])
		if err != nil {
			t.Fatal(err)
		}
		return rebuilt(func(o []pdf.Object) []pdf.Object {
			for i := len(o) - 1; i >= 0; i-- {
				if strings.Contains(o[i].Body, "/Type /EmbeddedFile") {
					o[i].Stream = files[certs.AttachedStatement].Packed
					return o
				}
			}
			return o
		})(t, a, good)
	}
}

// without draws the paper anew without one of its attachments.
func without(n int) func(*testing.T, sample.Authority, []byte) []byte {
	return attach(n, func(*testing.T, sample.Authority) []byte { return nil })
}

func reordered(o []pdf.Object) []pdf.Object {
	i := find(o, "/Type /Pages")
	at := strings.Index(o[i].Body, "/Kids [")
	rest := o[i].Body[at+len("/Kids ["):]
	end := strings.Index(rest, "]")
	kids := strings.Fields(rest[:end])
	kids[0], kids[3] = kids[3], kids[0]
	o[i].Body = o[i].Body[:at] + "/Kids [" + strings.Join(kids, " ") + rest[end:]
	return o
}

// zip packs as gopdf does.
func zip(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(data)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
