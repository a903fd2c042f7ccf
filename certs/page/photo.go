package page

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // photographs are JPEG

	"github.com/signintech/gopdf"
)

// Photo is one picture, JPEG with three components, and what stands below it.
type Photo struct {
	JPEG    []byte
	Caption []string
}

// Photos is pictures, two side by side.
type Photos struct{ Items []Photo }

const (
	photoGap = 10.0
	photoW   = (portraitW - photoGap) / 2 // also on a landscape page
	photoH   = photoW * 3 / 4
)

func (p Photos) place(f *flow) {
	for i := 0; i < len(p.Items); i += 2 {
		row := p.Items[i:min(i+2, len(p.Items))]
		captions := make([][]string, len(row))
		deepest := 0
		for j, it := range row {
			for _, l := range it.Caption {
				captions[j] = append(captions[j], f.wrap(l, photoW-4, small)...)
			}
			deepest = max(deepest, len(captions[j]))
		}
		h := photoH + float64(deepest)*small.leading() + 8
		f.need(h)
		for j, it := range row {
			x := marginL + float64(j)*(photoW+photoGap)
			f.c.photo(x, f.y, it.JPEG)
			f.c.frame(x, f.y, photoW, photoH, thin)
			f.lines(x+2, f.y+photoH+1, captions[j], small, x+photoW)
		}
		f.y += h
	}
	f.y += 2
}

// photo draws a picture as large as its frame allows, in its own proportions.
func (c *canvas) photo(x, y float64, data []byte) {
	if c.pdf == nil {
		return
	}
	conf, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && (kind != "jpeg" || conf.Width == 0 || conf.Height == 0) {
		err = fmt.Errorf("photo: %s of %d × %d", kind, conf.Width, conf.Height)
	}
	if err != nil {
		c.do(err)
		return
	}
	scale := min((photoW-2)/float64(conf.Width), (photoH-2)/float64(conf.Height))
	w, h := float64(conf.Width)*scale, float64(conf.Height)*scale
	holder, err := gopdf.ImageHolderByBytes(data)
	if err != nil {
		c.do(err)
		return
	}
	c.do(c.pdf.ImageByHolder(holder, x+(photoW-w)/2, y+(photoH-h)/2, &gopdf.Rect{W: w, H: h}))
}
