package emulator

import (
	"context"
	"time"

	"github.com/massho/massho/devices/emulator/media"
	"github.com/massho/massho/devices/scsi"
)

// sasDevice is the part of a SCSI drive that an ATA drive behind a translator
// does not have: SANITIZE, FORMAT UNIT and their states. The drive's lock
// guards it.
type sasDevice struct {
	state    sasState
	exitable bool   // the failed state may be left (AUSE)
	length   uint32 // block length for the next FORMAT UNIT; 0: as it is
	resume   *operation
	left     time.Duration
}

type sasState uint8

const (
	sasIdle sasState = iota
	sasSanitizing
	sasFormatting
	sasSanitizeFailed
	sasFormatFailed
)

// sasCommands come on top of scsiCommands.
var sasCommands map[byte]scsiHandler

func init() { // not an initializer: supportedCodes looks the table up
	sasCommands = map[byte]scsiHandler{
		scsi.OpFormatUnit:       (*target).formatUnit,
		scsi.OpSanitize:         (*target).sanitize,
		scsi.OpModeSelect6:      quick((*target).modeSelect),
		scsi.OpModeSelect10:     quick((*target).modeSelect),
		scsi.OpLogSense:         quick((*target).logSense),
		scsi.OpReadDefectData10: quick((*target).readDefects),
		scsi.OpReadDefectData12: quick((*target).readDefects),
		scsi.OpMaintenanceIn:    quick((*target).supportedCodes),
	}
}

// blocked is the sense data of a state in which the medium cannot be used
// (SBC-4 clauses 4.11.2 and 4.33).
func (s *sasDevice) blocked(d *Drive) (answer, bool) {
	var progress *uint16
	if d.op != nil {
		p := d.op.progress(d.p.Clock.Now())
		progress = &p
	}
	switch s.state {
	case sasSanitizing:
		return d.p.Road.checkInfo(0x02, 0x04, 0x1B, nil, progress), true
	case sasFormatting:
		return d.p.Road.checkInfo(0x02, 0x04, 0x04, nil, progress), true
	case sasSanitizeFailed:
		return d.p.Road.check(0x03, 0x31, 0x03), true
	case sasFormatFailed:
		return d.p.Road.check(0x03, 0x31, 0x01), true
	}
	return answer{}, false
}

func (s *sasDevice) powerOn(d *Drive) {
	if op := s.resume; op != nil {
		s.resume = nil
		d.begin(op, s.left)
	}
}

// sanitize is SANITIZE (SBC-4 clause 5.38).
func (t *target) sanitize(ctx context.Context, c *command) (answer, error) {
	s, road := t.d.sas, t.d.p.Road
	action := c.cdb[1] & 0x1F
	if s.state == sasSanitizing || s.state == sasFormatting {
		a, _ := s.blocked(t.d)
		return a, nil
	}
	if action == 0x1F {
		if s.state != sasSanitizeFailed || !s.exitable {
			return road.check(0x05, 0x24, 0x00), nil
		}
		s.state = sasIdle
		return good(nil), nil
	}
	erase, takes, ok := t.sanitizeTechnique(action, c.data)
	if !ok {
		return road.check(0x05, 0x24, 0x00), nil
	}
	s.exitable = c.cdb[1]&0x20 != 0
	return t.work(ctx, c, &operation{name: commandName(c), blocks: c.cdb[1]&0x80 == 0}, takes,
		sasSanitizing, sasSanitizeFailed, erase)
}

func (t *target) sanitizeTechnique(action byte, list []byte) (erase func(), takes time.Duration, ok bool) {
	d, f := t.d, t.d.p.SCSI
	switch {
	case action == 0x02 && f.SanitizeBlock:
		return func() { d.erase(reachNative, media.Zeros) }, d.lasts(0, 30*time.Second), true
	case action == 0x03 && f.SanitizeCrypto:
		return func() { d.erase(reachNative, d.noise()) }, d.lasts(0, 2*time.Second), true
	case action == 0x01 && f.SanitizeOverwrite && len(list) > 4:
		passes, n := int(list[0]&0x1F), int(list[2])<<8|int(list[3])
		if passes == 0 || n == 0 || n > len(list)-4 || n > int(d.sector()) {
			return nil, 0, false
		}
		var four [4]byte
		for i := range four {
			four[i] = list[4+i%n]
		}
		v := uint32(four[0])<<24 | uint32(four[1])<<16 | uint32(four[2])<<8 | uint32(four[3])
		if list[0]&0x80 != 0 && passes%2 == 0 {
			v = ^v
		}
		return func() { d.erase(reachNative, media.Pattern(v)) }, d.lasts(passes, time.Minute), true
	}
	return nil, 0, false
}

// work starts op in state running; a command without IMMED waits for its end.
func (t *target) work(ctx context.Context, c *command, op *operation, takes time.Duration,
	running, failed sasState, erase func()) (answer, error) {
	s, d := t.d.sas, t.d
	s.state = running
	op.finish = func() {
		erase()
		s.state = sasIdle
	}
	op.fails = func() {
		d.eraseHalf(media.Zeros)
		s.state = failed
	}
	op.cut = func(part float64) {
		s.resume, s.left = op, time.Duration((1-part)*float64(takes))
		s.resume.blocks = false
		if running == sasFormatting { // a format does not go on by itself
			s.resume, s.state = nil, failed
		}
	}
	waits := op.blocks
	d.begin(op, takes)
	if !waits {
		return good(nil), nil
	}
	if err := d.sit(ctx, t.who, c.Timeout); err != nil {
		return answer{}, err
	}
	if a, bad := s.blocked(d); bad {
		return a, nil
	}
	return good(nil), nil
}

// formatUnit is FORMAT UNIT (SBC-4 clause 5.4): it writes what the host can
// address; what is out of use keeps its data. A new block length takes effect.
func (t *target) formatUnit(ctx context.Context, c *command) (answer, error) {
	s := t.d.sas
	switch {
	case !t.d.p.SCSI.FormatUnit:
		return t.d.p.Road.check(0x05, 0x20, 0x00), nil
	case s.state == sasSanitizing || s.state == sasFormatting || s.state == sasSanitizeFailed:
		a, _ := s.blocked(t.d)
		return a, nil
	}
	immed := c.cdb[1]&0x10 != 0 && len(c.data) >= 2 && c.data[1]&0x02 != 0
	return t.work(ctx, c, &operation{name: "FORMAT UNIT", blocks: !immed}, t.d.lasts(1, time.Minute),
		sasFormatting, sasFormatFailed, func() {
			t.d.erase(reachUser, media.Zeros)
			if s.length != 0 && s.length != t.d.sector() {
				t.d.reformat(s.length)
			}
			s.length = 0
		})
}

// reformat gives the medium another sector length. The material stays: what
// was out of use under the old one is remembered.
func (d *Drive) reformat(length uint32) {
	bytes := d.med.Sectors() * uint64(d.sector())
	d.past = append(d.past, d.med)
	cfg := d.mediaConfig()
	cfg.SectorSize, cfg.Sectors, cfg.Exist = int(length), bytes/uint64(length), 0
	d.med = media.New(cfg)
	d.units[0].sectors = cfg.Sectors
}

// modeSelect takes a block descriptor with another block length (SBC-4 clause
// 6.5.2): it holds from the next FORMAT UNIT on.
func (t *target) modeSelect(c *command) answer {
	head, at := 4, 3
	if c.cdb[0] == scsi.OpModeSelect10 {
		head, at = 8, 7
	}
	if len(c.data) < head {
		return t.d.p.Road.check(0x05, 0x1A, 0x00)
	}
	if c.data[at] == 0 {
		return good(nil)
	}
	if len(c.data) < head+8 {
		return t.d.p.Road.check(0x05, 0x1A, 0x00)
	}
	d := c.data[head:]
	switch n := uint32(d[5])<<16 | uint32(d[6])<<8 | uint32(d[7]); n {
	case 0, t.d.sector():
	case 512, 520, 528, 4096:
		t.d.sas.length = n
	default:
		return t.d.p.Road.check(0x05, 0x26, 0x00)
	}
	return good(nil)
}
