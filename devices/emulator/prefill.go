package emulator

import (
	"encoding/binary"
	"fmt"
)

// Marker is the text that every sector written by Prefill contains. It names
// the drive, so that a test can tell whose data it found.
func (d *Drive) Marker() []byte { return []byte("MASSHO-TRAINING-DATA/" + d.p.Serial + "/") }

// Prefill writes a training file system over the whole native range, hidden
// areas included: a boot sector, a FAT, a directory and files that look like a
// citizen register, spreadsheets, mail and pictures, all invented. It takes
// Params.Reallocated out of service with their data, ages flash, and marks
// everything as original.
func (d *Drive) Prefill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	const batch = 256
	size := uint64(d.sector())
	buf := make([]byte, batch*size)
	marker := d.Marker()
	end := min(d.med.Sectors(), d.realSectors())
	for lba := uint64(0); lba < end; lba += batch {
		n := min(batch, end-lba)
		for i := range n {
			trainingSector(buf[i*size:(i+1)*size], lba+i, marker)
		}
		d.med.Write(buf[:n*size], lba)
	}
	d.med.Flush()
	for _, lba := range d.p.Reallocated {
		d.med.Retire(lba)
		d.grown++
	}
	if d.p.Kind.Flash() && d.p.SparePages >= 0 {
		d.med.Age(max(2, d.mediaConfig().SparePages/4))
	}
	d.med.MarkOriginal()
}

// MarkOriginal takes what lies on the drive now as the original data that
// Remnants looks for.
func (d *Drive) MarkOriginal() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.med.MarkOriginal()
}

func (d *Drive) realSectors() uint64 {
	if d.p.Exist > 0 {
		return d.p.Exist
	}
	return d.med.Sectors()
}

// fileKinds are the heads of the invented files; each is followed by its text.
var fileKinds = []struct{ magic, text string }{
	{"%PDF-1.7\n", "住民票の写し（訓練用・架空） "},
	{"PK\x03\x04\x14\x00", "xl/worksheets/sheet1.xml 税務台帳（訓練用・架空） "},
	{"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00", "窓口写真（訓練用） "},
	{"From: training@example.invalid\r\n", "Subject: 介護保険 認定通知（訓練用・架空）\r\n"},
	{"氏名,生年月日,住所\r\n", "架空 太郎,昭和00年00月00日,架空県架空市架空町\r\n"},
}

// trainingSector fills one sector: structure in the first ones, files after.
func trainingSector(p []byte, lba uint64, marker []byte) {
	clear(p)
	file := lba / 64
	kind := fileKinds[file%uint64(len(fileKinds))]
	n := 0
	switch {
	case lba == 0:
		n = copy(p, "\xEB\x58\x90MSDOS5.0")
		copy(p[510:], "\x55\xAA")
	case lba < 8:
		for i := 0; i+4 <= 128; i += 4 {
			binary.LittleEndian.PutUint32(p[i:], uint32(lba*32)+uint32(i/4)+3)
		}
		n = 128
	case lba < 64:
		n = copy(p, fmt.Sprintf("FILE%04d   \x20", lba))
	case lba%64 == 0:
		n = copy(p, kind.magic)
	}
	n += copy(p[n:], marker)
	n += copy(p[n:], fmt.Sprintf("%016X ", lba))
	for n < 500 && lba >= 64 {
		k := copy(p[n:min(len(p), 506)], kind.text)
		if k == 0 {
			return
		}
		n += k
	}
}
