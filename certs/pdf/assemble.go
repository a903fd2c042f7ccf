package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// Meta is what the file says of itself.
type Meta struct {
	Title   string
	Lang    string // BCP 47, e.g. "ja"
	Tool    string
	Created time.Time
	ID      string // 32 hex digits
}

// File is one attachment (ISO 32000-2 §7.11.4, §14.13).
type File struct {
	Name     string // ASCII
	MIME     string
	Relation string // AFRelationship: "Data", "Supplement", "Source"
	Desc     string
	Data     []byte
	Packed   []byte // the zlib stream of Data; made from it when nil
}

// Assemble makes the first section: the pages that gopdf wrote, with language,
// metadata and attachments. Names of files must be in ascending order.
func Assemble(pages []byte, meta Meta, files []File) ([]byte, error) {
	objects, err := ReadForeign(pages)
	if err != nil {
		return nil, err
	}
	for i := range objects {
		objects[i] = mendToUnicode(objects[i])
	}
	next := len(objects) + 1
	add := func(body string, stream []byte) int {
		objects = append(objects, Object{Num: next, Body: body, Stream: stream})
		next++
		return next - 1
	}
	var names, af strings.Builder
	for _, f := range files {
		if f.Packed == nil {
			if f.Packed, err = pack(f.Data); err != nil {
				return nil, err
			}
		}
		spec := attach(f, meta, add)
		fmt.Fprintf(&names, " (%s) %d 0 R", f.Name, spec)
		fmt.Fprintf(&af, " %d 0 R", spec)
	}
	xmp := add("<< /Type /Metadata /Subtype /XML >>", xmpPacket(meta))
	info := add(fmt.Sprintf("<< /Title %s /Creator %s /Producer %s /CreationDate %s /ModDate %s >>",
		Text(meta.Title), Text(meta.Tool), Text(meta.Tool), Date(meta.Created), Date(meta.Created)), nil)
	objects[0].Body = fmt.Sprintf("<< /Type /Catalog /Pages 2 0 R /Lang (%s) /Metadata %d 0 R "+
		"/ViewerPreferences << /DisplayDocTitle true >> "+
		"/Names << /EmbeddedFiles << /Names [%s ] >> >> /AF [%s ] >>", meta.Lang, xmp, names.String(), af.String())
	return Append(nil, Section{objects, Trailer{Size: next, Root: 1, Info: info, ID: meta.ID, Prev: -1}, 0}), nil
}

func attach(f File, meta Meta, add func(string, []byte) int) int {
	e := add(fmt.Sprintf("<< /Type /EmbeddedFile /Subtype /%s /Filter /FlateDecode /Params << /Size %d /ModDate %s >> >>",
		strings.ReplaceAll(f.MIME, "/", "#2F"), len(f.Data), Date(meta.Created)), f.Packed)
	return add(fmt.Sprintf("<< /Type /Filespec /F (%s) /UF %s /Desc %s /AFRelationship /%s /EF << /F %d 0 R /UF %d 0 R >> >>",
		f.Name, Text(f.Name), Text(f.Desc), f.Relation, e, e), nil)
}

func pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxUnpacked bounds what a packed stream may grow to.
const maxUnpacked = 512 << 20

// Unpack is the content of a zlib stream that must end where packed ends.
func Unpack(packed []byte) ([]byte, error) {
	r := bytes.NewReader(packed)
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err != nil {
		return nil, err
	}
	if len(out) > maxUnpacked || r.Len() > 0 {
		return nil, fmt.Errorf("pdf: stream is too large, or something follows its end")
	}
	return out, nil
}

// Date is t as a PDF date (ISO 32000-2 §7.9.4), in JST.
func Date(t time.Time) string {
	return t.In(jst).Format("(D:20060102150405+09'00)")
}

var jst = time.FixedZone("JST", 9*60*60)

func xmpPacket(m Meta) []byte {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	when := m.Created.In(jst).Format(time.RFC3339)
	return []byte(`<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + esc(m.Title) + `</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>` + esc(m.Lang) + `</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>` + when + `</xmp:CreateDate><xmp:ModifyDate>` + when + `</xmp:ModifyDate>
<xmp:CreatorTool>` + esc(m.Tool) + `</xmp:CreatorTool><pdf:Producer>` + esc(m.Tool) + `</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`)
}

var (
	bfRange = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4,6})>\n`)
	bfBlock = regexp.MustCompile(`(?s)\d+ beginbfrange\n(.*)endbfrange\n`)
)

// mendToUnicode repairs gopdf's character maps: characters beyond the BMP are
// UTF-16 pairs, and a block holds at most 100 ranges (Adobe Technical Note 5411).
func mendToUnicode(o Object) Object {
	m := bfBlock.FindSubmatchIndex(o.Stream)
	if m == nil || !bytes.HasPrefix(o.Stream, []byte("/CIDInit")) {
		return o
	}
	var out bytes.Buffer
	out.Write(o.Stream[:m[0]])
	all := bfRange.FindAllSubmatch(o.Stream[m[2]:m[3]], -1)
	for len(all) > 0 {
		n := min(len(all), 100)
		fmt.Fprintf(&out, "%d beginbfrange\n", n)
		for _, e := range all[:n] {
			var r rune
			if _, err := fmt.Sscanf(string(e[2]), "%X", &r); err != nil {
				return o // cannot happen: the expression admits hex digits only
			}
			fmt.Fprintf(&out, "<%s><%s><%s>\n", e[1], e[1], utf16Hex(r))
		}
		out.WriteString("endbfrange\n")
		all = all[n:]
	}
	out.Write(o.Stream[m[1]:])
	o.Stream = out.Bytes()
	return o
}
