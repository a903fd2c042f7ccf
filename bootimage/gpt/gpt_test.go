package gpt

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample() Table {
	return Table{
		Disk: mustParse("01234567-89AB-4DEF-8123-456789ABCDEF"), Sectors: 400000,
		Partitions: []Partition{
			{Type: BIOSBoot, ID: mustParse("11111111-2222-4333-8444-555555555555"), Name: "BIOS boot", First: 2048, Sectors: 2048},
			{Type: EFISystem, ID: mustParse("11111111-2222-4333-8444-555555555556"), Name: "EFI", First: 4096, Sectors: 131072},
			{Type: BasicData, ID: mustParse("11111111-2222-4333-8444-555555555557"), Name: "記録", First: 135168, Sectors: 262144},
		},
	}
}

func TestSgdisk(t *testing.T) {
	if _, err := exec.LookPath("sgdisk"); err != nil {
		t.Fatal("sgdisk is missing: apt-get install gdisk")
	}
	path := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tab := sample()
	if err := f.Truncate(tab.Sectors * SectorSize); err != nil {
		t.Fatal(err)
	}
	if err := tab.Write(f); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sgdisk", "-v", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "No problems found") {
		t.Errorf("sgdisk -v: %v\n%s", err, out)
	}
	out, err = exec.Command("sgdisk", "-p", "-i", "2", path).CombinedOutput()
	for _, want := range []string{tab.Disk.String(), "EF02", "EF00", "0700", tab.Partitions[1].ID.String(), "BIOS boot", "記録"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("sgdisk -p does not show %s: %v\n%s", want, err, out)
		}
	}
	got, err := Read(f)
	if err != nil || !reflect.DeepEqual(got, tab) {
		t.Errorf("Read = %+v, %v", got, err)
	}
}

func TestProtectiveMBR(t *testing.T) {
	got := sample().protective()
	want := []byte{0x80, 0, 2, 0, 0xEE, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0x7F, 0x1A, 0x06, 0}
	if !bytes.Equal(got[6:22], want) {
		t.Errorf("entry is % X", got[6:22])
	}
	if got[70] != 0x55 || got[71] != 0xAA {
		t.Error("no boot signature")
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Table)
	}{
		{"overlap", func(t *Table) { t.Partitions[1].First = 3000 }},
		{"over the first table", func(t *Table) { t.Partitions[0].First = 33 }},
		{"over the last table", func(t *Table) { t.Partitions[2].Sectors += 3000 }},
		{"empty", func(t *Table) { t.Partitions[0].Sectors = 0 }},
		{"no type", func(t *Table) { t.Partitions[0].Type = GUID{} }},
		{"long name", func(t *Table) { t.Partitions[0].Name = strings.Repeat("あ", 37) }},
		{"too many", func(t *Table) { t.Partitions = make([]Partition, 129) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tab := sample()
			tt.edit(&tab)
			if err := tab.Write(nil); !errors.Is(err, ErrTable) {
				t.Errorf("Write says %v", err)
			}
		})
	}
}

func TestParseGUID(t *testing.T) {
	for _, s := range []string{"", "C12A7328F81F11D2BA4B00A0C93EC93B", "C12A7328-F81F-11D2-BA4B-00A0C93EC93", "C12A-7328F81F-11D2-BA4B-00A0C93EC93B", "G12A7328-F81F-11D2-BA4B-00A0C93EC93B"} {
		if g, err := ParseGUID(s); !errors.Is(err, ErrGUID) {
			t.Errorf("ParseGUID(%q) = %v, %v", s, g, err)
		}
	}
	if g := Version4([16]byte{}); g.String() != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("Version4 = %s", g)
	}
}

func FuzzRead(f *testing.F) {
	var m memory
	tab := sample()
	tab.Sectors = 4000
	tab.Partitions = tab.Partitions[:1]
	tab.Partitions[0].Sectors = 100
	if err := tab.Write(&m); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(m[512:1024]), []byte(m[1024:2048]))
	f.Fuzz(func(t *testing.T, head, entries []byte) {
		c := append(memory(nil), m...)
		copy(c[512:1024], head)
		copy(c[1024:], entries)
		if _, err := Read(bytes.NewReader(c)); err != nil && !errors.Is(err, ErrTable) && !errors.Is(err, io.EOF) {
			t.Errorf("untyped error: %v", err)
		}
	})
}

type memory []byte

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if n := int(off) + len(p); n > len(*m) {
		*m = append(*m, make([]byte, n-len(*m))...)
	}
	return copy((*m)[off:], p), nil
}
