//go:build linux

package linux

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/massho/massho/devices/mmc"
)

// The three commands of an erase go to the kernel in one request.
func TestMMCSequence(t *testing.T) {
	erase, err := mmc.EraseCommands(mmc.KindMMC, 0, 0xFFFF, mmc.EraseGroups, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	skipped := false
	asked := 0
	h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		if asked++; asked == 3 {
			return 0, syscall.ETIMEDOUT
		}
		n := *(*uint64)(arg)
		cmds := unsafe.Slice((*mmcIocCmd)(unsafe.Add(arg, 8)), n)
		if req != mmcIOCMultiCmd || n != 3 {
			t.Fatalf("request %X with %d commands", req, n)
		}
		for i, want := range []struct{ opcode, arg, flags uint32 }{
			{35, 0, mmcRspR1 | mmcCmdAC}, {36, 0xFFFF, mmcRspR1 | mmcCmdAC}, {38, 0, mmcRspR1b | mmcCmdAC}} {
			if c := cmds[i]; c.opcode != want.opcode || c.arg != want.arg || c.flags != want.flags || c.writeFlag != 0 {
				t.Errorf("command %d: %+v", i, c)
			}
			cmds[i].response[0] = 0x900
		}
		if skipped {
			cmds[2].response[0] |= 1 << 15 // WP_ERASE_SKIP
		}
		return 0, 0
	})
	if err := mmc.RunAll(context.Background(), mmcTransport{h}, erase); err != nil {
		t.Error(err)
	}
	skipped = true
	var status *mmc.StatusError
	if err := mmc.RunAll(context.Background(), mmcTransport{h}, erase); !errors.As(err, &status) || status.Command != 38 {
		t.Errorf("an erase that left protected areas out: %v", err)
	}
	if err := mmc.RunAll(context.Background(), mmcTransport{h}, erase); !errors.Is(err, syscall.ETIMEDOUT) {
		t.Errorf("%v", err)
	}
	if _, err := (mmcTransport{h}).ExecAll(context.Background(), nil); err == nil {
		t.Error("a sequence of nothing was sent")
	}
	if _, err := (mmcTransport{h}).ExecAll(context.Background(), []mmc.Command{{Index: 8, Data: make([]byte, 512)}}); err == nil {
		t.Error("data were taken into a sequence")
	}
}
