//go:build linux

package vm

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/vmtest"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/scsi"
)

// enhancedOnly is a disk of an office PC: SECURITY, no SANITIZE.
var enhancedOnly = emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EraseTime: 2 * time.Minute, EnhancedEraseTime: 2 * time.Minute, HPA: true, SMART: true}

// takes is what each erase of the drive's own lasts in these tests.
const takes = 4 * time.Second

// TestTechniques boots the stick once on a PC with one drive for each road and
// firmware erase. Unattended, it reaches row (2) on all of them, and no data is
// left anywhere on the drives, also where no address leads.
func TestTechniques(t *testing.T) {
	vmtest.Need(t, vmtest.Few)
	r := serve(t,
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUENH01", ATA: enhancedOnly, EraseTakes: takes, Reallocated: []uint64{100, 5000}}},
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.SSD, Serial: "EMUSSD02", EraseTakes: takes}},
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUFRZ03", EraseTakes: takes, Faults: emulator.Faults{Frozen: true}}},
		&disk{bus: mptSAS, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUSAS04", ATA: enhancedOnly, EraseTakes: takes}},
		&disk{bus: usbUAS, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUUAS05", ATA: enhancedOnly, EraseTakes: takes}},
		&disk{bus: usbBOT, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUBOT06", ATA: enhancedOnly, EraseTakes: takes}},
	)
	want := map[string]struct {
		transport string // as the guest's sysfs shows it
		ran       []string
	}{
		"EMUENH01": {"virtio", []string{"ata-security-erase-unit-enhanced"}},
		"EMUSSD02": {"virtio", []string{"ata-sanitize-crypto-scramble-ext", "ata-sanitize-block-erase-ext", "overwrite"}},
		"EMUFRZ03": {"virtio", []string{"ata-sanitize-overwrite-ext"}},
		"EMUSAS04": {"sas", []string{"ata-security-erase-unit-enhanced"}},
		"EMUUAS05": {"usb", []string{"ata-security-erase-unit-enhanced"}},
		"EMUBOT06": {"usb", []string{"ata-security-erase-unit-enhanced"}},
	}
	o := prepare(t, r.serials())
	ends(t, o.boot(t, r, "serial.log"), "0")
	papers := o.papers(t)
	for _, d := range r.disks {
		p, ok := papers[d.params.Serial]
		if !ok {
			t.Errorf("%s: no paper", d.params.Serial)
			continue
		}
		var ran []string
		for _, s := range p.Statement.Steps {
			if s.Status == "completed" {
				ran = append(ran, s.Technique)
			}
		}
		w, m := want[d.params.Serial], p.Statement.Medium
		if !slices.Equal(ran, w.ran) || m.Transport != w.transport || m.Class != "disk" {
			t.Errorf("%s: %s %s completed %v, want %+v", d.params.Serial, m.Transport, m.Class, ran, w)
		}
		r.reachedRow2(t, papers, d.params.Serial)
	}
}

// reachedRow2 holds the paper of a drive against the drive.
func (r *rig) reachedRow2(t *testing.T, papers map[string]paper, serial string) {
	t.Helper()
	d, err := r.disk(serial)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := papers[serial]
	if v := p.Statement.Derivation; !ok || v.Reached != 2 || v.NIST != "Purge" || v.Outcome != "Verified" || p.Statement.Training {
		t.Errorf("%s: paper %t, %+v, training %t", serial, ok, v, p.Statement.Training)
	}
	if left := d.Remnants(); len(left) > 0 {
		t.Errorf("%s: data is left in %v", serial, left)
	}
}

// translator is a SAT layer that keeps the capacity of its own start, as host
// adapters and bridges do: what SET MAX ADDRESS opens is seen after a power cycle.
type translator struct {
	scsi.Transport
	mu   sync.Mutex
	last uint64 // last LBA; 0: not asked yet
}

func (s *translator) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = 0
}

func (s *translator) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	r, err := s.Transport.Exec(ctx, c)
	if err != nil || r.Status != 0 || len(c.CDB) == 0 {
		return r, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case c.CDB[0] == scsi.OpReadCapacity10 && len(c.Data) >= 8:
		now := uint64(binary.BigEndian.Uint32(c.Data))
		s.last = first(s.last, now)
		binary.BigEndian.PutUint32(c.Data, uint32(s.last))
	case c.CDB[0] == scsi.OpServiceActionIn16 && c.CDB[1]&0x1F == 0x10 && len(c.Data) >= 12:
		s.last = first(s.last, binary.BigEndian.Uint64(c.Data))
		binary.BigEndian.PutUint64(c.Data, s.last)
	}
	return r, nil
}

func first(a, b uint64) uint64 {
	if a != 0 {
		return a
	}
	return b
}

// TestHPAOverAPowerCycle opens a host protected area that the PC sees only after
// the power was off. The first start says so and changes nothing else; the second
// one goes on by itself and reaches the whole disk.
func TestHPAOverAPowerCycle(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	sat := &translator{}
	r := serve(t, &disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUHPA07", ATA: enhancedOnly, HPASectors: 20000, EraseTakes: takes},
		wrap: func(next scsi.Transport) scsi.Transport { sat.Transport = next; return sat }})
	d := r.disks[0]
	o := prepare(t, r.serials())
	vm := o.boot(t, r, "first.log")
	ends(t, vm, "62")
	if text := string(vm.Log()); !strings.Contains(text, "電源") {
		t.Error("the first start does not say that the power must be switched")
	}
	if len(d.Contains(d.Marker())) == 0 {
		t.Error("the disk was erased before the power cycle")
	}
	r.powerCycle()
	sat.restart()
	ends(t, o.boot(t, r, "second.log"), "0")
	papers := o.papers(t)
	r.reachedRow2(t, papers, "EMUHPA07")
	if p := papers["EMUHPA07"].Statement; p.Facts.Hidden.HPA != "opened" || p.Facts.Resumed != 1 {
		t.Errorf("HPA %s, resumed %d", p.Facts.Hidden.HPA, p.Facts.Resumed)
	}
}

// TestCutInSecurityEraseUnit takes the power of PC and drive in the middle of
// SECURITY ERASE UNIT. The drive is left locked by the published password; the
// next start finds it, opens it, and erases it from the beginning.
func TestCutInSecurityEraseUnit(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	begun := make(chan struct{})
	var once sync.Once
	r := serve(t, &disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUCUT08", ATA: enhancedOnly, EraseTakes: 15 * time.Second},
		wrap: func(next scsi.Transport) scsi.Transport {
			return tapped{next, func(c scsi.Command) {
				if ataCommand(c) == ata.CmdSecurityEraseUnit {
					once.Do(func() { close(begun) })
				}
			}}
		}})
	d := r.disks[0]
	o := prepare(t, r.serials())
	vm := o.boot(t, r, "first.log")
	select {
	case <-begun:
	case <-time.After(9 * time.Minute):
		t.Fatalf("SECURITY ERASE UNIT never came\n%s", vm.Log())
	}
	if err := sleep(t.Context(), 5*time.Second); err != nil { // into the erase
		t.Fatal(err)
	}
	d.PowerCut()
	if err := vm.Kill(); err != nil {
		t.Fatal(err)
	}
	if len(d.Remnants()) == 0 {
		t.Fatal("nothing is left: the cut came too late")
	}
	d.PowerOn()
	ends(t, o.boot(t, r, "second.log"), "0")
	papers := o.papers(t)
	r.reachedRow2(t, papers, "EMUCUT08")
	if n := papers["EMUCUT08"].Statement.Facts.Resumed; n != 1 {
		t.Errorf("resumed %d times", n)
	}
	id, _, err := ata.IdentifyDevice(t.Context(), d.ATA())
	if err != nil || !id.Security.Enabled.IsNo() {
		t.Errorf("left with a password: %v, %v", id, err)
	}
}
