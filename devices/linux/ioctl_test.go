//go:build linux

package linux

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// fakeHandle is a handle whose ioctls f answers.
func fakeHandle(t *testing.T, f ioctlFunc) handle {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, null) })
	return handle{null, f}
}

func shut(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// Offsets of <scsi/sg.h>, <linux/nvme_ioctl.h> and <linux/mmc/ioctl.h> on a
// 64-bit machine, as a C compiler prints them.
func TestStructLayout(t *testing.T) {
	var s sgIOHdr
	var n nvmePassthru64
	var m mmcIocCmd
	for name, c := range map[string]struct{ got, want uintptr }{
		"sg size": {unsafe.Sizeof(s), 88}, "sg dxfer_len": {unsafe.Offsetof(s.dxferLen), 12},
		"sg dxferp": {unsafe.Offsetof(s.dxferp), 16}, "sg cmdp": {unsafe.Offsetof(s.cmdp), 24},
		"sg sbp": {unsafe.Offsetof(s.sbp), 32}, "sg timeout": {unsafe.Offsetof(s.timeout), 40},
		"sg usr_ptr": {unsafe.Offsetof(s.usrPtr), 56}, "sg status": {unsafe.Offsetof(s.status), 64},
		"sg sb_len_wr": {unsafe.Offsetof(s.sbLenWr), 67}, "sg host_status": {unsafe.Offsetof(s.hostStatus), 68},
		"sg driver_status": {unsafe.Offsetof(s.driverStatus), 70}, "sg resid": {unsafe.Offsetof(s.resid), 72},
		"sg info":   {unsafe.Offsetof(s.info), 80},
		"nvme size": {unsafe.Sizeof(n), 80}, "nvme nsid": {unsafe.Offsetof(n.nsid), 4},
		"nvme metadata": {unsafe.Offsetof(n.metadata), 16}, "nvme addr": {unsafe.Offsetof(n.addr), 24},
		"nvme data_len": {unsafe.Offsetof(n.dataLen), 36}, "nvme cdw10": {unsafe.Offsetof(n.cdw10), 40},
		"nvme timeout_ms": {unsafe.Offsetof(n.timeoutMs), 64}, "nvme result of the 72 bytes": {unsafe.Offsetof(n.rsvd2), 68},
		"nvme result": {unsafe.Offsetof(n.result), 72},
		"mmc size":    {unsafe.Sizeof(m), 72}, "mmc response": {unsafe.Offsetof(m.response), 16},
		"mmc flags": {unsafe.Offsetof(m.flags), 32}, "mmc cmd_timeout_ms": {unsafe.Offsetof(m.cmdTimeoutMs), 56},
		"mmc data_ptr": {unsafe.Offsetof(m.dataPtr), 64},
	} {
		if c.got != c.want {
			t.Errorf("%s is %d, want %d", name, c.got, c.want)
		}
	}
}

func TestMillis(t *testing.T) {
	const def = 7 * time.Second
	for name, c := range map[string]struct {
		in   time.Duration
		want uint32
	}{
		"0 is the default, not for ever": {0, 7000},
		"negative":                       {-time.Second, 7000},
		"a nanosecond is not 0":          {1, 1},
		"rounded up":                     {1500*time.Microsecond + 1, 2},
		"40 hours":                       {40 * time.Hour, 144_000_000},
		"beyond 49 days":                 {60 * 24 * time.Hour, math.MaxUint32},
		"the longest":                    {math.MaxInt64, math.MaxUint32},
	} {
		if got := millis(c.in, def); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Sense as Debian's 6.1 libata returned it for an aborted command.
const oldLibata = "70000b000000000a04414000000000008000"

func TestSGIOStatus(t *testing.T) {
	sense, err := hex.DecodeString(oldLibata)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		host, driver  uint16
		status        byte
		sense         []byte
		resid         int32
		errno         syscall.Errno
		wantErr       string // part of the error; "" for a Result
		wantResid     int
		timeout, gone bool
	}{
		"good":                          {},
		"short":                         {resid: 100, wantResid: 100},
		"check condition with sense":    {status: 2, driver: 8, sense: sense},
		"sense without driver status":   {status: 2, sense: sense},
		"driver 08h, good, with sense":  {driver: 8, sense: sense},
		"driver 08h with a suggestion":  {status: 2, driver: 0x18, sense: sense},
		"driver 08h, good, sense lost":  {driver: 8, wantErr: "driver status 08h"},
		"driver timeout":                {driver: 6, wantErr: "driver status 06h", timeout: true},
		"driver error":                  {driver: 4, wantErr: "driver reports an error"},
		"host before all else":          {host: 7, driver: 8, status: 2, sense: sense, wantErr: "host status 07h"},
		"host timeout":                  {host: 3, wantErr: "timeout", timeout: true},
		"no connection":                 {host: 1, wantErr: "no connection", gone: true},
		"host code we do not know":      {host: 0xAB, wantErr: "host status ABh"},
		"busy is the drive's own word":  {status: 8},
		"negative residual":             {resid: -1, wantResid: 512},
		"residual beyond the buffer":    {resid: 5000, wantResid: 512},
		"the ioctl itself":              {errno: syscall.EIO, wantErr: "input/output error"},
		"not a SCSI device":             {errno: syscall.ENOTTY, wantErr: "SG_IO"},
		"check condition without sense": {status: 2, driver: 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
				hdr := (*sgIOHdr)(arg)
				if req != sgIO || hdr.interfaceID != 'S' || hdr.cmdLen != 16 || hdr.dxferLen != 512 || hdr.dxferDirection != sgFromDev {
					t.Errorf("request %X header %+v", req, hdr)
				}
				hdr.hostStatus, hdr.driverStatus, hdr.status, hdr.resid = c.host, c.driver, c.status, c.resid
				hdr.sbLenWr = uint8(copy(unsafe.Slice((*byte)(hdr.sbp), hdr.mxSbLen), c.sense))
				return 0, c.errno
			})
			r, err := sgTransport{h}.Exec(context.Background(), scsi.Command{
				CDB: append([]byte{0x85}, make([]byte, 15)...), Dir: scsi.In, Data: make([]byte, 512)})
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Fatalf("error %v, want %q", err, c.wantErr)
				}
				var se *SGError
				if errors.As(err, &se) && (se.Timeout() != c.timeout || devices.Gone(err) != c.gone) {
					t.Errorf("timeout %v gone %v", se.Timeout(), devices.Gone(err))
				}
				return
			}
			if err != nil || r.Status != c.status || string(r.Sense) != string(c.sense) || r.Resid != c.wantResid {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// The whole way of one aborted command: the drive's ABRT comes out typed.
func TestSATOverSGIO(t *testing.T) {
	sense, _ := hex.DecodeString(oldLibata)
	h := fakeHandle(t, func(_, _ uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		hdr := (*sgIOHdr)(arg)
		hdr.status, hdr.driverStatus = 2, 8
		hdr.sbLenWr = uint8(copy(unsafe.Slice((*byte)(hdr.sbp), hdr.mxSbLen), sense))
		return 0, 0
	})
	_, err := ata.NewSAT16(sgTransport{h}).Exec(context.Background(), ata.Command{Command: ata.CmdSanitize, Extended: true})
	var ce *ata.CommandError
	if !errors.As(err, &ce) || !ce.Aborted() || ce.Registers.Status != 0x41 || ce.Registers.Error != 0x04 {
		t.Errorf("%v", err)
	}
}

func TestSGIONotSent(t *testing.T) {
	h := fakeHandle(t, func(_, _ uintptr, _ unsafe.Pointer) (uintptr, syscall.Errno) {
		t.Error("a command was sent")
		return 0, 0
	})
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		cmd scsi.Command
	}{
		"cancelled":              {done, scsi.Command{CDB: make([]byte, 6)}},
		"no CDB":                 {context.Background(), scsi.Command{}},
		"CDB of 32":              {context.Background(), scsi.Command{CDB: make([]byte, 32)}},
		"data without direction": {context.Background(), scsi.Command{CDB: make([]byte, 6), Data: make([]byte, 8)}},
		"direction without data": {context.Background(), scsi.Command{CDB: make([]byte, 6), Dir: scsi.In}},
	} {
		if _, err := (sgTransport{h}).Exec(c.ctx, c.cmd); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNVMeStatus(t *testing.T) {
	sanitize := nvme.AdminCommand{Opcode: nvme.OpSanitize, CDW10: uint32(nvme.BlockErase)}
	for name, c := range map[string]struct {
		ret   uintptr
		errno syscall.Errno
		is    error
		want  string
	}{
		"done":                          {},
		"refused: invalid opcode":       {ret: 0x4001, is: nvme.ErrInvalidOpcode},
		"refused: invalid opcode, bare": {ret: 0x0001, is: nvme.ErrInvalidOpcode},
		"sanitize in progress":          {ret: 0x001D, is: nvme.ErrSanitizeInProgress},
		"write protected":               {ret: 0x4020, is: nvme.ErrWriteProtected},
		"status without a code":         {ret: 0x4000, want: "4000"},
		"no status at all":              {ret: 0x10001, want: "10001h"},
		"errno":                         {errno: syscall.EIO, is: syscall.EIO},
		"no permission":                 {errno: syscall.EACCES, is: syscall.EACCES},
	} {
		t.Run(name, func(t *testing.T) {
			h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
				cmd := (*nvmePassthru64)(arg)
				if req != nvmeAdmin64Cmd || cmd.opcode != nvme.OpSanitize || cmd.cdw10 != 2 || cmd.timeoutMs != 60000 {
					t.Errorf("request %X %+v", req, cmd)
				}
				cmd.result = 0x1_0000_002A
				return c.ret, c.errno
			})
			got, err := (&nvmeTransport{h: h}).Admin(context.Background(), sanitize)
			switch {
			case c.ret == 0 && c.errno == 0:
				if err != nil || got.Result != 0x2A {
					t.Errorf("%+v, %v", got, err)
				}
			case err == nil:
				t.Error("a refused command was reported as done")
			case c.is != nil && !errors.Is(err, c.is), !strings.Contains(err.Error(), c.want):
				t.Errorf("error %v", err)
			}
		})
	}
}

// A kernel without ADMIN64 takes 72 bytes and puts the result elsewhere; it is
// asked the old way from then on.
func TestNVMeOldKernel(t *testing.T) {
	var reqs []uintptr
	h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		reqs = append(reqs, req)
		if req == nvmeAdmin64Cmd {
			return 0, syscall.ENOTTY
		}
		cmd := (*nvmePassthru64)(arg)
		if cmd.dataLen != 4096 || cmd.addr == nil {
			t.Errorf("%+v", cmd)
		}
		cmd.rsvd2 = 0x55
		return 0, 0
	})
	tr := &nvmeTransport{h: h}
	for range 2 {
		c, err := tr.Admin(context.Background(), nvme.AdminCommand{Opcode: nvme.OpIdentify, Data: make([]byte, 4096)})
		if err != nil || c.Result != 0x55 {
			t.Errorf("%+v, %v", c, err)
		}
	}
	want := []uintptr{nvmeAdmin64Cmd, nvmeAdminCmd, nvmeAdminCmd}
	if len(reqs) != len(want) || reqs[0] != want[0] || reqs[1] != want[1] || reqs[2] != want[2] {
		t.Errorf("requests %X, want %X", reqs, want)
	}
}

func TestNVMeOldKernelRefusal(t *testing.T) {
	h := fakeHandle(t, func(_, req uintptr, _ unsafe.Pointer) (uintptr, syscall.Errno) {
		if req == nvmeAdmin64Cmd {
			return 0, syscall.ENOTTY
		}
		return 0x4002, 0
	})
	_, err := (&nvmeTransport{h: h}).Admin(context.Background(), nvme.AdminCommand{Opcode: nvme.OpSanitize})
	if !errors.Is(err, nvme.ErrInvalidField) {
		t.Errorf("error %v", err)
	}
}

func TestMMCCommand(t *testing.T) {
	h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		ioc := (*mmcIocCmd)(arg)
		if req != mmcIOCCmd || ioc.writeFlag != 0 {
			t.Errorf("request %X %+v", req, ioc)
		}
		switch ioc.opcode {
		case mmc.CmdSendExtCSD:
			b := unsafe.Slice((*byte)(ioc.dataPtr), ioc.blksz*ioc.blocks)
			b[192], b[231] = 8, 0x40 // revision 8, sanitize
			if ioc.flags != mmcRspR1|mmcCmdTC {
				t.Errorf("flags %X", ioc.flags)
			}
		case mmc.CmdSwitch:
			if ioc.flags != mmcRspR1b|mmcCmdAC || ioc.cmdTimeoutMs != 90000 {
				t.Errorf("flags %X timeout %d", ioc.flags, ioc.cmdTimeoutMs)
			}
			ioc.response[0] = 1 << 7 // SWITCH_ERROR
		}
		return 0, 0
	})
	e, _, err := mmc.ReadExtCSD(context.Background(), mmcTransport{h})
	if err != nil || !e.Sanitize.IsYes() {
		t.Errorf("%+v, %v", e, err)
	}
	var se *mmc.StatusError
	if err := mmc.Run(context.Background(), mmcTransport{h}, mmc.SanitizeCommand(90*time.Second)); !errors.As(err, &se) {
		t.Errorf("a switch error was taken for done: %v", err)
	}
	if _, err := (mmcTransport{h}).Exec(context.Background(), mmc.Command{Index: 8, Data: make([]byte, 100)}); err == nil {
		t.Error("100 bytes were taken for a block")
	}
}
