package emulator

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/massho/massho/devices/scsi"
)

// target is a drive at its SCSI wire: its own for a SAS drive, a translator's
// (SAT) for an ATA drive, a bridge's for a USB stick.
type target struct {
	d   *Drive
	who caller
	u   *unit
}

var _ scsi.Transport = (*target)(nil)

// command is a CDB of at least 16 bytes with what came with it.
type command struct {
	cdb  [16]byte
	n    int // true length
	data []byte
	out  bool
	scsi.Command
}

func (c *command) u16(i int) uint16 { return binary.BigEndian.Uint16(c.cdb[i:]) }
func (c *command) u32(i int) uint32 { return binary.BigEndian.Uint32(c.cdb[i:]) }
func (c *command) u64(i int) uint64 { return binary.BigEndian.Uint64(c.cdb[i:]) }

type scsiHandler func(t *target, ctx context.Context, c *command) (answer, error)

// quick makes a handler of one that neither waits nor breaks.
func quick(f func(*target, *command) answer) scsiHandler {
	return func(t *target, _ context.Context, c *command) (answer, error) { return f(t, c), nil }
}

// scsiCommands is what every target knows; sasCommands, and the pass-through
// of an ATA drive, come on top.
var scsiCommands = map[byte]scsiHandler{
	scsi.OpTestUnitReady:     quick((*target).testUnitReady),
	scsi.OpRequestSense:      quick((*target).requestSense),
	scsi.OpInquiry:           quick((*target).inquiry),
	scsi.OpModeSense6:        quick((*target).modeSense6),
	scsi.OpModeSense10:       quick((*target).modeSense10),
	scsi.OpStartStopUnit:     quick((*target).nothing),
	0x1E:                     quick((*target).nothing), // PREVENT ALLOW MEDIUM REMOVAL
	scsi.OpReadCapacity10:    quick((*target).readCapacity10),
	scsi.OpServiceActionIn16: quick((*target).readCapacity16),
	0x08:                     quick((*target).readWrite), 0x0A: quick((*target).readWrite),
	scsi.OpRead10: quick((*target).readWrite), scsi.OpWrite10: quick((*target).readWrite),
	scsi.OpRead16: quick((*target).readWrite), scsi.OpWrite16: quick((*target).readWrite),
	0xA8: quick((*target).readWrite), 0xAA: quick((*target).readWrite),
	0x2F: quick((*target).verify), 0x8F: quick((*target).verify),
	scsi.OpSynchronizeCache10: quick((*target).synchronize), 0x91: quick((*target).synchronize),
	0x41: quick((*target).writeSame), 0x93: quick((*target).writeSame),
	0x42:                      quick((*target).unmap),
	scsi.OpReportLUNs:         quick((*target).reportLUNs),
	scsi.OpSecurityProtocolIn: (*target).securityProtocol, scsi.OpSecurityProtocolOut: (*target).securityProtocol,
}

func (t *target) handler(op byte) scsiHandler {
	if t.d.tcg == nil && (op == scsi.OpSecurityProtocolIn || op == scsi.OpSecurityProtocolOut) {
		return nil
	}
	if t.d.ata != nil && (op == scsi.OpATAPassThrough16 || op == scsi.OpATAPassThrough12) {
		return (*target).passThrough
	}
	if h, ok := scsiCommands[op]; ok {
		return h
	}
	if t.d.sas != nil {
		return sasCommands[op]
	}
	return nil
}

// Exec does one command. An error means that nothing answered.
func (t *target) Exec(ctx context.Context, sc scsi.Command) (scsi.Result, error) {
	c := &command{n: len(sc.CDB), data: sc.Data, out: sc.Dir == scsi.Out, Command: sc}
	copy(c.cdb[:], sc.CDB)
	if err := t.d.enter(ctx, t.who, sc.Timeout, commandName(c)); err != nil {
		return scsi.Result{}, err
	}
	defer t.d.mu.Unlock()
	a, err := t.run(ctx, c)
	t.d.tick()
	if gone := t.d.present(t.who.life); gone != nil {
		return scsi.Result{}, gone
	}
	if err != nil {
		return scsi.Result{}, err
	}
	return t.result(c, a), nil
}

func (t *target) result(c *command, a answer) scsi.Result {
	r := scsi.Result{Status: a.status, Sense: a.sense, Resid: len(c.data)}
	switch {
	case c.out && a.status == 0, c.out && len(a.sense) > 0 && a.sense[0]&0x7F == 0x72 && a.sense[1] == 1:
		r.Resid = 0
	case !c.out && a.data != nil:
		r.Resid = len(c.data) - copy(c.data, a.data)
	}
	return r
}

func (t *target) run(ctx context.Context, c *command) (answer, error) {
	op := c.cdb[0]
	road := t.d.p.Road
	if t.d.attn && op != scsi.OpInquiry && op != scsi.OpReportLUNs && op != scsi.OpRequestSense {
		t.d.attn = false
		return road.check(0x06, 0x29, 0x00), nil // power on, reset, or bus device reset occurred
	}
	h := t.handler(op)
	if h == nil || c.n < cdbLength(op) {
		return road.check(0x05, 0x20, 0x00), nil
	}
	if t.d.ata == nil {
		if f := t.d.refuses(commandName(c)); f != nil {
			return f.sense(road), nil
		}
	}
	return h(t, ctx, c)
}

// sense is the SCSI form of a refusal.
func (f *Refuse) sense(road Road) answer {
	if f.Key == 0 {
		return road.check(0x05, 0x24, 0x00)
	}
	return road.check(f.Key, f.ASC, f.ASCQ)
}

// cdbLength is the length that the group code of an opcode says (SPC-5).
func cdbLength(op byte) int {
	switch op >> 5 {
	case 0:
		return 6
	case 1, 2:
		return 10
	case 4:
		return 16
	case 5:
		return 12
	}
	return 0
}

// mediaError is the answer to a data command that failed.
func (t *target) mediaError(err error, lba uint64, write bool) answer {
	road := t.d.p.Road
	switch {
	case errors.Is(err, ErrLocked):
		return road.check(0x07, 0x20, 0x02) // access denied, no access rights
	case errors.Is(err, ErrMedium) && write:
		return road.checkInfo(0x03, 0x0C, 0x02, &lba, nil) // write error, auto reallocation failed
	case errors.Is(err, ErrMedium):
		return road.checkInfo(0x03, 0x11, 0x00, &lba, nil) // unrecovered read error
	default:
		return road.check(0x0B, 0x00, 0x00)
	}
}
