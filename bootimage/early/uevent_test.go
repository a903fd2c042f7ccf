//go:build linux

package early

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pipeWatcher receives what a test sends, in place of the kernel's socket.
func pipeWatcher(t *testing.T) (*watcher, *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	w, send := &watcher{f: os.NewFile(uintptr(fds[0]), "uevent")}, os.NewFile(uintptr(fds[1]), "kernel")
	t.Cleanup(func() { w.close(); send.Close() })
	return w, send
}

func TestNext(t *testing.T) {
	w, send := pipeWatcher(t)
	for _, m := range []string{"libudev\x00", "add@/devices/a\x00SUBSYSTEM=block\x00"} {
		if _, err := send.WriteString(m); err != nil {
			t.Fatal(err)
		}
	}
	if ev, err := w.next(context.Background()); err != nil || ev.DevPath != "/devices/a" {
		t.Errorf("next = %+v, %v", ev, err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	if _, err := w.next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.next(canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if _, err := send.WriteString("remove@/devices/b\x00"); err != nil {
		t.Fatal(err)
	}
	// An earlier deadline must not keep a later call from its event.
	if ev, err := w.next(context.Background()); err != nil || ev.Action != "remove" {
		t.Errorf("next = %+v, %v", ev, err)
	}
}

// TestAwaitEvidence finds nothing, and says so when the limit is over.
func TestAwaitEvidence(t *testing.T) {
	w, send := pipeWatcher(t)
	root := guest(t, map[string]string{"sys/class/block/none/size": "0"})
	st := &State{events: w, loader: &loader{}, Cmdline: ParseCmdline("massho.bootfs=0000-0001")}
	if _, err := send.WriteString("add@/devices/a\x00"); err != nil {
		t.Fatal(err)
	}
	_, err := st.awaitEvidence(context.Background(), Options{Root: root, Quiet: time.Millisecond, Limit: 20 * time.Millisecond})
	if !errors.Is(err, ErrNoEvidence) {
		t.Errorf("awaitEvidence says %v", err)
	}
	st.Cmdline = ParseCmdline("")
	if _, err = st.awaitEvidence(context.Background(), Options{Root: root, Quiet: time.Millisecond, Limit: time.Hour}); !errors.Is(err, ErrNoBootUUID) {
		t.Errorf("without boot volume: %v", err)
	}
}
