package fat

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// On-disk constants of FAT32 as this package writes it.
const (
	sectorSize   = 512
	entrySize    = 32
	fatCount     = 2
	minReserved  = 32
	infoSector   = 1
	backupSector = 6
	rootCluster  = 2
	// endOfChain ends a file's chain of clusters; entryMask keeps the 28 bits
	// that are the number of the next cluster.
	endOfChain = 0x0FFFFFFF
	entryMask  = 0x0FFFFFFF
	chainEnd   = 0x0FFFFFF8
	// minClusters and maxClusters bound FAT32: with fewer clusters every
	// reader takes the volume for FAT16 (FATGEN 1.03, "FAT Type Determination").
	minClusters = 65525
	maxClusters = 0x0FFFFFF5
	// dataAlign is the alignment of the first cluster in sectors: 4 KiB pages.
	dataAlign = 8
)

// ErrSize says that no FAT32 of that size can be.
var ErrSize = errors.New("size does not fit FAT32")

// geometry is where the parts of a volume lie, in sectors of 512 bytes.
type geometry struct {
	total, reserved, fatSectors uint32
	perCluster                  uint32
	clusters                    uint32
}

// geometryFor lays out a volume of size bytes.
func geometryFor(size int64) (geometry, error) {
	if size <= 0 || size%sectorSize != 0 || size/sectorSize > 0xFFFFFFFF {
		return geometry{}, fmt.Errorf("lay out %d bytes: %w", size, ErrSize)
	}
	g := geometry{total: uint32(size / sectorSize), reserved: minReserved, perCluster: perClusterFor(size)}
	// One FAT entry more for each cluster makes the data area smaller, so the
	// first guess is never too small.
	guess := g.total / g.perCluster
	g.fatSectors = (guess+2)*4/sectorSize + 1
	meta := g.reserved + fatCount*g.fatSectors
	if pad := meta % dataAlign; pad != 0 {
		g.reserved += dataAlign - pad
		meta += dataAlign - pad
	}
	if meta >= g.total {
		return geometry{}, fmt.Errorf("lay out %d bytes: %w", size, ErrSize)
	}
	g.clusters = (g.total - meta) / g.perCluster
	if g.clusters < minClusters || g.clusters > maxClusters {
		return geometry{}, fmt.Errorf("lay out %d bytes: %d clusters: %w", size, g.clusters, ErrSize)
	}
	return g, nil
}

// perClusterFor is Windows' table of sectors per cluster for FAT32.
func perClusterFor(size int64) uint32 {
	switch {
	case size <= 260<<20:
		return 1
	case size <= 8<<30:
		return 8
	case size <= 16<<30:
		return 16
	case size <= 32<<30:
		return 32
	}
	return 64
}

func (g geometry) dataStart() uint32 { return g.reserved + fatCount*g.fatSectors }
func (g geometry) clusterBytes() int { return int(g.perCluster) * sectorSize }
func (g geometry) fatOffset(n int) int64 {
	return int64(g.reserved+uint32(n)*g.fatSectors) * sectorSize
}

// clusterOffset is the byte offset of a cluster inside the volume.
func (g geometry) clusterOffset(c uint32) int64 {
	return (int64(g.dataStart()) + int64(c-rootCluster)*int64(g.perCluster)) * sectorSize
}

// bootSector encodes the BIOS parameter block. The code field halts the
// machine: this volume is never the first stage of a boot.
func (g geometry) bootSector(v Volume) []byte {
	b := make([]byte, sectorSize)
	le := binary.LittleEndian
	copy(b[0:], []byte{0xEB, 0x58, 0x90})
	copy(b[3:], "MSWIN4.1") // what FATGEN recommends for OEMName
	le.PutUint16(b[11:], sectorSize)
	b[13] = byte(g.perCluster)
	le.PutUint16(b[14:], uint16(g.reserved))
	b[16] = fatCount
	b[21] = 0xF8 // fixed medium, as FAT[0]
	le.PutUint16(b[24:], 63)
	le.PutUint16(b[26:], 255)
	le.PutUint32(b[28:], v.HiddenSectors)
	le.PutUint32(b[32:], g.total)
	le.PutUint32(b[36:], g.fatSectors)
	le.PutUint32(b[44:], rootCluster)
	le.PutUint16(b[48:], infoSector)
	le.PutUint16(b[50:], backupSector)
	b[64] = 0x80
	b[66] = 0x29 // the three fields after this are valid
	le.PutUint32(b[67:], uint32(v.ID))
	copy(b[71:82], paddedLabel(v.Label))
	copy(b[82:90], "FAT32   ")
	copy(b[90:], []byte{0xFA, 0xF4, 0xEB, 0xFD}) // cli; hlt; jmp back
	b[510], b[511] = 0x55, 0xAA
	return b
}

// infoBytes encodes the FSInfo sector.
func (g geometry) infoBytes(free, next uint32) []byte {
	b := make([]byte, sectorSize)
	le := binary.LittleEndian
	le.PutUint32(b[0:], 0x41615252)
	le.PutUint32(b[484:], 0x61417272)
	le.PutUint32(b[488:], free)
	le.PutUint32(b[492:], next)
	b[510], b[511] = 0x55, 0xAA
	return b
}
