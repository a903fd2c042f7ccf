package nvmetcp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/tcg"
)

const nqn = "nqn.2026-04.invalid.massho:nvme:test"

// serve serves a drive and returns its address. What goes wrong in a connection
// fails the test.
func serve(t testing.TB, p emulator.Params) (*emulator.Drive, *Server, string) {
	t.Helper()
	p.Kind, p.Serial = emulator.NVMe, "SERVED0001"
	if p.Sectors == 0 {
		p.Sectors = 8192
	}
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(map[string]Controller{nqn: d.Controller()})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !t.Failed() {
			t.Errorf("serve: %v", err)
		}
	})
	return d, s, l.Addr().String()
}

// connect is an admin queue that is enabled, and an I/O queue.
func connect(t testing.TB, addr string) (admin, io *host) {
	t.Helper()
	admin, err := dial(t, addr, nqn, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.property(true, 0x14, 0x460001); err != nil {
		t.Fatal(err)
	}
	if csts, err := admin.property(false, 0x1C, 0); err != nil || csts != 1 {
		t.Fatalf("CSTS %X, %v", csts, err)
	}
	if io, err = dial(t, addr, nqn, 1, admin.ctrl); err != nil {
		t.Fatal(err)
	}
	return admin, io
}

// What arrives over the wire is what the drive answers in process, but for the
// fields that a fabric has.
func TestIdentifyOverTheWire(t *testing.T) {
	d, _, addr := serve(t, emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 2048}}})
	admin, _ := connect(t, addr)
	f, err := devices.LookNVMe(t.Context(), admin, 1)
	if err != nil {
		t.Fatal(err)
	}
	own, err := devices.LookNVMe(t.Context(), d.Admin(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if same, field := own.Identity.Same(f.Identity); !same || f.Identity.Sectors != 8192 {
		t.Errorf("%s differs: %+v", field, f.Identity)
	}
	own.Caps.NVMe.Subsystem = nqn
	if f.Caps != own.Caps || len(f.Notes) != len(own.Notes) {
		t.Errorf("%+v\nin process %+v; notes %q", f.Caps, own.Caps, f.Notes)
	}
	_, raw, err := nvme.IdentifyController(t.Context(), admin)
	if err != nil || le.Uint16(raw[78:]) != admin.ctrl || le.Uint16(raw[320:]) == 0 || le.Uint32(raw[536:])&3 != 1 || le.Uint32(raw[1792:]) < 4 || le.Uint32(raw[1796:]) < 1 {
		t.Errorf("fields of a fabric: % X, %v", raw[1792:1804], err)
	}
}

func TestReadAndWriteOverTheWire(t *testing.T) {
	d, _, addr := serve(t, emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 2048}}})
	_, io := connect(t, addr)
	for _, tc := range []struct {
		name   string
		nsid   uint32
		blocks int
		tear   int
	}{{"in the capsule", 1, 8, 0}, {"by R2T", 1, 256, 0}, {"by R2T, torn", 1, 256, 4096}, {"small and torn", 1, 4, 512}, {"the second namespace", 2, 64, 0}} {
		t.Run(tc.name, func(t *testing.T) {
			io.tear = tc.tear
			want := bytes.Repeat([]byte{byte(tc.blocks), byte(tc.tear), 0x5A, tc.name[0]}, tc.blocks*128)
			if err := io.io(ioWrite, tc.nsid, 100, tc.blocks, want, true); err != nil {
				t.Fatal(err)
			}
			if err := io.io(ioFlush, tc.nsid, 0, 1, nil, false); err != nil || d.Unflushed() != 0 {
				t.Errorf("flush: %v, %d bytes are volatile", err, d.Unflushed())
			}
			got := make([]byte, len(want))
			if err := io.io(ioRead, tc.nsid, 100, tc.blocks, got, false); err != nil || !bytes.Equal(got, want) {
				t.Errorf("read back: %v", err)
			}
		})
	}
	io.tear = 0
	zeroes := make([]byte, 8*512)
	if err := io.io(ioWriteZeroes, 1, 100, 8, nil, false); err != nil {
		t.Error(err)
	}
	if err := io.io(ioRead, 1, 100, 8, zeroes, false); err != nil || len(bytes.Trim(zeroes, "\x00")) != 0 {
		t.Errorf("after Write Zeroes: %v", err)
	}
	ranges := make([]byte, 16)
	le.PutUint32(ranges[4:], 256)
	sqe := make([]byte, 64)
	sqe[0] = ioDatasetMgmt
	le.PutUint32(sqe[4:], 1)
	le.PutUint32(sqe[44:], 4)
	if _, err := io.run(sqe, ranges, true); err != nil {
		t.Error(err)
	}
}

func TestRefusalsOverTheWire(t *testing.T) {
	d, _, addr := serve(t, emulator.Params{NVMe: emulator.NVMeFeatures{Bare: true, SanitizeBlock: true}, EraseTakes: time.Hour, PollTime: time.Second,
		Faults: emulator.Faults{ReadErrors: []emulator.Range{{First: 5, Count: 1}}, WriteErrors: []emulator.Range{{First: 9, Count: 1}}}})
	admin, io := connect(t, addr)
	buf := make([]byte, 512)
	is := func(name string, err error, sct, sc byte) {
		t.Helper()
		if !errors.Is(err, &nvme.StatusError{SCT: sct, SC: sc}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	is("unreadable", io.io(ioRead, 1, 5, 1, buf, false), 2, 0x81)
	is("unwritable", io.io(ioWrite, 1, 9, 1, buf, true), 2, 0x80)
	is("beyond the end", io.io(ioRead, 1, 8192, 1, buf, false), 0, 0x80)
	is("no such namespace", io.io(ioRead, 7, 0, 1, buf, false), 0, 0x0B)
	is("no such opcode", io.io(0x55, 1, 0, 1, buf, true), 0, 0x01)
	is("data and length differ", io.io(ioRead, 1, 0, 2, buf, false), 0, 0x02)
	is("Format is not there", func() error {
		_, err := admin.Admin(t.Context(), nvme.AdminCommand{Opcode: nvme.OpFormatNVM, NSID: 1})
		return err
	}(), 0, 0x01)
	if err := (nvme.Sanitize{Action: nvme.BlockErase}).Run(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	is("while a sanitize runs", io.io(ioRead, 1, 0, 1, buf, false), 0, 0x1D)
	d.Clock().Advance(2 * time.Hour)
	if err := io.io(ioRead, 1, 0, 1, buf, false); err != nil {
		t.Error(err)
	}
}

// Keep Alive is answered while the drive is busy, events never come.
func TestTransportCommands(t *testing.T) {
	_, _, addr := serve(t, emulator.Params{})
	admin, _ := connect(t, addr)
	for name, c := range map[string]nvme.AdminCommand{
		"Keep Alive":       {Opcode: opKeepAlive},
		"number of queues": {Opcode: opSetFeatures, CDW10: featureQueues, CDW11: 0x00030003},
		"event config":     {Opcode: opSetFeatures, CDW10: featureEvents, CDW11: 0x1F},
	} {
		if r, err := admin.Admin(t.Context(), c); err != nil || c.CDW10 == featureQueues && r.Result != c.CDW11 {
			t.Errorf("%s: %X, %v", name, r.Result, err)
		}
	}
	if _, err := admin.Admin(t.Context(), nvme.AdminCommand{Opcode: opSetFeatures, CDW10: 0x7E}); !errors.Is(err, nvme.ErrInvalidField) {
		t.Errorf("an unknown feature: %v", err)
	}
	if c, err := admin.property(false, 0, 0); err != nil || c>>37&1 != 1 {
		t.Errorf("CAP %X, %v", c, err)
	}
	if _, err := admin.property(false, 0x24, 0); !errors.Is(err, nvme.ErrInvalidField) {
		t.Errorf("an unknown property: %v", err)
	}
}

func TestConnectRefuses(t *testing.T) {
	_, _, addr := serve(t, emulator.Params{})
	connectError := &nvme.StatusError{SCT: 1, SC: 0x82}
	if _, err := dial(t, addr, "nqn.2026-04.invalid.massho:nvme:other", 0, 0); !errors.Is(err, connectError) {
		t.Errorf("another subsystem: %v", err)
	}
	if _, err := dial(t, addr, nqn, 1, 77); !errors.Is(err, connectError) {
		t.Errorf("an I/O queue of nobody's: %v", err)
	}
}

// A PSID revert goes through the wire as it is.
func TestRevertOverTheWire(t *testing.T) {
	d, _, addr := serve(t, emulator.Params{TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "x", Locked: true}})
	d.Prefill()
	admin, io := connect(t, addr)
	if err := io.io(ioRead, 1, 0, 1, make([]byte, 512), false); !errors.Is(err, &nvme.StatusError{SCT: 2, SC: 0x86}) {
		t.Errorf("a locked drive reads: %v", err)
	}
	road := tcg.OverNVMe(admin)
	found, _, err := tcg.Discover(t.Context(), road)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tcg.Open(t.Context(), road, found, func(_ context.Context, n time.Duration) error { d.Clock().Advance(n); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RevertTPer(t.Context(), tcg.AuthorityPSID, tcg.PIN(d.PSID())); err != nil {
		t.Fatal(err)
	}
	if err := io.io(ioRead, 1, 0, 1, make([]byte, 512), false); err != nil || len(d.Remnants()) > 0 {
		t.Errorf("%v, left %v", err, d.Remnants())
	}
}

// A controller without power drops the connection; the next one finds it again,
// as it was left.
func TestPowerCutOverTheWire(t *testing.T) {
	d, _, addr := serve(t, emulator.Params{})
	admin, io := connect(t, addr)
	want := bytes.Repeat([]byte{7}, 512)
	if err := errors.Join(io.io(ioWrite, 1, 3, 1, want, true), io.io(ioFlush, 1, 0, 1, nil, false)); err != nil {
		t.Fatal(err)
	}
	d.PowerCut()
	var status *nvme.StatusError
	if _, _, err := nvme.IdentifyController(t.Context(), admin); err == nil || errors.As(err, &status) {
		t.Errorf("a dead controller answers: %v", err)
	}
	d.PowerOn()
	_, io = connect(t, addr)
	got := make([]byte, 512)
	if err := io.io(ioRead, 1, 3, 1, got, false); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v", err)
	}
}

// What is no NVMe/TCP ends the connection and nothing else.
func FuzzTarget(f *testing.F) {
	var ok bytes.Buffer
	for _, p := range []*pdu{{kind: pduICReq, head: make([]byte, 120)}, {kind: pduCommand, head: make([]byte, 64)}} {
		if err := write(&ok, p); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(ok.Bytes())
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	d, err := emulator.New(emulator.Params{Kind: emulator.NVMe, Sectors: 64})
	if err != nil {
		f.Fatal(err)
	}
	s := NewServer(map[string]Controller{nqn: d.Controller()})
	f.Fuzz(func(t *testing.T, b []byte) {
		here, there := net.Pipe()
		ended := make(chan struct{})
		go func() {
			_ = s.serve(t.Context(), there) // any error is an answer to nonsense
			close(ended)
		}()
		go func() {
			sink := make([]byte, 4096)
			for {
				if _, err := here.Read(sink); err != nil {
					return
				}
			}
		}()
		_, _ = here.Write(b) // fails where the target has hung up
		_ = here.Close()
		<-ended
	})
}
