//go:build linux

package linux

import (
	"context"
	"fmt"
	"os"
	"time"
	"unsafe"

	"github.com/massho/massho/devices/scsi"
)

// sgIOHdr is struct sg_io_hdr of <scsi/sg.h>, version 3. Pointers stay
// pointers: a uintptr would go stale when the garbage collector or the stack
// moves what it names.
type sgIOHdr struct {
	interfaceID    int32
	dxferDirection int32
	cmdLen         uint8
	mxSbLen        uint8
	iovecCount     uint16
	dxferLen       uint32
	dxferp         unsafe.Pointer
	cmdp           unsafe.Pointer
	sbp            unsafe.Pointer
	timeout        uint32 // milliseconds
	flags          uint32
	packID         int32
	usrPtr         unsafe.Pointer
	status         uint8
	maskedStatus   uint8
	msgStatus      uint8
	sbLenWr        uint8
	hostStatus     uint16
	driverStatus   uint16
	resid          int32
	duration       uint32
	info           uint32
}

const (
	sgIO = 0x2285

	sgNone    = -1
	sgToDev   = -2
	sgFromDev = -3

	senseSize = 252 // SPC-5 clause 4.4: the most that sense data can be

	driverSense = 0x08 // DRIVER_SENSE: normal, there is sense data

	defaultSCSITimeout = 60 * time.Second
)

// sgTransport is scsi.Transport over SG_IO.
type sgTransport struct{ h handle }

// SGIO returns the SCSI transport of an open /dev/sdX or /dev/srX. An ioctl
// cannot be interrupted: ctx is looked at before the command is sent, after
// that only the command's own timeout ends it.
func SGIO(f *os.File) scsi.Transport { return sgTransport{handle{f, kernelIoctl}} }

// SGError says that the road failed: host adapter or driver status. Nothing is
// known of what the drive did.
type SGError struct {
	Opcode byte
	Host   uint16 // DID_… of the kernel
	Driver uint16
	Status byte
}

// Timeout reports whether the command's time ran out.
func (e *SGError) Timeout() bool { return e.Host == 0x03 || e.Driver&0x0F == 0x06 }

// Gone reports whether the drive is no longer there.
func (e *SGError) Gone() bool { return e.Host == 0x01 || e.Host == 0x04 }

// Error prints all three codes; the host's also in words.
func (e *SGError) Error() string {
	words := hostWords[e.Host]
	if words == "" {
		words = "not a code we know"
	}
	if e.Host == 0 {
		words = "driver reports an error"
	}
	return fmt.Sprintf("SCSI command %02Xh: road failed: %s (host status %02Xh, driver status %02Xh, status %02Xh)",
		e.Opcode, words, e.Host, e.Driver, e.Status)
}

var hostWords = map[uint16]string{
	0x01: "no connection", 0x02: "bus busy", 0x03: "timeout", 0x04: "bad target", 0x05: "aborted",
	0x06: "parity or CRC error", 0x07: "error", 0x08: "bus was reset", 0x09: "unexpected interrupt",
	0x0B: "soft error", 0x0C: "retry at once", 0x0D: "requeue", 0x0E: "transport disrupted",
	0x0F: "transport failed fast", 0x10: "target failure", 0x11: "reservation or nexus failure",
	0x12: "allocation failure", 0x13: "medium error", 0x14: "transport marginal",
}

// Exec sends one command. Order of judging: host status, driver status, then
// status and sense data are handed on as the drive's own words.
func (t sgTransport) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	if len(c.CDB) == 0 || len(c.CDB) > 16 {
		return scsi.Result{}, fmt.Errorf("SG_IO: a CDB of %d bytes", len(c.CDB))
	}
	if err := ctx.Err(); err != nil {
		return scsi.Result{}, fmt.Errorf("SCSI command %02Xh: not sent: %w", c.CDB[0], err)
	}
	sense := make([]byte, senseSize)
	hdr, err := newSGHeader(c, sense)
	if err != nil {
		return scsi.Result{}, err
	}
	if err := t.h.do("SG_IO", sgIO, unsafe.Pointer(hdr)); err != nil {
		return scsi.Result{}, fmt.Errorf("SCSI command %02Xh: %w", c.CDB[0], err)
	}
	return sgResult(c, hdr, sense)
}

func newSGHeader(c scsi.Command, sense []byte) (*sgIOHdr, error) {
	hdr := &sgIOHdr{
		interfaceID: 'S', dxferDirection: sgNone,
		cmdLen: uint8(len(c.CDB)), cmdp: unsafe.Pointer(unsafe.SliceData(c.CDB)),
		mxSbLen: uint8(len(sense)), sbp: unsafe.Pointer(unsafe.SliceData(sense)),
		timeout: millis(c.Timeout, defaultSCSITimeout),
	}
	if (c.Dir == scsi.None) != (len(c.Data) == 0) {
		return nil, fmt.Errorf("SCSI command %02Xh: direction %v with %d bytes of data", c.CDB[0], c.Dir, len(c.Data))
	}
	switch c.Dir {
	case scsi.In:
		hdr.dxferDirection = sgFromDev
	case scsi.Out:
		hdr.dxferDirection = sgToDev
	}
	if len(c.Data) > 0 {
		hdr.dxferLen = uint32(len(c.Data))
		hdr.dxferp = unsafe.Pointer(unsafe.SliceData(c.Data))
	}
	return hdr, nil
}

func sgResult(c scsi.Command, hdr *sgIOHdr, sense []byte) (scsi.Result, error) {
	sense = sense[:min(int(hdr.sbLenWr), len(sense))]
	drv := hdr.driverStatus & 0x0F // the upper half is a suggestion
	lost := drv == driverSense && len(sense) == 0 && hdr.status == scsi.StatusGood
	if hdr.hostStatus != 0 || drv != 0 && drv != driverSense || lost {
		return scsi.Result{}, &SGError{Opcode: c.CDB[0], Host: hdr.hostStatus, Driver: hdr.driverStatus, Status: hdr.status}
	}
	// A residual beyond the buffer is nonsense of a bridge: then nothing of
	// the buffer is known to have come.
	resid := int(hdr.resid)
	if resid < 0 || resid > len(c.Data) {
		resid = len(c.Data)
	}
	return scsi.Result{Status: hdr.status, Sense: sense, Resid: resid}, nil
}
