package pades

import (
	"crypto/x509"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/massho/massho/certs/pdf"
)

// Store is what a Document Security Store holds (ISO 32000-2 §12.8.4.3):
// certificates and revocation lists that a later checker may want. It is no
// source of trust: only what a trusted key signed counts, wherever it lies.
type Store struct {
	Certs []*x509.Certificate
	Lists []*x509.RevocationList
}

// empty reports whether there is nothing to store.
func (s Store) empty() bool { return len(s.Certs)+len(s.Lists) == 0 }

// AppendStore adds a revision with s. It must be followed by a signature or a
// time stamp: what nothing covers, Check refuses.
func AppendStore(file []byte, s Store) ([]byte, error) {
	if s.empty() {
		return nil, fmt.Errorf("pades: store: nothing to store")
	}
	if _, err := check(file); err != nil {
		return nil, fmt.Errorf("pades: store: %w", err)
	}
	sections, err := pdf.Read(file)
	if err != nil {
		return nil, fmt.Errorf("pades: store: %w", err)
	}
	return appendStore(file, sections, s)
}

var (
	dssEntry = regexp.MustCompile(` /DSS (\d+) 0 R`)
	dssForm  = regexp.MustCompile(`^<< /Type /DSS /Certs \[((?: \d+ 0 R)*) \] /CRLs \[((?: \d+ 0 R)*) \] >>$`)
	refForm  = regexp.MustCompile(` (\d+) 0 R`)
)

// appendStore is a pure function: Check calls it again.
func appendStore(file []byte, sections []pdf.Section, s Store) ([]byte, error) {
	now := pdf.Latest(sections)
	t := sections[len(sections)-1].Trailer
	catalog := now[t.Root]
	certs, lists := "", ""
	var objects []pdf.Object
	dss := t.Size
	if m := dssEntry.FindStringSubmatch(catalog.Body); m != nil {
		num, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, fmt.Errorf("pades: store: %w", err)
		}
		old := dssForm.FindStringSubmatch(now[num].Body)
		if old == nil {
			return nil, fmt.Errorf("pades: store of another make")
		}
		dss, certs, lists = num, old[1], old[2]
	} else {
		if !strings.HasSuffix(catalog.Body, " >>") {
			return nil, fmt.Errorf("pades: catalog of another make")
		}
		catalog.Body = strings.TrimSuffix(catalog.Body, ">>") + fmt.Sprintf("/DSS %d 0 R >>", dss)
		objects = append(objects, catalog)
		t.Size++
	}
	add := func(der []byte) string {
		objects = append(objects, pdf.Object{Num: t.Size, Body: "<< >>", Stream: der})
		t.Size++
		return fmt.Sprintf(" %d 0 R", t.Size-1)
	}
	for _, c := range s.Certs {
		certs += add(c.Raw)
	}
	for _, l := range s.Lists {
		lists += add(l.Raw)
	}
	objects = insert(objects, pdf.Object{Num: dss, Body: "<< /Type /DSS /Certs [" + certs + " ] /CRLs [" + lists + " ] >>"})
	t.Prev = pdf.PrevOf(file)
	return pdf.Append(file, pdf.Section{Objects: objects, Trailer: t}), nil
}

// readStore takes out what a revision added to the store.
func readStore(s pdf.Section, dss pdf.Object) (Store, error) {
	var out Store
	m := dssForm.FindStringSubmatch(dss.Body)
	if m == nil {
		return out, ErrForeign
	}
	streams := map[string][]byte{}
	for _, o := range s.Objects {
		if o.Stream != nil {
			streams[strconv.Itoa(o.Num)] = o.Stream
		}
	}
	for _, ref := range refForm.FindAllStringSubmatch(m[1], -1) {
		if der, fresh := streams[ref[1]]; fresh {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return out, fmt.Errorf("%w: %w", ErrForeign, err)
			}
			out.Certs = append(out.Certs, c)
		}
	}
	for _, ref := range refForm.FindAllStringSubmatch(m[2], -1) {
		if der, fresh := streams[ref[1]]; fresh {
			l, err := x509.ParseRevocationList(der)
			if err != nil {
				return out, fmt.Errorf("%w: %w", ErrForeign, err)
			}
			out.Lists = append(out.Lists, l)
		}
	}
	return out, nil
}
