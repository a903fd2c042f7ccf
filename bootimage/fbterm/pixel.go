package fbterm

import (
	"fmt"
	"image"
)

// channel is where a colour lies in a pixel: Length bits from bit Offset.
type channel struct{ offset, length uint32 }

// format is how a framebuffer stores its pixels.
type format struct {
	bytes            int // 2, 3 or 4
	red, green, blue channel
}

// newFormat refuses what this package cannot draw: palettes and depths other
// than 16, 24 and 32 bits a pixel.
func newFormat(bpp uint32, red, green, blue channel) (format, error) {
	f := format{bytes: int(bpp / 8), red: red, green: green, blue: blue}
	if bpp != 16 && bpp != 24 && bpp != 32 {
		return format{}, fmt.Errorf("framebuffer has %d bits a pixel; 16, 24 and 32 can be drawn", bpp)
	}
	for _, c := range []channel{red, green, blue} {
		if c.length == 0 || c.length > 8 || c.offset+c.length > bpp {
			return format{}, fmt.Errorf("framebuffer stores a colour in %d bits at bit %d of %d", c.length, c.offset, bpp)
		}
	}
	return f, nil
}

func (f format) pixel(r, g, b uint8) uint32 {
	return f.red.place(r) | f.green.place(g) | f.blue.place(b)
}

func (c channel) place(v uint8) uint32 { return uint32(v) >> (8 - c.length) << c.offset }

// plane is the memory of a framebuffer: little-endian pixels in lines of
// stride bytes.
type plane struct {
	mem           []byte
	width, height int
	stride        int
	format        format
	line          []byte // one row of pixels, so that slow memory is written in one go
}

// Blit implements Canvas; what lies outside is cut off.
func (p *plane) Blit(x, y int, img *image.RGBA) {
	n := min(img.Rect.Dx(), p.width-x)
	if n <= 0 || x < 0 || y < 0 {
		return
	}
	for row := range min(img.Rect.Dy(), p.height-y) {
		p.line = p.line[:0]
		src := img.Pix[row*img.Stride:]
		for i := range n {
			v := p.format.pixel(src[4*i], src[4*i+1], src[4*i+2])
			for range p.format.bytes {
				p.line = append(p.line, byte(v))
				v >>= 8
			}
		}
		copy(p.mem[(y+row)*p.stride+x*p.format.bytes:], p.line)
	}
}

// clear makes all of it black.
func (p *plane) clear() {
	for y := range p.height {
		clear(p.mem[y*p.stride:][:p.width*p.format.bytes])
	}
}

// centred moves what is drawn so that a w×h picture is in the middle.
type centred struct {
	to   Canvas
	x, y int
}

func (c centred) Blit(x, y int, img *image.RGBA) { c.to.Blit(c.x+x, c.y+y, img) }
