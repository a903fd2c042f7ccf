package fbterm

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// framebuffer is a mapped /dev/fbN.
type framebuffer struct {
	plane
	mapped []byte
}

func openFramebuffer(path string) (*framebuffer, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("framebuffer: %w", err)
	}
	fb, err := mapFramebuffer(f)
	// The mapping outlives the descriptor.
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("framebuffer %s: %w", path, err)
	}
	return fb, nil
}

func mapFramebuffer(f *os.File) (*framebuffer, error) {
	v, x, err := screenInfo(f)
	if err != nil {
		return nil, err
	}
	fm, err := newFormat(v.BitsPerPixel, v.Red.channel(), v.Green.channel(), v.Blue.channel())
	if err != nil {
		return nil, err
	}
	p := plane{width: int(v.XRes), height: int(v.YRes), stride: int(x.LineLength), format: fm}
	if p.width <= 0 || p.height <= 0 || p.stride < p.width*fm.bytes {
		return nil, fmt.Errorf("%dx%d pixels in lines of %d bytes", p.width, p.height, p.stride)
	}
	first := int(v.YOffset)*p.stride + int(v.XOffset)*fm.bytes
	if first+p.stride*p.height > int(x.SmemLen) {
		return nil, fmt.Errorf("%dx%d pixels in lines of %d bytes do not fit its memory of %d bytes", p.width, p.height, p.stride, x.SmemLen)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(x.SmemLen), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	p.mem = mapped[first:]
	return &framebuffer{plane: p, mapped: mapped}, nil
}

func (b bitfield) channel() channel { return channel{b.Offset, b.Length} }

func (fb *framebuffer) Close() error {
	fb.mem = nil
	if err := unix.Munmap(fb.mapped); err != nil {
		return os.NewSyscallError("munmap", err)
	}
	return nil
}
