package emulator

import (
	"context"

	"github.com/massho/massho/devices/ata"
)

// ataDevice is the ATA side of a drive. The drive's lock guards it.
type ataDevice struct {
	d      *Drive
	sec    security
	san    sanitize
	hidden hiddenAreas
	// nativeSeen: the command before was READ NATIVE MAX ADDRESS, which SET
	// MAX ADDRESS must follow immediately.
	nativeSeen bool
	readSMART  bool // SMART operations are enabled
	// first is what the changing words of IDENTIFY DEVICE were when the drive
	// was made: until they differ, a recording is answered as it is.
	first words
}

func newATA(d *Drive) *ataDevice {
	a := &ataDevice{d: d, readSMART: true}
	a.sec.attempts = 5
	if p := d.p.UserPassword; p != "" {
		a.sec.enabled, a.sec.locked, a.sec.maximum = true, true, d.p.MaxSecurity
		copy(a.sec.user[:], p)
	}
	copy(a.sec.master[:], d.p.MasterPassword)
	a.san.completed = true
	a.hidden.lasting = d.p.Sectors
	a.firmware()
	a.current(&a.first)
	return a
}

// regs are the registers that a command ends with.
type regs struct {
	status, err, device byte
	count               uint16
	lba                 uint64
	ext                 bool
}

func done() regs             { return regs{status: ata.StatusDRDY | 0x10} }
func failed(err byte) regs   { return regs{status: ata.StatusDRDY | 0x10 | ata.StatusERR, err: err} }
func abort() regs            { return failed(ata.ErrorABRT) }
func (r regs) refused() bool { return r.status&(ata.StatusERR|ata.StatusDF) != 0 }

// handler does one command and fills or takes c.Data.
type handler func(a *ataDevice, c ata.Command) regs

// commands is everything that the drive knows (ACS-4 clause 7; HPA and DCO:
// ATA8-ACS). What is not here is aborted.
var commands = map[byte]handler{
	0x06: (*ataDevice).dataSetManagement,
	0x20: (*ataDevice).read, 0x24: (*ataDevice).read, 0x25: (*ataDevice).read, 0xC8: (*ataDevice).read,
	0x30: (*ataDevice).write, 0x34: (*ataDevice).write, 0x35: (*ataDevice).write, 0xCA: (*ataDevice).write,
	0x27: (*ataDevice).readNativeMax, 0xF8: (*ataDevice).readNativeMax,
	0x37: (*ataDevice).setMax, 0xF9: (*ataDevice).setMax,
	0x2F: (*ataDevice).readLog,
	0x5C: (*ataDevice).trusted, 0x5D: (*ataDevice).trusted, 0x5E: (*ataDevice).trusted, 0x5F: (*ataDevice).trusted,
	0x78: (*ataDevice).accessibleMax,
	0xB0: (*ataDevice).smart,
	0xB1: (*ataDevice).deviceConfiguration,
	0xB4: (*ataDevice).sanitizeDevice,
	0xE0: (*ataDevice).standby, 0xE1: (*ataDevice).standby, 0xE5: (*ataDevice).checkPowerMode,
	0xE7: (*ataDevice).flush, 0xEA: (*ataDevice).flush,
	0xEC: (*ataDevice).identify,
	0xEF: (*ataDevice).setFeatures,
	0xF1: (*ataDevice).setPassword, 0xF2: (*ataDevice).unlock, 0xF3: (*ataDevice).erasePrepare,
	0xF4: (*ataDevice).eraseUnit, 0xF5: (*ataDevice).freezeLock, 0xF6: (*ataDevice).disablePassword,
}

// exec does one command, the lock held. Only a road that broke is an error.
func (a *ataDevice) exec(ctx context.Context, who caller, c ata.Command) (regs, error) {
	prepared, native := a.sec.prepared, a.nativeSeen
	a.sec.prepared, a.nativeSeen = false, false
	r := a.run(c, prepared, native)
	a.d.p.Clock.Advance(a.d.faults.Slow)
	if err := a.d.sit(ctx, who, c.Timeout); err != nil {
		return regs{}, err
	}
	if late := a.sec.late; late != nil {
		r, a.sec.late = *late, nil
	}
	r.ext, r.device = c.Extended, 0x40
	if r.refused() && r.count == 0 && r.lba == 0 {
		r.count, r.lba = c.Count, c.LBA // an abort leaves what was written
	}
	return r, nil
}

func (a *ataDevice) run(c ata.Command, prepared, native bool) regs {
	if f := a.d.refuses(ata.Name(c)); f != nil {
		return f.regs()
	}
	h, ok := commands[c.Command]
	if !ok || a.forbidden(c) {
		return abort()
	}
	switch c.Command {
	case ata.CmdSecurityEraseUnit:
		a.sec.prepared = prepared
	case ata.CmdSetMax, ata.CmdSetMaxExt:
		a.nativeSeen = native
	}
	r := h(a, c)
	switch c.Command {
	case ata.CmdSecurityEraseUnit:
		a.sec.prepared = false
	case ata.CmdSetMax, ata.CmdSetMaxExt:
		a.nativeSeen = false
	}
	return r
}

func (f *Refuse) regs() regs {
	r := abort()
	if f.Status != 0 || f.Error != 0 {
		r.status, r.err = f.Status, f.Error
	}
	return r
}

// forbidden is what the sanitize and security states do not let through
// (ACS-4 tables of SD2/SD3 and of security mode command actions).
func (a *ataDevice) forbidden(c ata.Command) bool {
	switch c.Command {
	case ata.CmdIdentify, ata.CmdCheckPowerMode, ata.CmdSMART, ata.CmdReadLogExt:
		return false
	case ata.CmdSanitize:
		return a.sec.locked && c.Feature != 0
	}
	if a.san.state != sanitizeIdle || a.d.tcg.owned() && c.Command >= ata.CmdSecuritySetPassword && c.Command <= ata.CmdSecurityDisable {
		return true
	}
	switch c.Command {
	case ata.CmdSecurityUnlock, ata.CmdSecurityPrepare, ata.CmdSecurityEraseUnit,
		ata.CmdReadNativeMax, ata.CmdReadNativeMaxExt, 0xE0, 0xE1, 0xEF:
		return false
	}
	return a.sec.locked
}

// mediaBlocked is forbidden for the data path.
func (a *ataDevice) mediaBlocked() error {
	if a.sec.locked || a.san.state != sanitizeIdle {
		return ErrAbort
	}
	return nil
}

// powerOn is a power-on reset. A sanitize that ran goes on.
func (a *ataDevice) powerOn() {
	a.nativeSeen = false
	a.sec.powerOn()
	a.hidden.powerOn(a.d)
	a.san.powerOn(a)
}

// firmware is what the machine's firmware does at every start.
func (a *ataDevice) firmware() {
	f := a.d.faults
	a.sec.frozen = f.Frozen && !a.sec.locked
	a.san.frozen = f.SanitizeFrozen && a.san.state == sanitizeIdle
	a.hidden.setMaxFrozen = f.SetMaxFrozen
	a.hidden.dcoFrozen = f.DCOFrozen
	a.hidden.spent = f.SetMaxSpent
	a.d.faults.SetMaxSpent = false
}
