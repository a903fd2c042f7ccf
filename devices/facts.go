package devices

import "fmt"

// AsHostSees puts the sector size and the capacity that the host's block layer
// uses into f. A bridge may present other sectors than the drive's own, and
// may keep some at the end for itself: those are hidden from the host, and f
// says so. logical is in bytes; both 0 leave f as it is.
func (f Facts) AsHostSees(logical uint32, bytes uint64) Facts {
	if logical == 0 || bytes == 0 {
		return f
	}
	own := f.Identity.CapacityBytes()
	if own0 := f.Identity.LogicalSector; own0 != 0 && own0 != logical {
		f.Hidden.NativeSectors = f.Hidden.NativeSectors * uint64(own0) / uint64(logical)
	}
	f.Identity.LogicalSector, f.Identity.Sectors = logical, bytes/uint64(logical)
	f.Identity.PhysicalSector = max(f.Identity.PhysicalSector, logical)
	switch {
	case own == 0 || own == bytes:
	case own > bytes:
		f.Hidden.HPA = HiddenPresent
		f.Hidden.NativeSectors = max(f.Hidden.NativeSectors, own/uint64(logical))
		f.Hidden.Note = appendNote(f.Hidden.Note, fmt.Sprintf("the drive reports %d bytes more than the host can address", own-bytes))
	default:
		f.Notes = append(f.Notes, fmt.Sprintf("the host addresses %d bytes more than the drive reports", bytes-own))
	}
	return f
}

func appendNote(note, more string) string {
	if note == "" {
		return more
	}
	return note + "; " + more
}
