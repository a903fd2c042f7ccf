package fat

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2025, 1, 2, 3, 4, 6, 0, time.UTC)

// sample is a volume with every kind of name and size that we write.
func sample(size int64) Volume {
	v := Volume{ID: 0x1A2B3C4D, Label: "EVIDENCE", Size: size, HiddenSectors: 2048, Time: epoch, Files: map[string][]byte{
		"EFI/BOOT/BOOTX64.EFI": bytes.Repeat([]byte("shim"), 5000),
		"EFI/debian/grub.cfg":  []byte("linux /massho/vmlinuz\n"),
		"massho/initrd.zst":    bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 300000),
		"案件/抹消措置の完了証明書 A-0001 (令和7年度).pdf": []byte("%PDF-1.7"),
		"empty":             {},
		"exact":             make([]byte, 512),
		"with two.dots.txt": []byte("x"),
		"journal/":          nil,
	}}
	for i := range 40 {
		v.Files[fmt.Sprintf("records/long record name %02d.json", i)] = []byte{byte(i)}
	}
	return v
}

func write(t *testing.T, v Volume, off int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "volume")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(off + v.Size); err != nil {
		t.Fatal(err)
	}
	if err := v.Write(f, off); err != nil {
		t.Fatal(err)
	}
	return path
}

// judge runs an outside program, which must be there: a volume that nobody
// else has checked proves nothing.
func judge(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is missing: apt-get install dosfstools mtools", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MTOOLS_SKIP_CHECK=1", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestJudges(t *testing.T) {
	for _, size := range []int64{34 << 20, 64 << 20, 128 << 20, 260 << 20, 261 << 20, 1 << 30, 9 << 30} {
		t.Run(fmt.Sprintf("%dMiB", size>>20), func(t *testing.T) {
			v := sample(size)
			path := write(t, v, 0)
			// 47 files, 7 folders and the label.
			if out := judge(t, "fsck.fat", "-n", "-v", path); !strings.Contains(out, " 55 files") {
				t.Errorf("fsck.fat counts otherwise:\n%s", out)
			}
			got := judge(t, "mtype", "-i", path, "::案件/抹消措置の完了証明書 A-0001 (令和7年度).pdf")
			if got != "%PDF-1.7" {
				t.Errorf("mtools reads %q", got)
			}
			if got := judge(t, "mdir", "-i", path, "::"); !strings.Contains(got, "1A2B-3C4D") || !strings.Contains(got, "EVIDENCE") || !strings.Contains(got, "2025-01-02") {
				t.Errorf("mdir says\n%s", got)
			}
			out := filepath.Join(t.TempDir(), "initrd")
			judge(t, "mcopy", "-i", path, "::massho/initrd.zst", out)
			if b, err := os.ReadFile(out); err != nil || !bytes.Equal(b, v.Files["massho/initrd.zst"]) {
				t.Errorf("mtools reads other bytes of a file of many clusters: %v", err)
			}
		})
	}
}

func TestReadBack(t *testing.T) {
	const off = 3 << 20
	v := sample(64 << 20)
	f, err := os.Open(write(t, v, off))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := Read(f, off)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != v.ID || got.Label != v.Label || got.Size != v.Size || got.HiddenSectors != v.HiddenSectors || !got.Time.Equal(v.Time) {
		t.Errorf("header reads as %v %q %d %d %v", got.ID, got.Label, got.Size, got.HiddenSectors, got.Time)
	}
	if len(got.Files) != len(v.Files) {
		t.Errorf("%d files come back of %d", len(got.Files), len(v.Files))
	}
	for name, want := range v.Files {
		if b, ok := got.Files[name]; !ok || !bytes.Equal(b, want) {
			t.Errorf("%q: present %v, %d bytes of %d", name, ok, len(b), len(want))
		}
	}
}

// TestReadsMtools reads a volume that another program wrote and filled.
func TestReadsMtools(t *testing.T) {
	path := filepath.Join(t.TempDir(), "volume")
	src := filepath.Join(t.TempDir(), "中身.txt")
	if err := os.WriteFile(src, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	judge(t, "mkfs.fat", "-C", "-F", "32", "-i", "CAFE0001", "-n", "STICK", path, "65536")
	judge(t, "mmd", "-i", path, "::folder")
	judge(t, "mcopy", "-i", path, src, "::folder/")
	judge(t, "mcopy", "-i", path, src, "::lower.txt")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := Read(f, 0)
	if err != nil {
		t.Fatal(err)
	}
	if v.ID != 0xCAFE0001 || v.Label != "STICK" || string(v.Files["folder/中身.txt"]) != "hello" || string(v.Files["lower.txt"]) != "hello" {
		t.Errorf("read %v %q %v", v.ID, v.Label, v.Files)
	}
}

func TestReproducible(t *testing.T) {
	var sums [2][32]byte
	for i := range sums {
		b, err := os.ReadFile(write(t, sample(64<<20), 0))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(b)
	}
	if sums[0] != sums[1] {
		t.Error("the same tree gave two volumes")
	}
}

func TestRefusals(t *testing.T) {
	many := map[string][]byte{}
	for i := range 66000 {
		many[fmt.Sprintf("F%d", i)] = nil
	}
	tests := []struct {
		name string
		v    Volume
		want error
	}{
		{"FAT16 size", Volume{Label: "A", Size: 32 << 20}, ErrSize},
		{"odd size", Volume{Label: "A", Size: 64<<20 + 1}, ErrSize},
		{"no size", Volume{Label: "A"}, ErrSize},
		{"no label", Volume{Size: 64 << 20}, ErrName},
		{"long label", Volume{Label: "ABCDEFGHIJKL", Size: 64 << 20}, ErrName},
		{"lower label", Volume{Label: "abc", Size: 64 << 20}, ErrName},
		{"reserved character", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"a:b": nil}}, ErrName},
		{"dots", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"../b": nil}}, ErrName},
		{"absolute", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"/b": nil}}, ErrName},
		{"trailing dot", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b.": nil}}, ErrName},
		{"case clash", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b": nil, "B": nil}}, ErrName},
		{"file and folder", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b": nil, "b/c": nil}}, ErrName},
		{"folder with contents", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b/": {1}}}, ErrName},
		{"not UTF-8", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b\xff": nil}}, ErrName},
		{"too much", Volume{Label: "A", Size: 64 << 20, Files: map[string][]byte{"b": make([]byte, 65<<20)}}, ErrFull},
		{"too many", Volume{Label: "A", Size: 128 << 20, Files: many}, ErrFull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.v.Write(discard{}, 0); !errors.Is(err, tt.want) {
				t.Errorf("Write says %v, want %v", err, tt.want)
			}
		})
	}
}

type discard struct{}

func (discard) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

func TestSizes(t *testing.T) {
	for size := int64(34 << 20); size < 600<<20; size += 512 * 10007 {
		g, err := geometryFor(size)
		if err != nil {
			t.Fatal(err)
		}
		if int64(g.clusters+2)*4 > int64(g.fatSectors)*512 || g.dataStart()%dataAlign != 0 ||
			g.dataStart()+g.clusters*g.perCluster > g.total {
			t.Fatalf("%d bytes: %+v", size, g)
		}
	}
}

func TestParseID(t *testing.T) {
	tests := []struct {
		in   string
		want ID
		err  error
	}{
		{"1A2B-3C4D", 0x1A2B3C4D, nil},
		{"1a2b-3c4d", 0x1A2B3C4D, nil},
		{"0000-0001", 1, nil},
		{"1A2B3C4D", 0, ErrID},
		{"1A2B-3C4", 0, ErrID},
		{"+A2B-3C4D", 0, ErrID},
		{"", 0, ErrID},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseID(tt.in)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("ParseID = %v, %v", got, err)
			}
			if err == nil && got.String() != strings.ToUpper(tt.in) {
				t.Errorf("String = %s", got)
			}
		})
	}
}

// FuzzRead gives the reader damaged volumes: it must end, and say ErrFormat or
// io's error for what it does not understand.
func FuzzRead(f *testing.F) {
	v := Volume{ID: 1, Label: "A", Size: 34 << 20, Time: epoch, Files: map[string][]byte{"a/長い名前.txt": []byte("b")}}
	m := &memory{}
	if err := v.Write(m, 0); err != nil {
		f.Fatal(err)
	}
	g, _ := geometryFor(v.Size)
	f.Add(m.b[:512], m.b[g.clusterOffset(2):g.clusterOffset(5)])
	f.Fuzz(func(t *testing.T, boot, data []byte) {
		c := &memory{b: append([]byte(nil), m.b...)}
		copy(c.b[:512], boot)
		copy(c.b[g.clusterOffset(2):], data)
		if _, err := Read(c, 0); err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("untyped error: %v", err)
		}
	})
}

// memory is a file that grows.
type memory struct{ b []byte }

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if n := int(off) + len(p); n > len(m.b) {
		m.b = append(m.b, make([]byte, n-len(m.b))...)
	}
	return copy(m.b[off:], p), nil
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(m.b)) {
		return 0, io.EOF
	}
	if n := copy(p, m.b[off:]); n < len(p) {
		return n, io.ErrUnexpectedEOF
	}
	return len(p), nil
}
