package emulator

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/massho/massho/devices/nvme"
)

var le = binary.LittleEndian

// identify is Identify (NVMe Base 2.0 clause 5.17).
func (v *nvmeDevice) identify(c nvme.AdminCommand) uint16 {
	b := make([]byte, 4096)
	switch byte(c.CDW10) {
	case nvme.CNSController:
		v.controller(b)
	case nvme.CNSNamespace:
		if c.NSID == 0 || c.NSID == nvme.AllNamespaces || uint64(c.NSID) > uint64(len(v.d.units)) {
			return statusNamespace | doNotRetry
		}
		if u := v.unitOf(c.NSID); u != nil { // inactive: zeros
			v.namespace(b, u, c.NSID)
		}
	case nvme.CNSDescriptors:
		if v.unitOf(c.NSID) == nil {
			return statusNamespace | doNotRetry
		}
		v.descriptors(b, c.NSID)
	case nvme.CNSActiveList:
		v.list(b, c.NSID, false)
	case nvme.CNSAllocated:
		if !v.d.p.NVMe.Management {
			return statusField | doNotRetry
		}
		v.list(b, c.NSID, true)
	default:
		return statusField | doNotRetry
	}
	clear(c.Data)
	copy(c.Data, b)
	return 0
}

func (v *nvmeDevice) controller(b []byte) {
	p, f := v.d.p, v.d.p.NVMe
	le.PutUint16(b[0:], 0x1B36)
	le.PutUint16(b[2:], 0x1AF4)
	copy(b[4:], padded(v.d.serial, 20))
	copy(b[24:], padded(p.Model, 40))
	copy(b[64:], padded(p.Firmware, 8))
	b[77] = 8 // MDTS: 1 MiB
	le.PutUint32(b[80:], 0x10400)
	le.PutUint16(b[256:], bits16(map[int]bool{0: v.d.tcg != nil, 1: f.Format, 3: f.Management}))
	b[261] = 0x02 // LPA
	le.PutUint16(b[266:], 273+75)
	le.PutUint16(b[268:], 273+85)
	size := uint64(p.LogicalSector)
	if f.Management {
		le.PutUint64(b[280:], v.d.med.Sectors()*size)
		le.PutUint64(b[296:], p.UnallocatedSectors*size)
	}
	sanicap := uint32(bits16(map[int]bool{0: f.SanitizeCrypto, 1: f.SanitizeBlock, 2: f.SanitizeOverwrite}))
	if sanicap != 0 {
		sanicap |= 1 << 30 // NODMMAS: not modified afterwards
		if f.NoDeallocInhibit {
			sanicap |= 1 << 29
		}
	}
	le.PutUint32(b[328:], sanicap)
	b[512], b[513] = 0x66, 0x44
	le.PutUint32(b[516:], uint32(len(v.d.units)))
	le.PutUint16(b[520:], 0x000C) // DSM, Write Zeroes
	b[524] = byte(bits16(map[int]bool{0: f.FormatAll, 1: f.EraseAll, 2: f.FormatCrypto}))
	if p.CacheBytes >= 0 {
		b[525] = 1
	}
	copy(b[768:], fmt.Sprintf("nqn.2026-04.invalid.massho:nvme:%s", p.Serial))
}

func bits16(on map[int]bool) (v uint16) {
	for b, set := range on {
		if set {
			v |= 1 << b
		}
	}
	return v
}

// namespace is Identify Namespace data (NVM Command Set 1.0 clause 4.1.5.1).
func (v *nvmeDevice) namespace(b []byte, u *unit, nsid uint32) {
	for _, at := range []int{0, 8, 16} {
		le.PutUint64(b[at:], u.sectors)
	}
	b[25] = 1 // two formats
	b[26] = v.formatIndex()
	b[32] = 0x80 // FPI: supported, nothing left to do
	b[33] = 1    // DLFEAT: deallocated reads as zeros
	le.PutUint64(b[48:], u.sectors*uint64(v.d.sector()))
	binary.BigEndian.PutUint64(b[120:], v.eui(nsid))
	le.PutUint32(b[128:], 9<<16)
	le.PutUint32(b[132:], 12<<16)
}

// eui is the EUI-64 of a namespace.
func (v *nvmeDevice) eui(nsid uint32) uint64 {
	if v.d.p.WWN == 0 {
		return 0
	}
	return v.d.p.WWN + uint64(nsid) - 1
}

func (v *nvmeDevice) descriptors(b []byte, nsid uint32) {
	if eui := v.eui(nsid); eui != 0 {
		b[0], b[1] = 1, 8
		binary.BigEndian.PutUint64(b[4:], eui)
		b = b[12:]
	}
	b[0], b[1] = 4, 1 // command set identifier: NVM
}

func (v *nvmeDevice) list(b []byte, after uint32, allocated bool) {
	for i, u := range v.d.units {
		if id := uint32(i + 1); id > after && (allocated || !u.detached) && len(b) >= 4 {
			le.PutUint32(b, id)
			b = b[4:]
		}
	}
}

// getLogPage is Get Log Page (NVMe Base 2.0 clause 5.16).
func (v *nvmeDevice) getLogPage(c nvme.AdminCommand) uint16 {
	b := make([]byte, 512)
	switch byte(c.CDW10) {
	case nvme.LogSMART:
		v.smartLog(b)
	case nvme.LogSanitize:
		v.sanitizeLog(b)
	default:
		return statusLogPage | doNotRetry
	}
	clear(c.Data)
	copy(c.Data, b)
	return 0
}

func (v *nvmeDevice) smartLog(b []byte) {
	if v.d.faults.ReadOnly {
		b[0] |= 1 << 3
	}
	if v.d.faults.Predict {
		b[0] |= 1 << 2
	}
	le.PutUint16(b[1:], 273+38)
	b[3], b[4], b[5] = 100, 10, 4
	le.PutUint64(b[112:], uint64(v.d.life)+100)
	le.PutUint64(b[128:], 900+uint64(v.d.p.Clock.Now().Sub(Epoch)/time.Hour))
	var bad uint64
	for _, r := range v.d.faults.ReadErrors {
		bad += r.Count
	}
	le.PutUint64(b[160:], bad)
}

// sanitizeLog is log page 81h (clause 5.16.1.25). Asking takes time while a
// sanitize runs. A stale log tells of an earlier one, whatever happens.
func (v *nvmeDevice) sanitizeLog(b []byte) {
	v.d.poll()
	le.PutUint16(b[0:], 0xFFFF)
	for _, at := range []int{8, 12, 16, 20, 24, 28} {
		le.PutUint32(b[at:], nvme.NoEstimate)
	}
	le.PutUint32(b[12:], 30)
	le.PutUint32(b[16:], 2)
	if v.d.faults.StaleLog {
		le.PutUint16(b[2:], uint16(nvme.SanitizeCompleted))
		le.PutUint32(b[4:], uint32(nvme.BlockErase))
		return
	}
	sstat := uint16(v.state) | v.passes<<3
	if v.erased {
		sstat |= 1 << 8
	}
	le.PutUint16(b[2:], sstat)
	le.PutUint32(b[4:], v.dword10)
	if v.state == nvme.SanitizeInProgress && v.d.op != nil {
		le.PutUint16(b[0:], v.d.op.progress(v.d.p.Clock.Now()))
	}
}
