package scene

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
)

// jpegFile is a picture that photorec recognises.
func jpegFile() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err) // a picture in memory always encodes
	}
	return b.Bytes()
}
