//go:build linux

package nvmevm

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/emulator/nvmetcp"
	"github.com/massho/massho/devices/nvme"
)

// drive is one emulated controller of the rig, with what the guest sent to it.
type drive struct {
	*emulator.Controller
	emu *emulator.Drive
	nqn string

	mu   sync.Mutex
	seen []string // names of admin commands, in order
	on   map[string]chan struct{}
}

// Admin passes a command on and remembers it.
func (d *drive) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	name := nvme.Name(c)
	d.mu.Lock()
	d.seen = append(d.seen, name)
	if ch := d.on[name]; ch != nil {
		close(ch)
		delete(d.on, name)
	}
	d.mu.Unlock()
	return d.Controller.Admin(ctx, c)
}

// when is closed at the first command of that name.
func (d *drive) when(name string) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	ch := make(chan struct{})
	d.on[name] = ch
	return ch
}

// count is how many commands began so.
func (d *drive) count(prefix string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seen {
		if strings.HasPrefix(s, prefix) {
			n++
		}
	}
	return n
}

// rig is controllers with power, served for as long as the test runs.
type rig struct {
	drives []*drive
	port   int
}

// sectors of each drive: 32 MiB.
const sectors = 32 << 20 / 512

func serve(t *testing.T, params ...emulator.Params) *rig {
	t.Helper()
	r := &rig{}
	controllers := map[string]nvmetcp.Controller{}
	for _, p := range params {
		p.Kind, p.Clock = emulator.NVMe, emulator.WallClock(time.Now, sleep)
		if p.Sectors == 0 {
			p.Sectors = sectors
		}
		made, err := emulator.New(p)
		if err != nil {
			t.Fatal(err)
		}
		made.Prefill()
		d := &drive{emu: made, Controller: made.Controller(), nqn: "nqn.2026-04.invalid.massho:nvme:" + p.Serial, on: map[string]chan struct{}{}}
		r.drives = append(r.drives, d)
		controllers[d.nqn] = d
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- nvmetcp.NewServer(controllers).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("NVMe/TCP connections: %v", err)
		}
	})
	r.port = l.Addr().(*net.TCPAddr).Port
	return r
}

// sleep lets a wall clock's time pass, or the context end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *rig) portText() string { return strconv.Itoa(r.port) }
