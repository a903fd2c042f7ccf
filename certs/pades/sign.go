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
	out, at, err := prepare(file, sections, info)
	if err != nil {
		return nil, err
	}
	cms, err := signCMS(covered(out, at), s, issuers)
	if err != nil {
		return nil, err
	}
	if len(cms) > reserved {
		return nil, fmt.Errorf("pades: sign %s: %d bytes of signature, %d reserved", info.Field, len(cms), reserved)
	}
	hex.Encode(out[at+1:], cms)
	return out, nil
}

// covered is everything but the /Contents string that begins at at.
func covered(file []byte, at int) []byte {
	return append(append([]byte{}, file[:at]...), file[at+2+2*reserved:]...)
}

const rangeForm = "/ByteRange [0 %010d %010d %010d]"

var (
	fieldsEntry = regexp.MustCompile(`^<< /Fields \[((?: \d+ 0 R)*) \] /SigFlags 3 >>$`)
	acroEntry   = regexp.MustCompile(` /AcroForm (\d+) 0 R`)
	kidsEntry   = regexp.MustCompile(`/Kids \[\s*(\d+) 0 R`)
	annotsEntry = regexp.MustCompile(`\s*/Annots \[[ 0-9R]*\]`)
	fieldName   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)
)

// prepare appends the update with zeros in place of the CMS and returns the
// offset of the /Contents string. It is a pure function: Check calls it again.
func prepare(file []byte, sections []pdf.Section, info Info) ([]byte, int, error) {
	if !fieldName.MatchString(info.Field) {
		return nil, 0, fmt.Errorf("pades: field name %q", info.Field)
	}
	if len(sections) == 0 {
		return nil, 0, fmt.Errorf("pades: empty file")
	}
	now := pdf.Latest(sections)
	t := sections[len(sections)-1].Trailer
	sig, widget := t.Size, t.Size+1
	t.Size, t.Prev = t.Size+2, pdf.PrevOf(file)

	form, fields, catalog, err := acroForm(now, &t, sig)
	if err != nil {
		return nil, 0, err
	}
	fields += fmt.Sprintf(" %d 0 R", widget)
	page, err := firstPage(now)
	if err != nil {
		return nil, 0, err
	}
	page.Body = strings.TrimSuffix(annotsEntry.ReplaceAllString(page.Body, ""), ">>") + "/Annots [" + fields + " ]\n>>"

	objects := []pdf.Object{page,
		{Num: sig, Body: sigBody(info, catalog != nil)},
		{Num: widget, Body: fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /V %d 0 R /P %d 0 R /Rect [0 0 0 0] /F 132 >>",
			info.Field, sig, page.Num)}}
	acro := pdf.Object{Num: form, Body: "<< /Fields [" + fields + " ] /SigFlags 3 >>"}
	if catalog != nil {
		objects = append([]pdf.Object{*catalog}, append(objects, acro)...)
	} else {
		objects = insert(objects, acro)
	}
	out := pdf.Append(file, pdf.Section{Objects: objects, Trailer: t})
	at := len(file) + strings.Index(string(out[len(file):]), "/Contents <") + len("/Contents ")
	after := at + 2 + 2*reserved
	have := fmt.Sprintf(rangeForm, 0, 0, 0)
	want := fmt.Sprintf(rangeForm, at, after, len(out)-after)
	return []byte(string(out[:len(file)]) + strings.Replace(string(out[len(file):]), have, want, 1)), at, nil
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
