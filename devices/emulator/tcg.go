package emulator

import (
	"cmp"
	"fmt"
	"time"

	"github.com/massho/massho/devices/emulator/media"
	"github.com/massho/massho/devices/tcg"
)

// TCGFeatures is the TPer of a self-encrypting drive. The zero value has none.
type TCGFeatures struct {
	SSC  tcg.Feature // the class it speaks: tcg.FeatureOpal2 and its kin; 0: no TPer
	MSID string      // default PIN; "": made of the serial
	PSID string      // PIN on the label; "": made of the serial
	SID  string      // PIN that an owner has set; "": the MSID still
	// Locked: an owner has the ranges below locked at every power-on.
	Locked bool
	Ranges []Range // what is locked, in native sectors; nil: everything
	// BlockSID: the machine's firmware sends Block SID at every start. A drive
	// with BlocksPSID takes that for the PSID too, as some do.
	BlockSID   bool
	BlocksPSID bool
	Tries      int // wrong PINs before an authority is locked out; 0: 5
}

// encrypts: the Opal family writes ciphertext, Pyrite does not.
func (f TCGFeatures) encrypts() bool {
	return f.SSC != tcg.FeaturePyrite1 && f.SSC != tcg.FeaturePyrite2
}

// tper is the security processor of a drive. The drive's lock guards it.
type tper struct {
	d         *Drive
	sid       string // PIN of the SID
	activated bool   // the Locking SP is in use
	locked    bool
	blocked   bool // Block SID
	wrong     map[tcg.UID]int

	session *tperSession
	lastTSN uint32
	answer  *tcg.Packet // what the next IF-RECV fetches
	reset   []byte      // the answer of protocol 02h
}

type tperSession struct {
	tsn, hsn uint32
	sp       tcg.UID
	is       map[tcg.UID]bool // authorities that were authenticated
}

const (
	tperComID        = 0x07FE
	tperResetComID   = 0x0004
	blockSIDComID    = 0x0005
	comIDStackReset  = 2
	tperMaxComPacket = 2048
)

// serialPIN is a PIN of 32 characters made of the serial.
func serialPIN(kind, serial string) string {
	return fmt.Sprintf("%-8.8s%024X", kind, deriveWWN(kind+serial))
}

func newTPer(d *Drive) *tper {
	f := &d.p.TCG
	f.MSID = cmp.Or(f.MSID, serialPIN("MSIDMSID", d.p.Serial))
	f.PSID = cmp.Or(f.PSID, serialPIN("PSIDPSID", d.p.Serial))
	v := &tper{d: d, sid: cmp.Or(f.SID, f.MSID), activated: f.Locked || f.SID != ""}
	v.powerOn()
	return v
}

// PSID is what the label of the drive shows; "" without a TPer.
func (d *Drive) PSID() string { return d.p.TCG.PSID }

// powerOn locks what locks on reset, forgets sessions and wrong tries, and lets
// the firmware of the machine block the SID (feature set Block SID: only where
// the SID is still the MSID).
func (v *tper) powerOn() {
	f := v.d.p.TCG
	v.session, v.answer, v.reset = nil, nil, nil
	v.wrong = map[tcg.UID]int{}
	v.locked = v.activated && f.Locked
	v.blocked = f.BlockSID && v.sid == f.MSID
}

// lockedRanges is what can neither be read nor written now.
func (v *tper) lockedRanges() []Range {
	switch {
	case v == nil || !v.locked:
		return nil
	case v.d.p.TCG.Ranges == nil:
		return []Range{{0, v.d.med.Sectors()}}
	}
	return v.d.p.TCG.Ranges
}

// holds: the drive refuses its own erase commands while a range is locked (TCG
// Storage Interface Interactions Specification).
func (v *tper) holds() bool { return len(v.lockedRanges()) > 0 }

// owned: the Locking SP is in use, and ATA security is not there meanwhile.
func (v *tper) owned() bool { return v != nil && v.activated }

// exec is one IF-SEND or IF-RECV; false is a command that the interface refuses.
func (v *tper) exec(send bool, protocol byte, comID uint16, data []byte) bool {
	if !send {
		clear(data)
	}
	switch {
	case protocol == tcg.ProtocolInformation && !send:
		copy(data, []byte{0, 0, 0, 0, 0, 0, 0, 3, tcg.ProtocolInformation, tcg.ProtocolTCG, tcg.ProtocolComID})
	case protocol == tcg.ProtocolTCG && comID == 1 && !send:
		copy(data, v.discovery())
	case protocol == tcg.ProtocolTCG && comID == tperComID && send:
		v.receive(data)
	case protocol == tcg.ProtocolTCG && comID == tperComID:
		copy(data, v.deliver())
	case protocol == tcg.ProtocolComID && send:
		return v.manage(comID, data)
	case protocol == tcg.ProtocolComID && comID == tperComID:
		copy(data, v.reset)
	default:
		return false
	}
	return true
}

// manage is STACK_RESET, TPER_RESET and Block SID.
func (v *tper) manage(comID uint16, data []byte) bool {
	switch {
	case comID == tperComID && len(data) >= 8 && data[7] == comIDStackReset:
		v.session, v.answer = nil, nil
		v.reset = []byte{tperComID >> 8, tperComID & 0xFF, 0, 0, 0, 0, 0, comIDStackReset, 0, 0, 0, 4, 0, 0, 0, 0}
	case comID == tperResetComID:
		v.session, v.answer = nil, nil
		v.locked = v.activated && v.d.p.TCG.Locked
	case comID == blockSIDComID:
		v.blocked = v.blocked || v.sid == v.d.p.TCG.MSID
	default:
		return false
	}
	return true
}

// deliver is the ComPacket of an IF-RECV: the answer, once; a promise while a
// revert runs; else nothing. Asking takes time meanwhile.
func (v *tper) deliver() []byte {
	v.d.poll()
	switch a := v.answer; {
	case a != nil:
		v.answer = nil
		return a.Encode()
	case v.d.op != nil:
		return tcg.Packet{ComID: tperComID, Outstanding: 1}.Encode()
	}
	return tcg.Packet{ComID: tperComID}.Encode()
}

// revert is Revert on the Admin SP: everything is as the maker left it, and the
// media key is another one. Pyrite 2 erases the blocks, Pyrite 1 nothing.
func (v *tper) revert(respond func(tcg.Status)) {
	f, d := v.d.p.TCG, v.d
	takes := d.lasts(0, time.Second)
	if f.SSC == tcg.FeaturePyrite2 {
		takes = d.lasts(0, 20*time.Second)
	}
	d.begin(&operation{
		name: "TCG Revert",
		finish: func() {
			switch {
			case d.faults.HollowRevert:
				respond(tcg.StatusSuccess)
				return
			case f.encrypts():
				d.erase(reachNative, d.noise())
			case f.SSC == tcg.FeaturePyrite2:
				d.erase(reachNative, media.Zeros)
			}
			v.sid, v.activated, v.locked, v.session = f.MSID, false, false, nil
			respond(tcg.StatusSuccess)
		},
		fails: func() { respond(tcg.StatusFail) },
		cut:   func(float64) {}, // nothing was changed yet
	}, takes)
}
