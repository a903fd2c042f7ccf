package collect

import (
	"bytes"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/folder"
	"github.com/massho/massho/certs/handover"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
)

// put lays a stick into a folder of the disk.
func (s *stick) put(t *testing.T, dir string) {
	t.Helper()
	for name, f := range s.fs {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.Data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

func readDir(dir string) Stick { return Read(dir, os.DirFS(dir)) }

func keep(t *testing.T, f folder.Folder, s Stick) string {
	t.Helper()
	place, err := Keep(f, s)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// TestKeepAndClear is a case over two days: collected, cleared, used again,
// collected again. Nothing is lost and nothing is found wanting.
func TestKeepAndClear(t *testing.T) {
	d := newDay(t)
	a := d.first()
	dir, f := t.TempDir(), folder.At(filepath.Join(t.TempDir(), "R8-012"))
	a.put(t, dir)
	monday := readDir(dir)
	if got := keep(t, f, monday); got != "U1" {
		t.Errorf("kept in %s", got)
	}
	if _, err := f.Read("collected/U1/case/stick.key.pem"); err == nil {
		t.Error("the private key was copied")
	}
	kept, err := KeepPapers(f, Examine(d.input(monday)))
	if err != nil || len(kept) != 3 {
		t.Fatalf("%v, %v", kept, err)
	}
	gone, err := Clear(dir, f, "U1")
	if err != nil || len(gone) != 3*3 {
		t.Fatalf("%d files cleared, %v", len(gone), err)
	}
	for name := range a.fs {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if stays := strings.HasPrefix(name, "case/") || strings.HasPrefix(name, "numbers/"); stays != (err == nil) {
			t.Errorf("%s: stays %v, %v", name, stays, err)
		}
	}
	a.fs = map0(a, "case/", "numbers/")
	a.erase(4, "W4")
	a.put(t, dir)
	tuesday := readDir(dir)
	earlier, err := Kept(f)
	if err != nil || len(earlier) != 1 || !earlier[0].Earlier {
		t.Fatalf("%d, %v", len(earlier), err)
	}
	r := Examine(d.input(append(earlier, tuesday)...))
	if got := said(r, Doubt); got != "" || len(r.Papers) != 4 {
		t.Errorf("on the second day: %s, %d papers", got, len(r.Papers))
	}
	if got := keep(t, f, tuesday); got != "U1" {
		t.Errorf("kept in %s", got)
	}
	if kept, err := KeepPapers(f, r); err != nil || len(kept) != 1 {
		t.Errorf("%v, %v", kept, err)
	}
}

// map0 keeps only the files whose names begin like that.
func map0(s *stick, prefixes ...string) (out fstest.MapFS) {
	out = fstest.MapFS{}
	for name, f := range s.fs {
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				out[name] = f
			}
		}
	}
	return out
}

// TestClearRefuses: whatever is not in the office's copy, byte for byte, keeps
// everything on the stick.
func TestClearRefuses(t *testing.T) {
	d := newDay(t)
	a := d.first()
	var journalName string
	for name := range a.fs {
		if strings.HasPrefix(name, "journals/") {
			journalName = name
		}
	}
	for name, c := range map[string]struct {
		edit func(t *testing.T, dir string, f folder.Folder)
		want error
	}{
		"never collected":       {func(t *testing.T, _ string, f folder.Folder) { remove(t, f.Path("collected/U1")) }, ErrNotKept},
		"a new paper":           {func(t *testing.T, dir string, _ folder.Folder) { write(t, dir+"/records/x.pdf", "new") }, ErrNotKept},
		"a paper changed since": {func(t *testing.T, dir string, _ folder.Folder) { write(t, dir+"/records/R8-012-U1-0001.pdf", "new") }, ErrChanged},
		"a journal went on":     {func(t *testing.T, dir string, _ folder.Folder) { grow(t, filepath.Join(dir, journalName)) }, ErrChanged},
		"the office's copy changed": {func(t *testing.T, _ string, f folder.Folder) {
			write(t, f.Path("collected/U1/records/R8-012-U1-0001.pdf"), "x")
		}, ErrChanged},
		"the office's copy is gone": {func(t *testing.T, _ string, f folder.Folder) { remove(t, f.Path("collected/U1/records")) }, ErrNotKept},
		"a folder in between":       {func(t *testing.T, dir string, _ folder.Folder) { write(t, dir+"/records/x/y.pdf", "new") }, ErrFaults},
		"no identity":               {func(t *testing.T, dir string, _ folder.Folder) { remove(t, dir+"/case") }, ErrFaults},
	} {
		dir, f := t.TempDir(), folder.At(filepath.Join(t.TempDir(), "R8-012"))
		a.put(t, dir)
		keep(t, f, readDir(dir))
		c.edit(t, dir, f)
		before := list(t, dir)
		if gone, err := Clear(dir, f, "U1"); !errors.Is(err, c.want) || len(gone) > 0 || list(t, dir) != before {
			t.Errorf("%s: %v, %d files deleted; want %v and none", name, err, len(gone), c.want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// grow writes one byte behind a journal's records.
func grow(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(Trim(b))+5] = 7
	write(t, path, string(b))
}

func list(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	if err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error { out = append(out, p); return err }); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

// TestAnotherStoryGetsAPlaceOfItsOwn: a clone never mixes with the first.
func TestAnotherStoryGetsAPlaceOfItsOwn(t *testing.T) {
	d := newDay(t)
	a := d.first()
	old := a.clone()
	f := folder.At(t.TempDir())
	a.erase(4, "W4")
	places := ""
	for _, s := range []*stick{a, old, a} {
		places += " " + keep(t, f, Read("E:", s.fs))
	}
	if places != " U1 U1-2 U1" {
		t.Errorf("kept in%s", places)
	}
	// Later collections still see that there were two.
	earlier, err := Kept(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := said(Examine(d.input(earlier...)), Doubt); got != "stick-double:U1" {
		t.Errorf("later: %s", got)
	}
	// An old copy of what was collected is noticed when it comes.
	if got := said(Examine(d.input(append(earlier[:1:1], Read("E:", old.fs))...)), Gap); got != "stick-rewound:U1" {
		t.Errorf("an old copy came: %s", got)
	}
}

func TestTrimAndPad(t *testing.T) {
	d := newDay(t)
	a := d.first()
	for name, f := range a.fs {
		if !strings.HasPrefix(name, "journals/") {
			continue
		}
		short := Trim(f.Data)
		if len(short) >= len(f.Data) || len(short)%journal.FrameSize != 0 || !bytes.Equal(Padded(short), f.Data) {
			t.Errorf("%s: %d of %d bytes", name, len(short), len(f.Data))
		}
		if _, err := journal.Parse(Padded(short)); err != nil {
			t.Error(err)
		}
	}
	if got := Padded([]byte("no journal")); string(got) != "no journal" {
		t.Errorf("%q", got)
	}
}

func person(t *testing.T, d *day, id, role string) keys.Pair {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: id, Role: role}, CommonName: id, NotBefore: d.now.AddDate(0, 0, -2), NotAfter: d.now.AddDate(3, 0, 0)}, &d.a.Root)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReceiptBounds: what a stick signed before it was lost stays good where a
// receipt shows it.
func TestReceiptBounds(t *testing.T) {
	d := newDay(t)
	a := d.first()
	boss, op, other := person(t, d, "w1", certs.RoleWitness), person(t, d, "op1", certs.RoleOperator), person(t, d, "x", certs.RoleWitness)
	r := ReceiptOf(d.collect(a), certs.Person{Name: "渡邉 一郎"}, d.now)
	if len(r.Papers) != 3 || len(r.Journals) != 3 || len(r.Sticks) != 1 {
		t.Fatalf("%+v", r)
	}
	file, err := SignReceipt(r, boss)
	if err != nil {
		t.Fatal(err)
	}
	var known []*x509.Certificate
	known = append(known, other.Cert, boss.Cert, op.Cert)
	got, err := OpenReceipt(file, known, d.a.Trust())
	if err != nil || len(got.Papers) != 3 || !got.At.Equal(r.At) {
		t.Fatal(err)
	}
	byOperator, err := SignReceipt(r, op)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"altered": flipped(file), "an operator's": byOperator, "none": nil} {
		if _, err := OpenReceipt(bad, known, d.a.Trust()); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		revoked  time.Time
		receipts []Receipt
		want     int // sound papers
	}{
		"revoked after the receipt":  {r.At.Add(time.Hour), []Receipt{got}, 3},
		"revoked before the receipt": {r.At.Add(-time.Hour), []Receipt{got}, 0},
		"no receipt":                 {r.At.Add(time.Hour), nil, 0},
	} {
		crl, err := keys.Revoke(d.a.Root, nil, a.pair.Cert, c.revoked)
		if err != nil {
			t.Fatal(err)
		}
		trust, err := trustOf(d.a.Root.Cert, crl)
		if err != nil {
			t.Fatal(err)
		}
		in := d.input(Read("E:", a.fs))
		in.Verify = verify.Options{Trust: trust, Now: d.now.Add(2 * time.Hour), Bounds: Bounds(c.receipts)}
		sound := 0
		for _, p := range Examine(in).Papers {
			if p.Sound {
				sound++
			}
		}
		if sound != c.want {
			t.Errorf("%s: %d sound papers, want %d", name, sound, c.want)
		}
	}
}

func TestHandover(t *testing.T) {
	d := newDay(t)
	a := d.first()
	r := a.begin(4, "W4")
	r.st.Facts.Unwritten = 9
	r.work().done(a)
	n := a.begin(3, "none")
	n.note(journal.TypeNote, missing.New("髙橋 花子", missing.Medium{Asset: "B-0003", Serial: "W33", Count: 1, Reason: missing.NotFound}))
	h := HandoverOf(d.collect(a))
	if len(h.Leaves) != 3 || len(h.Stays) != 1 || len(h.Missing) != 1 || h.Stays[0].Serial != "W4" {
		t.Fatalf("%+v", h)
	}
	boss := person(t, d, "w1", certs.RoleWitness)
	h.Head = deed.Head{Number: "R8-012-H0001", Issued: d.now, Case: r.st.Case, Issuer: certs.Person{Role: certs.RoleWitness, ID: "w1", Name: "渡邉 一郎", Title: "主査", Contact: "内線 123"},
		Tool: certs.Tool{Name: "massho-office", Version: "0.1.0"}}
	h.At, h.Place, h.Purpose = d.now, "試験市役所 1階 搬出口", "破壊処理のための搬出"
	h.From, h.To = certs.Person{Name: "渡邉 一郎", Organisation: "試験市 情報政策課"}, certs.Person{Name: "髙橋 花子", Organisation: "株式会社 例示データ消去"}
	h.Deadline = d.now.AddDate(0, 0, 30)
	file, err := deed.Issue(&h, nil, deed.Signer{Pair: boss, Root: d.a.Root.Cert})
	if err != nil {
		t.Fatal(err)
	}
	look(t, "handover.pdf", file)
	var got handover.Handover
	if _, err := deed.Open(file, &got, d.a.Trust()); err != nil || len(got.Leaves) != 3 {
		t.Error(err)
	}
	draft, err := deed.Draft(&h, nil)
	if err != nil || bytes.Contains(draft, []byte("ByteRange")) {
		t.Error(err)
	}
	h.To.Name = ""
	if _, err := deed.Issue(&h, nil, deed.Signer{Pair: boss, Root: d.a.Root.Cert}); !errors.Is(err, deed.ErrForm) {
		t.Errorf("nobody received it: %v", err)
	}
	// With a clone about, nothing leaves that it may have signed.
	b := a.clone()
	b.erase(4, "W4")
	a.erase(4, "W5")
	if h := HandoverOf(d.collect(a, b)); len(h.Leaves) != 0 || len(h.Stays) == 0 {
		t.Errorf("with a clone %d leave", len(h.Leaves))
	}
}

// flipped changes a letter in the middle, which lies in the payload.
func flipped(file []byte) []byte {
	b := bytes.Clone(file)
	b[len(b)/2] ^= 1
	return b
}
