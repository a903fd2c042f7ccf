package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/tcg"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

// schedule is everything that happens in one life of a drive, decided by its seed.
type schedule struct {
	seed      uint64
	params    emulator.Params
	technique rules.Technique // a plan with this one is forced; empty: the planner's own
	alone     bool            // with nothing behind it
	row       rules.Row
	keys      bool
	sampled   bool
	psid      bool

	cuts    []moment // the station's power fails
	stick   []stickFault
	stop    moment // somebody stops the run
	between []event
	flush   int // from this one on flushes fail, and flush nothing; 0: none

	lostWrite int // of this write of a pass one sector is acknowledged and lost; 0: none
}

// moment is the n-th of something in one start.
type moment struct {
	start int // which start, from 0
	of    ear
	n     int // from 1; 0: never
	after bool
}

// ear is what a moment counts.
type ear string

const (
	onStick ear = "operation on the stick"
	onDrive ear = "request to the drive"
	onWork  ear = "request to the drive that is no canary and no look"
)

// stickFault is one way of losing the stick.
type stickFault struct {
	moment
	kind string // "pull", "protect", "fill", "wear"
	back string // "same", "other", "never"
	wait int    // searches until then
}

// event is what happens while the power is off.
type event struct {
	start int // before which start
	kind  string
}

// home is a kind of drive that has a technique.
type home struct {
	kinds []emulator.Kind
	set   func(*emulator.Params)
}

// homes is where each technique lives. A technique that can be run and is not here
// fails the campaign: it grows with the program.
var homes = map[rules.Technique]home{
	rules.TechOverwrite: {[]emulator.Kind{emulator.HDD, emulator.SSD, emulator.SSHD, emulator.SAS, emulator.SASSSD, emulator.NVMe, emulator.USBFlash, emulator.SD, emulator.EMMC}, nil},
	rules.TechATAErase:  {[]emulator.Kind{emulator.HDD, emulator.SSD}, func(p *emulator.Params) { p.ATA.Security = true }},
	rules.TechATAEraseEnhanced: {[]emulator.Kind{emulator.HDD, emulator.SSD}, func(p *emulator.Params) {
		p.ATA.Security, p.ATA.Enhanced = true, true
	}},
	rules.TechATASanitizeOver:    {[]emulator.Kind{emulator.HDD, emulator.SSHD}, func(p *emulator.Params) { p.ATA.SanitizeOverwrite = true }},
	rules.TechATASanitizeBlock:   {[]emulator.Kind{emulator.SSD}, func(p *emulator.Params) { p.ATA.SanitizeBlock = true }},
	rules.TechATASanitizeCrypto:  {[]emulator.Kind{emulator.SSD, emulator.HDD}, func(p *emulator.Params) { p.ATA.SanitizeCrypto = true }},
	rules.TechSCSISanitizeOver:   {[]emulator.Kind{emulator.SAS}, func(p *emulator.Params) { p.SCSI.SanitizeOverwrite = true }},
	rules.TechSCSISanitizeBlock:  {[]emulator.Kind{emulator.SASSSD}, func(p *emulator.Params) { p.SCSI.SanitizeBlock = true }},
	rules.TechSCSISanitizeCrypto: {[]emulator.Kind{emulator.SASSSD}, func(p *emulator.Params) { p.SCSI.SanitizeCrypto = true }},
	rules.TechSCSIFormat:         {[]emulator.Kind{emulator.SAS, emulator.SASSSD}, func(p *emulator.Params) { p.SCSI.FormatUnit = true }},
	rules.TechNVMeSanitizeOver:   {[]emulator.Kind{emulator.NVMe}, func(p *emulator.Params) { p.NVMe.SanitizeOverwrite = true }},
	rules.TechNVMeSanitizeBlock:  {[]emulator.Kind{emulator.NVMe}, func(p *emulator.Params) { p.NVMe.SanitizeBlock = true }},
	rules.TechNVMeSanitizeCrypto: {[]emulator.Kind{emulator.NVMe}, func(p *emulator.Params) { p.NVMe.SanitizeCrypto = true }},
	rules.TechNVMeFormatUserData: {[]emulator.Kind{emulator.NVMe}, func(p *emulator.Params) { p.NVMe.Format = true }},
	rules.TechNVMeFormatCrypto:   {[]emulator.Kind{emulator.NVMe}, func(p *emulator.Params) { p.NVMe.Format, p.NVMe.FormatCrypto = true, true }},
	rules.TechMMCEraseAndSanitize: {[]emulator.Kind{emulator.EMMC}, func(p *emulator.Params) {
		p.MMC = emulator.MMCFeatures{Bare: true, Sanitize: true}
	}},
	rules.TechTCGRevert: {[]emulator.Kind{emulator.NVMe, emulator.SSD}, func(p *emulator.Params) {
		p.TCG = emulator.TCGFeatures{SSC: tcg.FeatureOpal2}
	}},
}

// techniques are the runnable ones, in a fixed order.
func techniques() []rules.Technique {
	var out []rules.Technique
	for t := range wipe.Runnable() {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// dice is the seed's chance.
type dice struct{ *rand.Rand }

func (d dice) in(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

// draw makes the schedule of a seed.
func draw(seed uint64) schedule {
	d := dice{rand.New(rand.NewPCG(seed, 0x63616D70))}
	all := techniques()
	t := all[seed%uint64(len(all))] // every technique comes up equally often
	s := schedule{seed: seed, row: pick(d, rules.Row1, rules.Row2, rules.Row2, rules.Row3), keys: d.in(50), sampled: d.in(20), psid: d.in(50)}
	h := homes[t]
	p := &s.params
	p.Kind, p.Serial, p.Seed = pick(d, h.kinds...), fmt.Sprintf("JOB%05d", seed%1e5), seed
	if p.Kind == emulator.SD || p.Kind == emulator.EMMC {
		p.Serial = "" // a number of its own
	}
	p.Sectors = uint64(pick(d, 2048, 3072, 4096))
	d.features(p)
	if h.set != nil {
		h.set(p)
	}
	if d.in(40) && t != rules.TechOverwrite {
		s.technique, s.alone = t, d.in(30)
	}
	d.places(p)
	d.faults(&s)
	d.moments(&s)
	return s
}

// features gives the drive some of what its kind may have.
func (d dice) features(p *emulator.Params) {
	half := func() bool { return d.in(50) }
	takes := time.Duration(1+d.IntN(40)) * time.Minute
	p.ATA = emulator.ATAFeatures{Bare: true, Security: half(), Enhanced: half(), EraseTime: takes, EnhancedEraseTime: takes, SMART: half(),
		SanitizeOverwrite: half() && p.Kind != emulator.SSD, SanitizeBlock: half() && p.Kind == emulator.SSD, SanitizeCrypto: d.in(30), HPA: half(), DCO: half(), AMAC: d.in(30)}
	p.SCSI = emulator.SCSIFeatures{Bare: true, SanitizeOverwrite: half() && p.Kind == emulator.SAS, SanitizeBlock: half() && p.Kind == emulator.SASSSD,
		SanitizeCrypto: d.in(30), FormatUnit: half(), SupportedCodes: true}
	p.NVMe = emulator.NVMeFeatures{Bare: true, SanitizeOverwrite: half(), SanitizeBlock: half(), SanitizeCrypto: half(), Format: half(), FormatCrypto: half(), NoDeallocInhibit: d.in(20)}
	if d.in(20) {
		p.NVMe.SanitizedBefore = pick(d, uint32(2), 4, 0x13)
	}
	if d.in(25) {
		p.EraseTakes = time.Duration(1+d.IntN(300)) * time.Second
	}
	p.CacheBytes = pick(d, 0, 0, 256<<10, 4<<20, -1)
}

// places hides data where LBAs do not lead.
func (d dice) places(p *emulator.Params) {
	if p.Kind.ATA() {
		if p.ATA.HPA && d.in(40) {
			p.HPASectors = 256
		}
		if p.ATA.DCO && d.in(30) {
			p.DCOSectors = 256
		}
		if p.ATA.AMAC && p.HPASectors == 0 && d.in(30) {
			p.AMACSectors = 256
		}
	}
	if p.Kind == emulator.NVMe && d.in(20) {
		p.UnallocatedSectors = 512
	}
	if p.Kind == emulator.NVMe && d.in(15) {
		p.Namespaces = []emulator.Namespace{{Sectors: 512, Detached: d.in(50)}}
	}
	if p.Kind == emulator.EMMC && d.in(40) {
		p.BootSectors = 256
	}
	if d.in(15) {
		p.Reallocated = []uint64{uint64(d.IntN(int(p.Sectors))), uint64(d.IntN(int(p.Sectors)))}
	}
	if d.in(5) {
		p.Exist = p.Sectors / 2
	}
	if p.Kind.ATA() && p.ATA.Security && d.in(10) {
		p.UserPassword = pick(d, wipe.PublishedPassword, "somebody else's")
	}
}

// faults are what is wrong with the drive for good.
func (d dice) faults(s *schedule) {
	f, n := &s.params.Faults, s.params.Sectors
	bytes := n * 512
	for range pick(d, 0, 0, 1, 1, 2, 3) {
		switch d.IntN(17) {
		case 0:
			f.KeepFraction, f.KeepContiguous = pick(d, 1.0, 0.5, 0.05, 0.01), d.in(50)
		case 1:
			f.UnmapOnly = true
		case 2:
			f.EraseFails = true
		case 3:
			f.Instant = true
		case 4:
			f.ReadErrors = append(f.ReadErrors, emulator.Range{First: d.Uint64N(n), Count: 1 + d.Uint64N(3)})
		case 5:
			f.WriteErrors = append(f.WriteErrors, emulator.Range{First: d.Uint64N(n - 4), Count: 1 + d.Uint64N(3)})
		case 6:
			f.VanishAfter = 1 + d.Uint64N(3*bytes)
		case 7:
			f.HangAfter = 1 + d.Uint64N(3*bytes)
		case 8:
			f.ResetAfter = 1 + d.Uint64N(3*bytes)
			if d.in(50) {
				f.SerialAfterReset = "STRANGER"
			}
		case 9:
			f.Frozen = true
		case 10:
			f.SanitizeFrozen = true
		case 11:
			f.SetMaxSpent = true
		case 12:
			f.Refuse = append(f.Refuse, emulator.Refuse{Command: pick(d, "SECURITY SET", "SECURITY ERASE UNIT", "SANITIZE", "BLOCK ERASE",
				"CRYPTO SCRAMBLE", "OVERWRITE EXT", "Sanitize", "Format", "FORMAT", "SET MAX", "DEVICE CONF", "SMART"), Times: d.IntN(3)})
		case 13:
			f.StaleLog = true
		case 14:
			f.Slow = time.Duration(1+d.IntN(300)) * time.Millisecond
		case 15:
			s.flush = 1 + d.IntN(6)
		case 16:
			s.lostWrite = 1 + d.IntN(30)
		}
	}
}

// moments are power cuts, a stop, what happens to the stick, and what somebody does
// while the power is off.
func (d dice) moments(s *schedule) {
	when := func(start int) moment {
		m := moment{start: start, of: pick(d, onStick, onStick, onDrive, onWork, onWork), after: d.in(50)}
		m.n = 1 + d.IntN(map[ear]int{onStick: 60, onDrive: 5000, onWork: 90}[m.of])
		return m
	}
	if d.in(15) {
		s.params.Faults.CutErase = 0.05 + 0.9*d.Float64()
	}
	for start := range d.IntN(4) {
		if d.in(70) {
			s.cuts = append(s.cuts, when(start))
		}
	}
	if d.in(8) {
		s.stop = when(d.IntN(2))
	}
	if d.in(20) {
		m := when(d.IntN(2))
		s.stick = append(s.stick, stickFault{m, pick(d, "pull", "pull", "protect", "fill", "wear"), pick(d, "same", "other", "never"), 1 + d.IntN(4)})
	}
	for start := 1; start <= len(s.cuts); start++ {
		if d.in(20) {
			s.between = append(s.between, event{start, pick(d, "moved", "stranger", "spoil one", "spoil both", "lose stick")})
		}
	}
}

// String tells the schedule for a person who repeats it.
func (s schedule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %s row %d technique %q keys %t sampled %t\n  faults %+v\n", s.seed, s.params.Kind, s.row, s.technique, s.keys, s.sampled, s.params.Faults)
	fmt.Fprintf(&b, "  cuts %+v stop %+v stick %+v between %+v flush %d lost write %d", s.cuts, s.stop, s.stick, s.between, s.flush, s.lostWrite)
	return b.String()
}
