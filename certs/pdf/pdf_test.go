package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signintech/gopdf"
)

func foreign(t testing.TB) []byte {
	t.Helper()
	var g gopdf.GoPdf
	g.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	g.AddPage()
	g.Line(1, 2, 300, 400)
	b, err := g.GetBytesPdfReturnErr()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func assembled(t testing.TB) []byte {
	t.Helper()
	meta := Meta{Title: "証明書 (1) \\", Lang: "ja", Tool: "massho & co", Created: time.Unix(0, 0), ID: strings.Repeat("0a", 16)}
	b, err := Assemble(foreign(t), meta, []File{
		{Name: "a.json", MIME: "application/json", Relation: "Data", Desc: "甲", Data: []byte("{}")},
		{Name: "b.bin", MIME: "application/octet-stream", Relation: "Supplement", Desc: "乙", Data: bytes.Repeat([]byte{0}, 5000)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func updated(t testing.TB) []byte {
	b := assembled(t)
	s, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	tr := s[0].Trailer
	tr.Prev, tr.Size = PrevOf(b), tr.Size+1
	info := Latest(s)[tr.Info]
	return Append(b, Section{Objects: []Object{info, {Num: tr.Size - 1, Body: "<< /A [ 1 (x\\)y) <00> ] >>"}}, Trailer: tr})
}

func TestReadGivesBackWhatAppendWrote(t *testing.T) {
	b := updated(t)
	s, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(s) != 2 || s[1].End != len(b) || s[1].Trailer.Prev != PrevOf(b[:s[0].End]) {
		t.Errorf("sections %d, end %d of %d", len(s), s[len(s)-1].End, len(b))
	}
}

func TestJudges(t *testing.T) {
	dir := t.TempDir()
	for name, b := range map[string][]byte{"one": assembled(t), "two": updated(t)} {
		file := filepath.Join(dir, name+".pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ tool, want string }{
			{"qpdf --check", "No syntax or stream encoding errors"},
			{"qpdf --list-attachments", "b.bin"},
			{"pdfinfo", "massho & co"},
		} {
			args := append(strings.Fields(c.tool), file)
			if _, err := exec.LookPath(args[0]); err != nil && os.Getenv("CI") == "" {
				t.Skip(err)
			}
			out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%s %s: %v\n%s", name, c.tool, err, out)
			}
		}
	}
}

// TestNothingHides changes the file in ways that other readers forgive.
func TestNothingHides(t *testing.T) {
	good := updated(t)
	edit := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("no %q", old)
		}
		return bytes.Replace(good, []byte(old), []byte(new), 1)
	}
	for name, b := range map[string][]byte{
		"bytes behind the end":       append(bytes.Clone(good), "x\n"...),
		"comment between objects":    edit("endobj\n2 0 obj", "endobj\n%hi\n2 0 obj"),
		"space between objects":      edit("endobj\n2 0 obj", "endobj\n\n2 0 obj"),
		"offset points elsewhere":    edit("0000000015 00000 n", "0000000016 00000 n"),
		"object freed":               edit(" 00000 n \n", " 00000 f \n"),
		"second /Length":             edit("/Length", "/Length 1 /Length"),
		"truncated":                  good[:len(good)-3],
		"not ours":                   []byte("%PDF-1.4\n"),
		"stream longer than it says": edit("\nendstream", "\n\nendstream"),
		"update without /Prev":       []byte(strings.Replace(string(good), " /Prev ", " /Perv ", 1)),
		"empty":                      nil,
	} {
		s, err := Read(b)
		if err == nil && len(b) > 0 {
			t.Errorf("%s: accepted", name)
		}
		if len(b) == 0 && (err == nil || len(s) != 0) {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUnpackRefusesWhatFollows(t *testing.T) {
	p, err := pack([]byte("abc"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Unpack(p); err != nil || string(b) != "abc" {
		t.Errorf("%q %v", b, err)
	}
	if _, err := Unpack(append(p, 'x')); err == nil {
		t.Error("a byte behind the stream was accepted")
	}
}

func TestText(t *testing.T) {
	if got := Text("a𠮷"); got != "<FEFF0061D842DFB7>" {
		t.Error(got)
	}
}

// FuzzRead: no panic, and what is accepted is exactly what Append writes.
func FuzzRead(f *testing.F) {
	f.Add(updated(f))
	f.Add(assembled(f))
	f.Add([]byte(header + "1 0 obj\n<< >>\nendobj\nxref\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Read(b)
		if err != nil {
			return
		}
		var again []byte
		for _, x := range s {
			again = Append(again, x)
		}
		if len(s) > 0 && !bytes.Equal(again, b) {
			t.Fatal("accepted bytes that are not canonical")
		}
		_, _ = ReadForeign(b)
	})
}
