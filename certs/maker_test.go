package certs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestMaker(t *testing.T) {
	for _, c := range []struct{ name, model, wwn, maker, from string }{
		{"the number's owner wins", "WDC WD10EZEX", "naa.50014ee2b0000001", "Western Digital", MakerFromWWN},
		{"a relabelled drive", "BUFFALO HD-LX", "naa.5000c50012345678", "Seagate", MakerFromWWN},
		{"unknown number, known model", "ST1000DM003", "naa.5ffffff000000000", "Seagate", MakerFromModel},
		{"EUI-64", "X", "eui.0025385b71b0a1c2", "Samsung", MakerFromWWN},
		{"NGUID", "X", "nguid.01000000000000005cd2e457df825051", "Intel", MakerFromWWN},
		{"upper case", "x", "NAA.5000C50012345678", "Seagate", MakerFromWWN},
		{"no digit behind ST", "STEC MACH8", "", "", ""},
		{"locally assigned", "QEMU HARDDISK", "naa.3000000000000001", "", ""},
		{"nothing known", "", "", "", ""},
		{"nonsense", "ST", "naa.5", "", ""},
	} {
		if m, from := Maker(c.model, c.wwn); m != c.maker || from != c.from {
			t.Errorf("%s: %q from %q, want %q from %q", c.name, m, from, c.maker, c.from)
		}
	}
}

// recorded is the folder of recorded drives beside the project.
func recorded(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "devices")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("no recordings beside the project")
	}
	return dir
}

var word = regexp.MustCompile(`\b[0-9a-fA-F]{4}\b`)

// TestMakerOfRecordedDrives: for every recorded drive both roads, world wide
// name (IDENTIFY DEVICE words 108–111) and model number (27–46), name one maker.
func TestMakerOfRecordedDrives(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recorded(t), "ata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	both := 0
	for _, f := range files {
		model, wwn := identify(t, f)
		m, _ := Maker(model, "")
		if m == "" {
			t.Errorf("%s: no maker for model %q", filepath.Base(f), model)
		}
		w, from := Maker("", wwn)
		if from == "" {
			continue
		}
		both++
		if same := m == w || (m == "Hitachi" && w == "HGST") || (m == "Western Digital" && w == "SanDisk"); !same {
			t.Errorf("%s: %q by its model, %q by its number", filepath.Base(f), m, w)
		}
	}
	if both < 20 {
		t.Errorf("only %d drives with both", both)
	}
}

func identify(t *testing.T, file string) (model, wwn string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var words []uint64
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "#") {
			continue
		}
		for _, w := range word.FindAllString(l, -1) {
			n, err := strconv.ParseUint(w, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, n)
		}
	}
	if len(words) < 256 {
		t.Fatalf("%s: %d words", file, len(words))
	}
	for _, w := range words[27:47] {
		model += string([]byte{byte(w >> 8), byte(w)})
	}
	return strings.TrimSpace(model), fmt.Sprintf("naa.%04x%04x%04x%04x", words[108], words[109], words[110], words[111])
}
