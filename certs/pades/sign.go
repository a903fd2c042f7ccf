package pades

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pdf"
)

// Sign appends one signature to file as an incremental update.
func Sign(file []byte, info Info, s keys.Pair, issuers ...*x509.Certificate) ([]byte, error) {
	sections, err := pdf.Read(file)
	if err != nil {
		return nil, fmt.Errorf("pades: sign %s: %w", info.Field, err)
	}
	u, err := prepare(file, sections, info.update())
	if err != nil {
		return nil, err
	}
	cms, err := signCMS(u.covered(u.file), s, issuers)
	if err != nil {
		return nil, err
	}
	return u.fill(cms)
}

// update describes a revision with something signed in it.
type update struct {
	field string
	room  int                     // bytes reserved for the CMS
	body  func(first bool) string // of the signature dictionary; first: it certifies the document
}

// update of a signature.
func (i Info) update() update {
	return update{i.Field, reserved, func(first bool) string { return sigBody(i, first) }}
}

// prepared is a file with an update whose CMS is still zeros.
type prepared struct {
	update
	file []byte
	at   int // offset of the /Contents string
}

// covered is everything of a file of this form but the /Contents string.
func (p prepared) covered(file []byte) []byte {
	return append(append([]byte{}, file[:p.at]...), file[p.at+2+2*p.room:]...)
}

// fill puts the CMS into its place.
func (p prepared) fill(cms []byte) ([]byte, error) {
	if len(cms) > p.room {
		return nil, fmt.Errorf("pades: sign %s: %d bytes of signature, %d reserved", p.field, len(cms), p.room)
	}
	hex.Encode(p.file[p.at+1:], cms)
	return p.file, nil
}

const rangeForm = "/ByteRange [0 %010d %010d %010d]"

var (
	fieldsEntry = regexp.MustCompile(`^<< /Fields \[((?: \d+ 0 R)*) \] /SigFlags 3 >>$`)
	acroEntry   = regexp.MustCompile(` /AcroForm (\d+) 0 R`)
	kidsEntry   = regexp.MustCompile(`/Kids \[\s*(\d+) 0 R`)
	annotsEntry = regexp.MustCompile(`\s*/Annots \[[ 0-9R]*\]`)
	fieldName   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)
)

// prepare appends the update with zeros in place of the CMS. It is a pure
// function: Check calls it again.
func prepare(file []byte, sections []pdf.Section, u update) (prepared, error) {
	if !fieldName.MatchString(u.field) {
		return prepared{}, fmt.Errorf("pades: field name %q", u.field)
	}
	if len(sections) == 0 {
		return prepared{}, fmt.Errorf("pades: empty file")
	}
	now := pdf.Latest(sections)
	t := sections[len(sections)-1].Trailer
	sig, widget := t.Size, t.Size+1
	t.Size, t.Prev = t.Size+2, pdf.PrevOf(file)

	form, fields, catalog, err := acroForm(now, &t, sig)
	if err != nil {
		return prepared{}, err
	}
	fields += fmt.Sprintf(" %d 0 R", widget)
	page, err := firstPage(now)
	if err != nil {
		return prepared{}, err
	}
	page.Body = strings.TrimSuffix(annotsEntry.ReplaceAllString(page.Body, ""), ">>") + "/Annots [" + fields + " ]\n>>"

	objects := []pdf.Object{page,
		{Num: sig, Body: u.body(catalog != nil)},
		{Num: widget, Body: fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /V %d 0 R /P %d 0 R /Rect [0 0 0 0] /F 132 >>",
			u.field, sig, page.Num)}}
	acro := pdf.Object{Num: form, Body: "<< /Fields [" + fields + " ] /SigFlags 3 >>"}
	if catalog != nil {
		objects = append([]pdf.Object{*catalog}, append(objects, acro)...)
	} else {
		objects = insert(objects, acro)
	}
	out := pdf.Append(file, pdf.Section{Objects: objects, Trailer: t})
	at := len(file) + strings.Index(string(out[len(file):]), "/Contents <") + len("/Contents ")
	after := at + 2 + 2*u.room
	have := fmt.Sprintf(rangeForm, 0, 0, 0)
	want := fmt.Sprintf(rangeForm, at, after, len(out)-after)
	out = []byte(string(out[:len(file)]) + strings.Replace(string(out[len(file):]), have, want, 1))
	return prepared{u, out, at}, nil
}

// acroForm returns number and fields of the form, and for the first signature
// the catalog that must be written with it.
func acroForm(now map[int]pdf.Object, t *pdf.Trailer, sig int) (int, string, *pdf.Object, error) {
	catalog := now[t.Root]
	if m := acroEntry.FindStringSubmatch(catalog.Body); m != nil {
		var num int
		if _, err := fmt.Sscan(m[1], &num); err != nil {
			return 0, "", nil, fmt.Errorf("pades: catalog: %w", err)
		}
		f := fieldsEntry.FindStringSubmatch(now[num].Body)
		if f == nil {
			return 0, "", nil, fmt.Errorf("pades: form of another make")
		}
		return num, f[1], nil, nil
	}
	num := t.Size
	t.Size++
	if !strings.HasSuffix(catalog.Body, " >>") {
		return 0, "", nil, fmt.Errorf("pades: catalog of another make")
	}
	catalog.Body = strings.TrimSuffix(catalog.Body, ">>") +
		fmt.Sprintf("/AcroForm %d 0 R /Perms << /DocMDP %d 0 R >> >>", num, sig)
	return num, "", &catalog, nil
}

func firstPage(now map[int]pdf.Object) (pdf.Object, error) {
	for _, o := range now {
		if !strings.Contains(o.Body, "/Type /Pages") {
			continue
		}
		m := kidsEntry.FindStringSubmatch(o.Body)
		var num int
		if m == nil {
			break
		}
		if _, err := fmt.Sscan(m[1], &num); err != nil {
			break
		}
		if p, ok := now[num]; ok && strings.HasSuffix(p.Body, ">>") {
			return p, nil
		}
		break
	}
	return pdf.Object{}, fmt.Errorf("pades: no first page")
}

// insert keeps the objects in ascending order.
func insert(objects []pdf.Object, o pdf.Object) []pdf.Object {
	for i, x := range objects {
		if x.Num > o.Num {
			return append(objects[:i:i], append([]pdf.Object{o}, objects[i:]...)...)
		}
	}
	return append(objects, o)
}

// sigBody is the signature dictionary (ISO 32000-2 §12.8.1).
func sigBody(info Info, first bool) string {
	s := "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached " +
		fmt.Sprintf(rangeForm, 0, 0, 0) +
		" /Contents <" + strings.Repeat("0", 2*reserved) + ">" +
		" /M " + pdf.Date(info.Time) + " /Name " + pdf.Text(info.Name) + " /Reason " + pdf.Text(info.Reason)
	if first {
		s += " /Reference [ << /Type /SigRef /TransformMethod /DocMDP" +
			" /TransformParams << /Type /TransformParams /P 2 /V /1.2 >> >> ]"
	}
	return s + " >>"
}
