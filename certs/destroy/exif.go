package destroy

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// camera is what a photograph says of itself (Exif 2.32, CIPA DC-008).
type camera struct {
	orientation int    // 1 to 8; 1: as stored
	taken       string // "2026-11-21 10:00:00 +09:00", the zone only if noted
	gps         bool
}

// Tags that matter here.
const (
	tagOrientation = 0x0112
	tagDateTime    = 0x0132
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
	tagOriginal    = 0x9003 // DateTimeOriginal
	tagOffset      = 0x9011 // OffsetTimeOriginal
)

// readCamera finds the Exif block of a JPEG (APP1, §4.5.4) or PNG (eXIf). A
// photograph without one, or with a broken one, says nothing.
func readCamera(photo []byte) camera {
	c := camera{orientation: 1}
	var tiff []byte
	switch {
	case bytes.HasPrefix(photo, []byte("\xFF\xD8")):
		tiff = exifOfJPEG(photo)
	case bytes.HasPrefix(photo, []byte("\x89PNG\r\n\x1a\n")):
		tiff = exifOfPNG(photo)
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return c
	case tiff[0] == 'M':
		order = binary.BigEndian
	}
	t := tiffReader{tiff, order}
	first := t.ifd(order.Uint32(tiff[4:]))
	if v := t.short(first[tagOrientation]); v >= 1 && v <= 8 {
		c.orientation = v
	}
	_, c.gps = first[tagGPSIFD]
	stamp := t.text(first[tagDateTime])
	if sub, ok := first[tagExifIFD]; ok {
		second := t.ifd(t.long(sub))
		if s := t.text(second[tagOriginal]); s != "" {
			stamp = s
		}
		c.taken = moment(stamp, t.text(second[tagOffset]))
		return c
	}
	c.taken = moment(stamp, "")
	return c
}

// moment brings "2026:11:21 10:00:00" into the usual form; what is no time is
// left out.
func moment(stamp, zone string) string {
	t, err := time.Parse("2006:01:02 15:04:05", stamp)
	if err != nil {
		return ""
	}
	s := t.Format(time.DateTime)
	if _, err := time.Parse("-07:00", zone); err == nil {
		s += " " + zone
	}
	return s
}

func exifOfJPEG(b []byte) []byte {
	for i := 2; i+4 <= len(b) && b[i] == 0xFF; {
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || i+2+n > len(b) || b[i+1] == 0xDA { // SOS: the picture begins
			return nil
		}
		if part := b[i+4 : i+2+n]; b[i+1] == 0xE1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return part[6:]
		}
		i += 2 + n
	}
	return nil
}

func exifOfPNG(b []byte) []byte {
	for i := 8; i+12 <= len(b); {
		size := binary.BigEndian.Uint32(b[i:])
		if int64(size) > int64(len(b)-i-12) {
			return nil
		}
		n := int(size)
		if string(b[i+4:i+8]) == "eXIf" {
			return b[i+8 : i+8+n]
		}
		i += 12 + n
	}
	return nil
}

// entry is one entry of an IFD: type, count, and where its value stands.
type entry struct {
	kind  uint16
	count uint32
	at    int // offset of the four value bytes
}

// tiffReader reads TIFF 6.0 §2 as far as Exif needs it.
type tiffReader struct {
	b     []byte
	order binary.ByteOrder
}

const maxEntries = 512

func (t tiffReader) ifd(off uint32) map[uint16]entry {
	out := map[uint16]entry{}
	if int64(off)+2 > int64(len(t.b)) {
		return out
	}
	n := int(t.order.Uint16(t.b[off:]))
	for i := range min(n, maxEntries) {
		at := int(off) + 2 + 12*i
		if at+12 > len(t.b) {
			break
		}
		out[t.order.Uint16(t.b[at:])] = entry{t.order.Uint16(t.b[at+2:]), t.order.Uint32(t.b[at+4:]), at + 8}
	}
	return out
}

func (t tiffReader) long(e entry) uint32 {
	if e.at == 0 {
		return 0
	}
	return t.order.Uint32(t.b[e.at:])
}

func (t tiffReader) short(e entry) int {
	if e.at == 0 || e.kind != 3 {
		return 0
	}
	return int(t.order.Uint16(t.b[e.at:]))
}

func (t tiffReader) text(e entry) string {
	if e.at == 0 || e.kind != 2 || e.count > 64 {
		return ""
	}
	from, n := int64(e.at), int64(e.count)
	if n > 4 {
		from = int64(t.long(e))
	}
	if from+n > int64(len(t.b)) {
		return ""
	}
	return strings.TrimRight(string(t.b[from:from+n]), "\x00 ")
}
