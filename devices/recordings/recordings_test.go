package recordings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readBy says which package's tests walk a folder. A folder that nobody walks
// would be data that nobody decodes.
var readBy = map[string]string{
	"ata": "devices/ata", "ata-partial": "devices/ata", "atapi": "devices/ata", "edge": "devices/ata",
	"sense": "devices/ata", "vpd89": "devices/ata, devices/scsi", "oracle-hdparm": "devices/ata",
	"nvme": "devices/nvme", "nvme-text": "devices/nvme", "nvme-ns": "devices/nvme",
	"nvme-sanitize-log": "devices/nvme",
}

// Every folder is read by someone, and the index and the files agree.
func TestIndexIsComplete(t *testing.T) {
	root, index := Dir(t), Index(t)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if readBy[e.Name()] == "" {
			t.Errorf("no test reads the folder %s", e.Name())
		}
		for _, f := range Files(t, e.Name()) {
			seen++
			_, listed := index[f.Name]
			if extra := e.Name() == "oracle-hdparm" || strings.Contains(f.Name, ".note."); listed == extra {
				t.Errorf("%s: in the index: %v", f.Name, listed)
			}
		}
	}
	if seen == 0 {
		t.Fatal("no recordings")
	}
	for name := range index {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("the index lists %s: %v", name, err)
		}
	}
}

func TestParse(t *testing.T) {
	f := parse("x/y.txt", "# expected: a: b\n# note: n\n\n0010: 01 02\n*\n0020\ncdb: 85 06 .. f2 (prose)\n")
	if f.Expected() != "a: b" || len(f.Lines) != 4 {
		t.Errorf("%+v", f)
	}
	if b := (File{Lines: f.Lines[:3]}).Bytes(t); len(b) != 32 || b[16] != 1 || b[17] != 2 {
		t.Errorf("% x", b)
	}
	if b := f.Field("cdb"); len(b) != 2 || b[1] != 6 {
		t.Errorf("% x", b)
	}
	if b := (File{Lines: []string{"0040 3fff"}}).Words(t); len(b) != 4 || b[0] != 0x40 || b[3] != 0x3F {
		t.Errorf("% x", b)
	}
}
