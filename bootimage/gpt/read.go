package gpt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// Read reads the primary table. The backup is not consulted: a damaged image
// is refused, not guessed at. Errors wrap ErrTable or are r's.
func Read(r io.ReaderAt) (Table, error) {
	h := make([]byte, SectorSize)
	if _, err := r.ReadAt(h, SectorSize); err != nil {
		return Table{}, fmt.Errorf("read GPT header: %w", err)
	}
	le := binary.LittleEndian
	if string(h[:8]) != signature || le.Uint32(h[12:]) != headerSize ||
		le.Uint32(h[80:]) != entryCount || le.Uint32(h[84:]) != entrySize || le.Uint64(h[72:]) != 2 {
		return Table{}, fmt.Errorf("read GPT header: signature or sizes: %w", ErrTable)
	}
	want := le.Uint32(h[16:])
	le.PutUint32(h[16:], 0)
	if crc32.ChecksumIEEE(h[:headerSize]) != want {
		return Table{}, fmt.Errorf("read GPT header: checksum: %w", ErrTable)
	}
	entries := make([]byte, tableBytes)
	if _, err := r.ReadAt(entries, 2*SectorSize); err != nil {
		return Table{}, fmt.Errorf("read GPT entries: %w", err)
	}
	if crc32.ChecksumIEEE(entries) != le.Uint32(h[88:]) {
		return Table{}, fmt.Errorf("read GPT entries: checksum: %w", ErrTable)
	}
	if le.Uint64(h[32:]) > 1<<53 {
		return Table{}, fmt.Errorf("read GPT header: size: %w", ErrTable)
	}
	t := Table{Disk: GUID(h[56:72]).swap(), Sectors: int64(le.Uint64(h[32:])) + 1}
	for e := entries; len(e) > 0; e = e[entrySize:] {
		if p, ok := decode(e[:entrySize]); ok {
			t.Partitions = append(t.Partitions, p)
		}
	}
	return t, t.check()
}

func decode(e []byte) (Partition, bool) {
	le := binary.LittleEndian
	p := Partition{Type: GUID(e[:16]).swap(), ID: GUID(e[16:32]).swap(), First: int64(le.Uint64(e[32:]))}
	if p.Type == (GUID{}) {
		return Partition{}, false
	}
	p.Sectors = int64(le.Uint64(e[40:])) - p.First + 1
	var units []uint16
	for i := 56; i < entrySize && (e[i] != 0 || e[i+1] != 0); i += 2 {
		units = append(units, le.Uint16(e[i:]))
	}
	p.Name = string(utf16.Decode(units))
	return p, true
}
