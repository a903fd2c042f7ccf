package destroy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// exifBlock is a TIFF block with orientation 6, a time, and a GPS pointer if
// asked for.
func exifBlock(order byte, gps bool) []byte {
	var bo binary.AppendByteOrder = binary.LittleEndian
	if order == 'M' {
		bo = binary.BigEndian
	}
	b := []byte{order, order}
	b = bo.AppendUint16(b, 42)
	b = bo.AppendUint32(b, 8)
	entry := func(tag, kind uint16, count, value uint32) {
		b = bo.AppendUint16(b, tag)
		b = bo.AppendUint16(b, kind)
		b = bo.AppendUint32(b, count)
		if kind == 3 {
			b = bo.AppendUint16(b, uint16(value))
			b = bo.AppendUint16(b, 0)
			return
		}
		b = bo.AppendUint32(b, value)
	}
	n := uint16(2)
	if gps {
		n++
	}
	sub := 8 + 2 + 12*uint32(n) + 4
	b = bo.AppendUint16(b, n)
	entry(tagOrientation, 3, 1, 1)
	entry(tagExifIFD, 4, 1, sub)
	if gps {
		entry(tagGPSIFD, 4, 1, 8)
	}
	b = bo.AppendUint32(b, 0)
	b = bo.AppendUint16(b, 2)
	text := sub + 2 + 24 + 4
	entry(tagOriginal, 2, 20, text)
	entry(tagOffset, 2, 7, text+20)
	b = bo.AppendUint32(b, 0)
	return append(b, "2026:11:24 10:11:12\x00+09:00\x00"...)
}

func TestReadCamera(t *testing.T) {
	for name, c := range map[string]struct {
		photo []byte
		want  camera
	}{
		"little endian":  {picture(t, 8, 8, exifBlock('I', true)), camera{1, "2026-11-24 10:11:12 +09:00", true}},
		"big endian":     {picture(t, 8, 8, exifBlock('M', false)), camera{1, "2026-11-24 10:11:12 +09:00", false}},
		"none":           {picture(t, 8, 8, nil), camera{1, "", false}},
		"cut off":        {picture(t, 8, 8, exifBlock('I', true)[:30]), camera{1, "", false}},
		"not a picture":  {[]byte("hello"), camera{1, "", false}},
		"nothing":        {nil, camera{1, "", false}},
		"time of zeros":  {picture(t, 8, 8, bytes.Replace(exifBlock('I', false), []byte("2026:11:24"), []byte("0000:00:00"), 1)), camera{1, "", false}},
		"zone not noted": {picture(t, 8, 8, bytes.Replace(exifBlock('I', false), []byte("+09:00"), []byte("      "), 1)), camera{1, "2026-11-24 10:11:12", false}},
	} {
		if got := readCamera(c.photo); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzReadCamera(f *testing.F) {
	f.Add(picture(f, 8, 8, exifBlock('I', true)))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x08eXIfMM\x00*\x00\x00\x00\x08\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c := readCamera(b); c.orientation < 1 || c.orientation > 8 || len(c.taken) > 26 {
			t.Fatalf("%+v", c)
		}
	})
}

func TestShrink(t *testing.T) {
	big := picture(t, 3000, 1500, exifBlock('I', true))
	p, small, err := Shrink(big, "ラベル", 2)
	if err != nil || p.File != "photo-02.jpg" || p.Width != longSide || p.Height != longSide/2 || !p.GPS || p.Taken == "" {
		t.Fatalf("%+v, %v", p, err)
	}
	if bytes.Contains(small, []byte("Exif")) || bytes.Contains(small, []byte("2026:11")) {
		t.Error("the camera's notes are still there")
	}
	if again, same, err := Shrink(big, "ラベル", 2); err != nil || again != p || !bytes.Equal(small, same) {
		t.Error("not the same twice")
	}
	if _, _, err := image.Decode(bytes.NewReader(small)); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "text": []byte("photo"), "cut off": big[:len(big)/3],
		"huge": hugePNG()} {
		if _, _, err := Shrink(bad, "", 1); !errors.Is(err, ErrPhoto) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hugePNG claims to be 60000 × 60000.
func hugePNG() []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, 60000)
	b = binary.BigEndian.AppendUint32(b, 60000)
	return append(b, 8, 2, 0, 0, 0, 0x26, 0x1c, 0x35, 0x7e)
}

// TestOrientation: whatever the camera noted, the marked corner ends top left.
func TestOrientation(t *testing.T) {
	corner := map[int]image.Point{1: {0, 0}, 2: {39, 0}, 3: {39, 19}, 4: {0, 19}, 5: {0, 0}, 6: {0, 19}, 7: {39, 19}, 8: {39, 0}}
	for o, at := range corner {
		img := image.NewRGBA(image.Rect(0, 0, 40, 20))
		img.SetRGBA(at.X, at.Y, color.RGBA{255, 0, 0, 255})
		out := upright(img, o)
		want := image.Pt(40, 20)
		if o >= 5 {
			want = image.Pt(20, 40)
		}
		if out.Bounds().Size() != want || out.RGBAAt(0, 0).R != 255 {
			t.Errorf("orientation %d: %v, corner %v", o, out.Bounds().Size(), out.RGBAAt(0, 0))
		}
	}
}

func TestPNGWithTransparency(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 10, 10)) // wholly transparent
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p, out, err := Shrink(b.Bytes(), "", 1)
	if err != nil || p.Width != 10 {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, _ := got.At(5, 5).RGBA(); r < 0xF000 || g < 0xF000 {
		t.Error("what is transparent is not white")
	}
	if strings.Contains(string(out), "Exif") {
		t.Error("Exif")
	}
}
