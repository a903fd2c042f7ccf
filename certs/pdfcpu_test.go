package certs_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/certs/tsa/tsatest"
)

// TestPdfcpu: a second reader, of another make than poppler and qpdf, finds the
// structure valid, the same attachments byte for byte, and every page; also when
// store and time stamp were added.
func TestPdfcpu(t *testing.T) {
	needFonts(t)
	api.DisableConfigDir()
	a := sample.New(t, false)
	ts := tsatest.New(t, sample.Day, tsatest.Options{})
	for name, s := range papers(a) {
		b := a.Issue(t, s)
		store, err := pades.AppendStore(b, pades.Store{Certs: []*x509.Certificate{a.Root.Cert, ts.Root}})
		if err != nil {
			t.Fatal(err)
		}
		stamping, err := pades.BeginStamp(store)
		if err != nil {
			t.Fatal(err)
		}
		stamped, err := stamping.Finish(ts.Token(t, stamping.Digest, sample.Day.Add(5*time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		for revision, file := range map[string][]byte{"signed": b, "stamped": stamped} {
			secondReader(t, name+" "+revision, file)
		}
	}
}

func secondReader(t *testing.T, name string, file []byte) {
	t.Helper()
	conf := func() *model.Configuration {
		c := model.NewDefaultConfiguration()
		// Its strict mode wants /FontFamily, which ISO 32000-2 §9.8.1 leaves open.
		c.ValidationMode, c.Offline = model.ValidationRelaxed, true
		return c
	}
	if err := api.Validate(bytes.NewReader(file), conf()); err != nil {
		t.Errorf("%s: pdfcpu: %v", name, err)
		return
	}
	sections, err := pdf.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pdf.Attached(sections[0])
	if err != nil {
		t.Fatal(err)
	}
	got, err := api.ExtractAttachmentsRaw(bytes.NewReader(file), "", nil, conf())
	if err != nil || len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%s: pdfcpu finds %d attachments, we %d: %v", name, len(got), len(want), err)
	}
	for _, x := range got {
		data, err := io.ReadAll(x.Reader)
		if err != nil || !bytes.Equal(data, want[x.FileName].Data) {
			t.Errorf("%s: pdfcpu reads another %s (%v)", name, x.FileName, err)
		}
	}
	if _, ok := want[certs.AttachedStatement]; !ok {
		t.Errorf("%s: no statement", name)
	}
	pages, err := api.PageCount(bytes.NewReader(file), conf())
	if err != nil || pages < 3 {
		t.Errorf("%s: pdfcpu counts %d pages: %v", name, pages, err)
	}
}
