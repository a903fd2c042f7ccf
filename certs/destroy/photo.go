package destroy

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // photographs may be PNG

	"golang.org/x/image/draw"

	"github.com/massho/massho/certs/deed"
)

// Limits of a photograph that is given.
const (
	MaxPhotoFile   = 60 << 20    // bytes
	maxPhotoPixels = 130_000_000 // a large camera's
	longSide       = 1400        // pixels of what is kept: 200 dpi on the page
	quality        = 82
)

// Shrink turns a photograph (JPEG, PNG) into what the paper carries: at most
// 1,400 pixels wide or high, upright, without anything that the camera noted.
// The time is kept in the Photo. i numbers the photographs from 1.
func Shrink(original []byte, caption string, i int) (Photo, []byte, error) {
	if len(original) > MaxPhotoFile {
		return Photo{}, nil, fmt.Errorf("%w: larger than %d MB", ErrPhoto, MaxPhotoFile>>20)
	}
	conf, kind, err := image.DecodeConfig(bytes.NewReader(original))
	if err != nil {
		return Photo{}, nil, fmt.Errorf("%w: give a JPEG or PNG (phones that take HEIC can export JPEG) (%w)", ErrPhoto, err)
	}
	if conf.Width < 1 || conf.Height < 1 || int64(conf.Width)*int64(conf.Height) > maxPhotoPixels {
		return Photo{}, nil, fmt.Errorf("%w: %s of %d × %d", ErrPhoto, kind, conf.Width, conf.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(original))
	if err != nil {
		return Photo{}, nil, fmt.Errorf("%w: it is damaged (%w)", ErrPhoto, err)
	}
	c := readCamera(original)
	small := upright(scaled(img), c.orientation)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
		return Photo{}, nil, fmt.Errorf("%w: %w", ErrPhoto, err)
	}
	size := small.Bounds().Size()
	return Photo{File: fmt.Sprintf("photo-%02d.jpg", i), SHA256: deed.SHA256(b.Bytes()), Original: deed.SHA256(original),
		Width: size.X, Height: size.Y, Taken: c.taken, GPS: c.gps, Caption: caption}, b.Bytes(), nil
}

// scaled draws img on white, no side longer than longSide.
func scaled(img image.Image) *image.RGBA {
	size := img.Bounds().Size()
	w, h := size.X, size.Y
	if long := max(w, h); long > longSide {
		w, h = max(1, w*longSide/long), max(1, h*longSide/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, img.Bounds(), draw.Over, nil)
	return out
}

// upright turns a picture as its Exif orientation asks (Exif 2.32 §4.6.4 A).
func upright(in *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := place(x, y, w, h, orientation)
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}

// place is where the stored pixel (x, y) is seen.
func place(x, y, w, h, orientation int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
