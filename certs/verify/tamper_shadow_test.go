package verify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// shadowTable is the shadow attacks on signed PDF (Mainka, Mladenov, Rohlmann:
// Shadow Attacks, NDSS 2021; and their kin: incremental saving, signature
// wrapping, universal forgery of 2019). Each has two halves: a file prepared
// before it is signed, which redrawing the page uncovers, and an update behind
// the signature, which no program of ours writes.
var shadowTable = []tampered{
	// Hide: something lies over the content that was signed, and is taken away.
	{"hide: prepared with a white picture over the verdict", rebuilt(pageContent("q 1 1 1 rg 40 500 515 200 re f Q\n", true)), PageDiffers},
	{"hide: the cover is removed by an update", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		p := onePage(now)
		p.Body = strings.Replace(p.Body, "/Contents", "/Contents [] /Kontents", 1)
		return []pdf.Object{p}
	}), Altered},
	{"hide: prepared with an annotation over the page", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /Annots [99 0 R]\n")), PageDiffers},
	{"hide: prepared in an optional content group", rebuilt(pageContent("/OC /Cover BDC q 1 g 0 0 595 842 re f Q EMC\n", true)), PageDiffers},
	{"hide: the group is switched by an update", appended(func(now map[int]pdf.Object, root int) []pdf.Object {
		return []pdf.Object{{Num: root, Body: strings.Replace(now[root].Body, "/Type /Catalog", "/Type /Catalog /OCProperties << /D << /BaseState /OFF >> /OCGs [] >>", 1)}}
	}), Altered},
	{"hide: the covering object is freed in the table", freed, Altered},
	{"hide: content behind the page's edge (CropBox)", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /CropBox [0 0 595 400]\n")), PageDiffers},
	{"hide: content turned away (Rotate)", rebuilt(replaceBody("/Type /Page\n", "/Type /Page /Rotate 180\n")), PageDiffers},

	// Replace: what is shown is exchanged, and nothing of it was covered.
	{"replace: prepared with a form field over a value", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /AcroForm << /Fields [99 0 R] /NeedAppearances true >>")), PageDiffers},
	{"replace: the field's value changes in an update", appended(func(map[int]pdf.Object, int) []pdf.Object {
		return []pdf.Object{{Num: 97, Body: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (outcome) /V (completed) /Rect [0 0 500 20] >>"}}
	}), Altered},
	{"replace: NeedAppearances set by an update", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{changed(now, "/SigFlags 3", "/SigFlags 3 /NeedAppearances true")}
	}), Altered},
	{"replace: XFA put into the form", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{changed(now, "/SigFlags 3", "/SigFlags 3 /XFA (x)")}
	}), Altered},
	{"replace: a font's outlines exchanged before signing", rebuilt(streamOf("/Length1", func(b []byte) []byte { return append([]byte{0}, b[1:]...) })), PageDiffers},
	{"replace: a font's outlines exchanged by an update", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		o := changed(now, "/Length1", "/Length1")
		o.Stream = []byte("x")
		return []pdf.Object{o}
	}), Altered},
	{"replace: the widths of a font changed", rebuilt(replaceBody("/W [", "/W [1 [900] ")), PageDiffers},
	{"replace: another encoding of the letters", rebuilt(replaceBody("/Identity-H", "/Identity-V")), PageDiffers},
	{"replace: the signature's own widget gets a picture", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{changed(now, "/Rect [0 0 0 0]", "/Rect [0 0 595 842] /AP << /N 6 0 R >>")}
	}), Altered},

	// Hide and replace: a second document lies in the first.
	{"hide and replace: prepared with a second page tree", rebuilt(func(o []pdf.Object) []pdf.Object {
		return append(o, pdf.Object{Num: len(o) + 1, Body: "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"})
	}), PageDiffers},
	{"hide and replace: prepared with a second catalog", rebuilt(func(o []pdf.Object) []pdf.Object {
		return append(o, pdf.Object{Num: len(o) + 1, Body: strings.Replace(o[0].Body, "/Lang (ja)", "/Lang (en)", 1)})
	}), PageDiffers},
	{"hide and replace: the trailer of an update names another catalog", rooted(2), Altered},
	{"hide and replace: the page tree is exchanged by an update", appended(func(now map[int]pdf.Object, _ int) []pdf.Object {
		return []pdf.Object{{Num: 2, Body: strings.Replace(now[2].Body, "/Count", "/Kount", 1)}}
	}), Altered},
	{"hide and replace: the catalog points at other pages", appended(func(now map[int]pdf.Object, root int) []pdf.Object {
		return []pdf.Object{{Num: root, Body: strings.Replace(now[root].Body, "/Pages 2 0 R", "/Pages 98 0 R", 1)}, {Num: 98, Body: "<< /Type /Pages /Count 0 /Kids [] >>"}}
	}), Altered},
	{"hide and replace: attachments of another paper by an update", appended(func(now map[int]pdf.Object, root int) []pdf.Object {
		return []pdf.Object{{Num: root, Body: strings.Replace(now[root].Body, "/EmbeddedFiles", "/EmbeddedPhiles", 1)}}
	}), Altered},
	{"hide and replace: a whole paper behind the signed one", func(t *testing.T, a sample.Authority, g []byte) []byte {
		return append(bytes.Clone(g), a.Issue(t, a.Statement(rules.Row3))...)
	}, Altered},
	{"hide and replace: a whole paper before the signed one", func(t *testing.T, a sample.Authority, g []byte) []byte {
		return append(a.Issue(t, a.Statement(rules.Row3)), g...)
	}, Altered},
	{"hide and replace: signature of another paper", transplanted, Altered},

	// Signature wrapping and exclusion.
	{"wrapping: the gap of the byte range grows", edit("/ByteRange [0 00", "/ByteRange [0 01"), Altered},
	{"exclusion: the contents are emptied", func(t *testing.T, _ sample.Authority, g []byte) []byte {
		t.Helper()
		at := bytes.Index(g, []byte("/Contents <"))
		out := bytes.Clone(g)
		for i := at + len("/Contents <"); out[i] != '>'; i++ {
			out[i] = '0'
		}
		return out
	}, Altered},
	{"exclusion: the byte range is taken away", edit("/ByteRange [0 ", "/ByteRanje [0 "), Altered},
	{"exclusion: signature field without value", edit(" /V ", " /W "), Altered},
	{"certification taken back by an update", appended(func(now map[int]pdf.Object, root int) []pdf.Object {
		return []pdf.Object{{Num: root, Body: strings.Replace(now[root].Body, "/Perms", "/Permz", 1)}}
	}), Altered},
	{"certification: signed without DocMDP", rebuilt(replaceBody("/Type /Catalog", "/Type /Catalog /Perms << >>")), PageDiffers},
	{"the same field signed twice", func(t *testing.T, a sample.Authority, g []byte) []byte {
		h := keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"}
		return signAnd("witness-1", h)(t, a, signAnd("witness-1", h)(t, a, g))
	}, Altered},
	{"countersigned as the stick", signAnd("stick", keys.Holder{Kind: keys.Staff, ID: "w1", Role: "witness"}), Altered},
	{"a store that nothing covers", func(t *testing.T, a sample.Authority, g []byte) []byte {
		b, err := pades.AppendStore(g, pades.Store{Certs: append(a.Signer().Chain[:0:0], a.Root.Cert)})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}, Altered},
}

// pageContent puts drawing operators before or behind the first page's content.
func pageContent(ops string, behind bool) func([]pdf.Object) []pdf.Object {
	return func(o []pdf.Object) []pdf.Object {
		i := len(o) - 1 - countFrom(o)
		data, err := pdf.Unpack(o[i].Stream)
		if err != nil {
			panic(err) // the sample's own file
		}
		if behind {
			data = append(data, ops...)
		}
		o[i].Stream = zip(data)
		return o
	}
}

// streamOf changes the stream of the first object whose dictionary holds mark.
func streamOf(mark string, f func([]byte) []byte) func([]pdf.Object) []pdf.Object {
	return func(o []pdf.Object) []pdf.Object {
		i := find(o, mark)
		o[i].Stream = f(bytes.Clone(o[i].Stream))
		return o
	}
}

// changed is the object that holds old, with new in its place.
func changed(now map[int]pdf.Object, old, new string) pdf.Object {
	for _, o := range now {
		if strings.Contains(o.Body, old) {
			o.Body = strings.Replace(o.Body, old, new, 1)
			return o
		}
	}
	panic("no object holds " + old)
}

// rooted appends an update whose trailer names another catalog.
func rooted(root int) func(*testing.T, sample.Authority, []byte) []byte {
	return func(t *testing.T, _ sample.Authority, good []byte) []byte {
		t.Helper()
		sections, err := pdf.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		tr := sections[len(sections)-1].Trailer
		tr.Prev, tr.Size, tr.Root = pdf.PrevOf(good), tr.Size+1, root
		return pdf.Append(good, pdf.Section{Objects: []pdf.Object{{Num: tr.Size - 1, Body: "<< >>"}}, Trailer: tr})
	}
}

// freed appends a table that frees an object.
func freed(_ *testing.T, _ sample.Authority, good []byte) []byte {
	start := len(good)
	s := fmt.Sprintf("xref\n6 1\n0000000000 00001 f \ntrailer\n<< /Size 7 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", pdf.PrevOf(good), start)
	return append(bytes.Clone(good), s...)
}

// transplanted puts the CMS of one paper into another's.
func transplanted(t *testing.T, a sample.Authority, good []byte) []byte {
	t.Helper()
	other := a.Issue(t, a.Statement(rules.Row3))
	cut := func(b []byte) (int, int) {
		from := bytes.Index(b, []byte("/Contents <")) + len("/Contents <")
		return from, from + bytes.IndexByte(b[from:], '>')
	}
	i, j := cut(good)
	k, l := cut(other)
	return append(append(bytes.Clone(good[:i]), other[k:l]...), good[j:]...)
}
