package fbterm

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Linux uapi: linux/fb.h and linux/kd.h, linux/vt.h.
const (
	fbioGetVScreenInfo = 0x4600
	fbioGetFScreenInfo = 0x4602

	kdSetMode  = 0x4b3a
	kdGetMode  = 0x4b3b
	kdGraphics = 1

	kdGetKeyboardMode = 0x4b44
	kdSetKeyboardMode = 0x4b45
	keyboardUnicode   = 3

	kdGetKeyEntry = 0x4b46
	kdSetKeyEntry = 0x4b47

	vtLockSwitch   = 0x560b
	vtUnlockSwitch = 0x560c
)

// bitfield is struct fb_bitfield.
type bitfield struct{ Offset, Length, MSBRight uint32 }

// varScreenInfo is struct fb_var_screeninfo (160 bytes).
type varScreenInfo struct {
	XRes, YRes, XResVirtual, YResVirtual uint32
	XOffset, YOffset                     uint32
	BitsPerPixel, Grayscale              uint32
	Red, Green, Blue, Transp             bitfield
	Rest                                 [20]uint32
}

// fixScreenInfo is struct fb_fix_screeninfo on 64-bit machines (80 bytes).
type fixScreenInfo struct {
	ID           [16]byte
	SmemStart    uint64
	SmemLen      uint32
	Type         uint32
	TypeAux      uint32
	Visual       uint32
	XPanStep     uint16
	YPanStep     uint16
	YWrapStep    uint16
	_            uint16
	LineLength   uint32
	_            uint32
	MMIOStart    uint64
	MMIOLen      uint32
	Accel        uint32
	Capabilities uint16
	_            [3]uint16
}

// ioctl is here because package unix has no structs for framebuffers.
func ioctl(f *os.File, req uint, p unsafe.Pointer) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	err = c.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, uintptr(req), uintptr(p))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

func screenInfo(f *os.File) (v varScreenInfo, x fixScreenInfo, err error) {
	if err = ioctl(f, fbioGetVScreenInfo, unsafe.Pointer(&v)); err != nil {
		return v, x, os.NewSyscallError("FBIOGET_VSCREENINFO", err)
	}
	if err = ioctl(f, fbioGetFScreenInfo, unsafe.Pointer(&x)); err != nil {
		return v, x, os.NewSyscallError("FBIOGET_FSCREENINFO", err)
	}
	return v, x, nil
}
