package console

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/draw"

	"github.com/massho/massho/bootimage/fbterm"
	"github.com/massho/massho/bootimage/fbterm/font"
	"github.com/massho/massho/wipe/journal"
)

// picture draws a frame as the framebuffer would show it.
func picture(t *testing.T, out string, c Canvas, cell fbterm.CellSize) *image.RGBA {
	t.Helper()
	ttf, err := font.Load()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	scr, err := fbterm.NewScreen(c.Cols, c.Rows)
	if err != nil {
		t.Fatal(err)
	}
	defer scr.Close()
	for y, l := range strings.Split(out, "\n") {
		if _, err := fmt.Fprintf(scr, "\x1b[%d;1H%s", y+1, l); err != nil {
			t.Fatal(err)
		}
	}
	r, err := fbterm.NewRenderer(cell, ttf)
	if err != nil {
		t.Fatal(err)
	}
	return r.Image(scr)
}

// filmed is what a cheap camera makes of a picture: 640x360, out of focus, JPEG.
func filmed(t *testing.T, img image.Image) image.Image {
	t.Helper()
	small := image.NewGray(image.Rect(0, 0, 640, 360))
	draw.CatmullRom.Scale(small, small.Rect, img, img.Bounds(), draw.Src, nil)
	blurred := image.NewGray(small.Rect)
	for y := range 360 {
		for x := range 640 {
			sum, n := 0, 0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if p := image.Pt(x+dx, y+dy); p.In(small.Rect) {
						sum += int(small.GrayAt(p.X, p.Y).Y)
						n++
					}
				}
			}
			blurred.SetGray(x, y, color.Gray{uint8(sum / n)})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, blurred, &jpeg.Options{Quality: 40}); err != nil {
		t.Fatal(err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func decode(img image.Image) (string, error) {
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	res, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", err
	}
	return res.GetText(), nil
}

// TestLargeModeIsReadOnFilm: the film gives the QR code to a decoder, and the
// letters of the code are at least a sixteenth of its height.
func TestLargeModeIsReadOnFilm(t *testing.T) {
	for _, px := range []image.Point{{640, 480}, {800, 600}, {1024, 768}, {1280, 800}, {1366, 768}, {1920, 1080}, {3840, 2160}} {
		t.Run(fmt.Sprintf("%dx%d", px.X, px.Y), func(t *testing.T) {
			cell := fbterm.ChooseCell(px.X, px.Y)
			c := Canvas{Cols: px.X / cell.W, Rows: px.Y / cell.H}
			w := newPlay(disk(0, "WDC WD10EZEX-08WN4A0", 1000))
			w.heads("WD-WX11A1000000")
			s := sit(t, w).press("f5")
			out := s.m.Render(c)
			checkFrame(t, "large", out, c)
			got, err := decode(filmed(t, picture(t, out, c, cell)))
			if err != nil {
				t.Fatalf("the film gives no code: %v", err)
			}
			if want := QRText(w.status.Heads[0].Hash); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if high := 7 * cell.H / 2; high*16 < px.Y { // big letters are seven half cells high
				t.Errorf("letters of %d pixels on %d", high, px.Y)
			}
		})
	}
}

// TestPanelIsReadClose: the small code on every screen is a true one.
func TestPanelIsReadClose(t *testing.T) {
	for _, c := range canvases[:3] {
		t.Run(c.name, func(t *testing.T) {
			w := newPlay(disk(0, "WDC WD10EZEX-08WN4A0", 1000))
			w.heads("WD-WX11A1000000")
			out := sit(t, w).m.Render(c.Canvas)
			got, err := decode(picture(t, out, c.Canvas, c.cell))
			if err != nil {
				t.Fatal(err)
			}
			if want := QRText(w.status.Heads[0].Hash); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// TestQRTextHoldsTheHash: whoever has the film has all 256 bits.
func TestQRTextHoldsTheHash(t *testing.T) {
	h := journal.Hash{1, 2, 3, 0xff}
	raw, ok := strings.CutPrefix(QRText(h), "MASSHO:")
	back, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(raw)
	if !ok || err != nil || !bytes.Equal(back, h[:]) {
		t.Errorf("%q: %x %v", QRText(h), back, err)
	}
	code, err := encodeQR(QRText(h))
	if err != nil || len(code) != qrSide {
		t.Errorf("%d modules, %v; want %d", len(code), err, qrSide)
	}
}

// TestLabelIsRead: also a serial with characters outside the small alphabet.
func TestLabelIsRead(t *testing.T) {
	for _, serial := range []string{"WD-WX11A1000000", "S3Z9_nb0k#1", strings.Repeat("X", 40)} {
		code, err := encodeQR(LabelText("R8-012-U1-0001", serial))
		if err != nil {
			t.Fatal(err)
		}
		img := image.NewGray(image.Rect(0, 0, len(code)*8, len(code)*8))
		for i := range img.Pix {
			if !code.at(i%img.Stride/8, i/img.Stride/8) {
				img.Pix[i] = 0xff
			}
		}
		if got, err := decode(img); err != nil || got != LabelText("R8-012-U1-0001", serial) {
			t.Errorf("%q %v", got, err)
		}
	}
}

// TestBigLetters: every digit of a code, of a clock and of a number has a
// picture of its own.
func TestBigLetters(t *testing.T) {
	seen := map[[7]byte]rune{}
	for _, r := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ:-?" {
		g, ok := bigLetters[r]
		if !ok {
			t.Errorf("no picture of %q", r)
		}
		if other, twice := seen[g]; twice {
			t.Errorf("%q looks like %q", r, other)
		}
		seen[g] = r
	}
}
