package emulator

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/devices/emulator/media"
	"github.com/massho/massho/devices/mmc"
)

// mmcDevice is an SD card or an e.MMC at its bus (JESD84-B51). The drive's
// lock guards it.
type mmcDevice struct {
	d           *Drive
	first, last uint32
	marked      int // erase start and end were given
	late        uint32
}

// Indexes of EXT_CSD (JESD84-B51 clause 7.4).
const (
	extFlushCache  = 32
	extSanitize    = 165
	extPartConfig  = 179
	extRevision    = 192
	extSectors     = 212
	extGPSize      = 143
	extBootWP      = 173
	extWPGroup     = 221
	extEraseGroup  = 224
	extBootSize    = 226
	extSecure      = 231
	extFirmware    = 254
	r1Ready        = 0x00000900 // READY_FOR_DATA, state tran
	r1Illegal      = 1 << 22
	r1Switch       = 1 << 7
	r1EraseSeq     = 1 << 28
	r1OutOfRange   = 1 << 31
	r1SkippedWP    = 1 << 15
	r1GeneralError = 1 << 19
)

var be = binary.BigEndian

// mmcBus is the wire to one area of a card.
type mmcBus struct {
	d   *Drive
	who caller
	u   *unit
}

// Exec does one command and returns its R1.
func (t *mmcBus) Exec(ctx context.Context, c mmc.Command) (uint32, error) {
	name := mmcName(c)
	if err := t.d.enter(ctx, t.who, c.Timeout, name); err != nil {
		return 0, err
	}
	defer t.d.mu.Unlock()
	if f := t.d.refuses(name); f != nil {
		return r1Ready | r1Illegal, nil
	}
	m := t.d.mmc
	r1 := m.run(c, t.u)
	if err := t.d.sit(ctx, t.who, c.Timeout); err != nil {
		return 0, err
	}
	if m.late != 0 {
		r1, m.late = m.late, 0
	}
	return r1, nil
}

func mmcName(c mmc.Command) string {
	switch {
	case c.Index == mmc.CmdSwitch && c.Arg>>16&0xFF == extSanitize:
		return "SANITIZE_START"
	case c.Index == mmc.CmdErase:
		return "ERASE"
	case c.Index == mmc.CmdSendExtCSD:
		return "SEND_EXT_CSD"
	}
	return "MMC command"
}

func (m *mmcDevice) run(c mmc.Command, u *unit) uint32 {
	emmc := m.d.p.Kind == EMMC
	switch {
	case c.Index == mmc.CmdSendStatus:
		return r1Ready
	case c.Index == mmc.CmdSendExtCSD && emmc:
		clear(c.Data)
		copy(c.Data, m.extCSD())
		return r1Ready
	case c.Index == mmc.CmdSwitch && emmc:
		return m.switchByte(byte(c.Arg>>16), byte(c.Arg>>8))
	case emmc && c.Index == mmc.CmdEraseGroupStart, !emmc && c.Index == mmc.CmdSDEraseStart:
		m.first, m.marked = c.Arg, 1
		return r1Ready
	case m.marked == 1 && (emmc && c.Index == mmc.CmdEraseGroupEnd || !emmc && c.Index == mmc.CmdSDEraseEnd):
		m.last, m.marked = c.Arg, 2
		return r1Ready
	case c.Index == mmc.CmdErase:
		return m.erase(u)
	}
	return r1Ready | r1Illegal
}

// erase is CMD38: the map lets go of the sectors, the cells keep them until a
// SANITIZE.
func (m *mmcDevice) erase(u *unit) uint32 {
	if m.marked != 2 {
		return r1Ready | r1EraseSeq
	}
	m.marked = 0
	if m.last < m.first || uint64(m.last) >= u.sectors {
		return r1Ready | r1OutOfRange
	}
	if m.d.p.MMC.BootProtected && strings.HasPrefix(u.name, "boot") {
		return r1Ready | r1SkippedWP
	}
	s := media.Scope{First: u.first + uint64(m.first), End: u.first + uint64(m.last) + 1, UnmapOnly: true}
	m.d.begin(&operation{
		name: "ERASE", blocks: true,
		finish: func() {
			if u.name == "" || u.name != m.d.faults.SkipArea {
				m.d.eraseScope(s)
			}
		},
		fails: func() { m.late = r1Ready | r1GeneralError },
	}, m.d.lasts(0, time.Second))
	return r1Ready
}

func (m *mmcDevice) switchByte(index, value byte) uint32 {
	switch index {
	case extFlushCache:
		m.d.med.Flush()
	case extPartConfig: // the area is chosen by the descriptor here
	case extSanitize:
		if !m.d.p.MMC.Sanitize || value == 0 {
			return r1Ready | r1Switch
		}
		m.d.begin(&operation{
			name: "SANITIZE_START", blocks: true,
			finish: func() { m.d.eraseScope(media.Scope{Spares: true, SparesOnly: true}) },
			fails:  func() { m.late = r1Ready | r1Switch },
		}, m.d.lasts(0, 20*time.Second))
	default:
		return r1Ready | r1Switch
	}
	return r1Ready
}

func (m *mmcDevice) extCSD() []byte {
	b := make([]byte, 512)
	b[extRevision] = 8
	le.PutUint32(b[extSectors:], uint32(m.d.units[0].sectors))
	b[extBootSize] = byte(m.d.p.BootSectors / 256)
	b[extEraseGroup], b[extWPGroup] = 1, 1
	for i, n := range m.d.p.GPSectors {
		groups := n / 1024
		b[extGPSize+3*i], b[extGPSize+3*i+1], b[extGPSize+3*i+2] = byte(groups), byte(groups>>8), byte(groups>>16)
	}
	if m.d.p.MMC.BootProtected {
		b[extBootWP] = 1 // B_PWR_WP_EN
	}
	b[extSecure] = 0x10
	if m.d.p.MMC.Sanitize {
		b[extSecure] |= 0x40
	}
	copy(b[extFirmware:extFirmware+8], padded(m.d.p.Firmware, 8))
	b[267], b[268], b[269] = 1, 1, 1
	return b
}

// cid is the Card Identification register as the kernel shows it: the serial's
// last eight hex digits, or what is made of it.
func (m *mmcDevice) cid() string {
	b := make([]byte, 16)
	serial := m.d.serialNumber()
	if m.d.p.Kind == EMMC {
		b[0], b[1], b[2] = 0xFE, 1, 0x01
		copy(b[3:9], padded(m.d.p.Model, 6))
		b[9] = 0x10
		be.PutUint32(b[10:], serial)
		b[14] = 4<<4 | 9
	} else {
		b[0], b[1], b[2] = 0xFE, 'E', 'M'
		copy(b[3:8], padded(m.d.p.Model, 5))
		b[8] = 0x10
		be.PutUint32(b[9:], serial)
		b[13], b[14] = 0x01, 0xA4
	}
	b[15] = mmc.CRC7(b[:15])<<1 | 1
	return hex.EncodeToString(b)
}

// csd is the Card Specific Data register: erase and write commands, and for SD
// the capacity (CSD version 2.0).
func (m *mmcDevice) csd() string {
	b := make([]byte, 16)
	if m.d.p.Kind == EMMC {
		b[0] = 3<<6 | 4<<2
		b[6], b[7], b[8] = 0x03, 0xFF, 0xC0 // C_SIZE FFFh: see EXT_CSD
	} else {
		b[0] = 1 << 6
		size := uint32(m.d.units[0].sectors/1024) - 1
		b[7], b[8], b[9] = byte(size>>16)&0x3F, byte(size>>8), byte(size)
	}
	b[4], b[5] = 0x5B, 0x59 // classes: basic, block read, write, erase
	b[15] = mmc.CRC7(b[:15])<<1 | 1
	return hex.EncodeToString(b)
}

// serialNumber is PSN: the serial as hex digits where it is that, else a hash.
func (d *Drive) serialNumber() uint32 {
	if v, err := strconv.ParseUint(d.serial, 16, 32); err == nil {
		return uint32(v)
	}
	h := fnv.New32a()
	h.Write([]byte(d.serial)) // never fails
	return h.Sum32()
}
