package emulator

import (
	"fmt"
	"sync"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator/media"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// Drive is one emulated drive. Its methods may be called by any number of
// goroutines; commands run one after the other.
type Drive struct {
	mu  sync.Mutex
	p   Params // as made; never changed
	med *media.Medium

	faults Faults
	stack  devices.Stack
	serial string // changes where a fault exchanges the drive

	powered  bool
	gone     bool
	life     int  // counts power cycles: descriptors of an earlier life are dead
	attn     bool // UNIT ATTENTION is pending
	moved    uint64
	written  uint64
	released chan struct{}

	spares int        // sectors left for reallocation
	grown  uint64     // sectors reallocated in service
	max    uint64     // sectors that the host can address now
	op     *operation // what the drive does by itself now
	erases uint64     // erases of the drive's own so far
	units  []*unit    // namespaces, or boot partitions; units[0] is the user area

	ata  *ataDevice // nil where the drive speaks something else
	sas  *sasDevice // the same
	nvme *nvmeDevice
	mmc  *mmcDevice
	tcg  *tper           // nil where the drive has none
	past []*media.Medium // the material under earlier sector lengths
}

// unit is one block device of the medium: the whole drive, a namespace, a boot
// partition.
type unit struct {
	name     string
	first    uint64
	sectors  uint64
	detached bool // a namespace that no controller shows
	opened   bool // one exclusive descriptor at a time
}

// layout is the units of a drive, one after the other on its medium.
func (p Params) layout() []*unit {
	list := []*unit{{sectors: p.Sectors}}
	at := p.Sectors
	add := func(u unit) {
		u.first = at
		at += u.sectors
		list = append(list, &u)
	}
	switch p.Kind {
	case NVMe:
		list[0].name = "n1"
		for i, n := range p.Namespaces {
			add(unit{name: fmt.Sprintf("n%d", i+2), sectors: n.Sectors, detached: n.Detached})
		}
	case EMMC:
		if p.BootSectors > 0 {
			add(unit{name: "boot0", sectors: p.BootSectors})
			add(unit{name: "boot1", sectors: p.BootSectors})
		}
		for i, n := range p.GPSectors {
			add(unit{name: fmt.Sprintf("gp%d", i), sectors: n})
		}
	}
	return list
}

// New builds a drive that is powered and empty.
func New(p Params) (*Drive, error) {
	p, err := p.fill()
	if err != nil {
		return nil, err
	}
	d := &Drive{
		p: p, powered: true, faults: p.Faults.clone(), stack: p.Stack, serial: p.Serial, released: make(chan struct{}),
		spares: p.SpareSectors, max: p.Sectors,
		units: p.layout(),
	}
	d.med = media.New(d.mediaConfig())
	if p.TCG.SSC != 0 {
		d.tcg = newTPer(d)
	}
	if p.Kind.ATA() {
		d.ata = newATA(d)
	}
	if p.Kind == SAS || p.Kind == SASSSD {
		d.sas = &sasDevice{}
	}
	if p.Kind == NVMe {
		d.nvme = newNVMe(d)
	}
	if p.Kind == SD || p.Kind == EMMC {
		d.mmc = &mmcDevice{d: d}
	}
	return d, nil
}

func (d *Drive) mediaConfig() media.Config {
	page := 4096
	if d.p.LogicalSector < 4096 {
		page = 8 * int(d.p.LogicalSector)
	}
	c := media.Config{
		SectorSize: int(d.p.LogicalSector), Sectors: d.p.native(),
		Exist: d.p.Exist, Seed: d.p.Seed,
	}
	switch {
	case d.p.CacheBytes == 0:
		c.CachePages = 1 << 20 / page
	case d.p.CacheBytes > 0:
		c.CachePages = max(1, d.p.CacheBytes/page)
	}
	switch {
	case !d.p.Kind.Flash():
	case d.p.SparePages == 0:
		c.SparePages = max(8, int(d.p.native()*uint64(d.p.LogicalSector)/uint64(page)*7/100))
	case d.p.SparePages > 0:
		c.SparePages = d.p.SparePages
	}
	return c
}

// sector is the logical sector now, in bytes.
func (d *Drive) sector() uint32 { return uint32(d.med.SectorSize()) }

// Params is what the drive was made with, defaults filled in.
func (d *Drive) Params() Params { return d.p }

// Clock is the time that the drive lives in.
func (d *Drive) Clock() *Clock { return d.p.Clock }

// PowerCut takes the power away: what was not flushed is kept, lost or torn by
// the seed, and every open descriptor is dead.
func (d *Drive) PowerCut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.powerCut()
}

func (d *Drive) powerCut() {
	if !d.powered {
		return
	}
	if op := d.op; op != nil {
		d.op = nil
		if op.cut != nil {
			op.cut(op.part(d.p.Clock.Now()))
		}
	}
	d.powered = false
	for _, u := range d.units {
		u.opened = false
	}
	d.life++
	d.med.Cut()
	close(d.released)
	d.released = make(chan struct{})
}

// PowerOn gives the power back. The drive comes up as its standard says: what
// was locked is locked again, what ran goes on.
func (d *Drive) PowerOn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.powered {
		return
	}
	d.powered = true
	d.wake()
}

// PowerCycle is PowerCut and PowerOn.
func (d *Drive) PowerCycle() {
	d.PowerCut()
	d.PowerOn()
}

// wake is what a power-on reset does.
func (d *Drive) wake() {
	d.reset()
	d.attn = false // the host's start takes it
	if d.ata != nil {
		d.ata.powerOn()
		d.ata.firmware()
	}
	if d.sas != nil {
		d.sas.powerOn(d)
	}
	if d.nvme != nil {
		d.nvme.powerOn()
	}
	if d.tcg != nil {
		d.tcg.powerOn()
	}
}

// Suspend is suspend to RAM and resume: the host flushes, the drive loses its
// power and gets it back. Descriptors stay; what firmware had frozen at the
// start is thawed, and an enabled password locks.
func (d *Drive) Suspend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.powered {
		return
	}
	d.med.Flush()
	d.attn = true
	if d.ata != nil {
		d.ata.powerOn()
	}
	if d.tcg != nil { // no firmware blocks the SID at a resume
		d.tcg.powerOn()
		d.tcg.blocked = false
	}
}

// Replug takes the drive's power cable off and puts it back while the machine
// runs: as a power cut, but no firmware freezes it afterwards.
func (d *Drive) Replug() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.powerCut()
	d.powered = true
	d.reset()
	d.attn = false
	if d.ata != nil {
		d.ata.powerOn()
	}
	if d.tcg != nil {
		d.tcg.powerOn()
		d.tcg.blocked = false
	}
}

// Unflushed is the number of bytes that a power cut may still take back.
func (d *Drive) Unflushed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.med.Unflushed()
}

// ATA is the drive's ATA commands by SAT over its road; nil where it speaks
// something else. It outlives power cuts, as a drive's plug does.
func (d *Drive) ATA() ata.Transport {
	t := d.wire()
	if t == nil || !d.p.Kind.ATA() {
		return nil
	}
	return ata.NewSAT(t)
}

// SCSI is the drive's SCSI wire, or its translator's; nil where it has none.
// It outlives power cuts, as a drive's plug does: a target that serves the
// drive to a virtual machine speaks here.
func (d *Drive) SCSI() scsi.Transport {
	if t := d.wire(); t != nil {
		return t
	}
	return nil
}

func (d *Drive) wire() *target {
	if !d.p.Kind.ATA() && !d.p.Kind.SCSI() {
		return nil
	}
	return &target{d: d, who: caller{life: anyLife}, u: d.units[0]}
}

// Admin is the admin queue of an NVMe drive's controller; nil elsewhere. It
// outlives power cuts, as SCSI does.
func (d *Drive) Admin() nvme.Transport {
	if d.nvme == nil {
		return nil
	}
	return &admin{d: d, who: caller{life: anyLife}}
}

// anyLife is the caller whose commands reach the drive in every life.
const anyLife = -1
