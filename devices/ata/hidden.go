package ata

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// MissingError says that a command ended well but the road did not bring back
// the registers that hold its answer: the answer is unknown.
type MissingError struct {
	Command string
	What    string
}

// Error names the command and what is missing.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s: the road did not return %s: unknown", e.Command, e.What)
}

// lba48 is LBA 47:0 of an answer.
func lba48(c Command, r Result) (uint64, error) {
	if r.Registers == nil || r.Registers.LBAHigh == HighUnknown || r.Registers.LBAHigh == HighNonZero {
		return 0, &MissingError{Name(c), "LBA 47:24"}
	}
	return r.Registers.LBA, nil
}

// lba28 is LBA 27:0 of an answer; bits 27:24 are in the device register.
func lba28(c Command, r Result) (uint64, error) {
	if r.Registers == nil {
		return 0, &MissingError{Name(c), "LBA 27:0"}
	}
	return r.Registers.LBA&0xFFFFFF | uint64(r.Registers.Device&0x0F)<<24, nil
}

// ReadNativeMaxExtCommand builds READ NATIVE MAX ADDRESS EXT (ATA8-ACS clause
// 7.32).
func ReadNativeMaxExtCommand() Command {
	return Command{Command: CmdReadNativeMaxExt, Extended: true, Device: 0x40}
}

// ReadNativeMaxCommand builds the 28-bit READ NATIVE MAX ADDRESS.
func ReadNativeMaxCommand() Command { return Command{Command: CmdReadNativeMax, Device: 0x40} }

// SetMaxExtCommand builds SET MAX ADDRESS EXT: max is the last LBA that the
// host shall reach. Persistent survives a power cycle.
func SetMaxExtCommand(max uint64, persistent bool) Command {
	return Command{Command: CmdSetMaxExt, Extended: true, Device: 0x40,
		LBA: max & (1<<48 - 1), Count: volatileBit(persistent)}
}

// SetMaxCommand builds the 28-bit SET MAX ADDRESS.
func SetMaxCommand(max uint32, persistent bool) Command {
	return Command{Command: CmdSetMax, Device: 0x40,
		LBA: uint64(max) & (1<<28 - 1), Count: volatileBit(persistent)}
}

// volatileBit is count bit 0, which the standard calls V_V: one is not volatile.
func volatileBit(persistent bool) uint16 {
	if persistent {
		return 1
	}
	return 0
}

// ReadNativeMax returns the last LBA of the drive, HPA included, with the
// 48-bit command if lba48 says that the drive has it.
func ReadNativeMax(ctx context.Context, t Transport, lba48bit bool) (uint64, error) {
	c, decode := ReadNativeMaxCommand(), lba28
	if lba48bit {
		c, decode = ReadNativeMaxExtCommand(), lba48
	}
	r, err := t.Exec(ctx, c)
	if err != nil {
		return 0, err
	}
	return decode(c, r)
}

// SetMax sends READ NATIVE MAX ADDRESS and, immediately after it as the
// standard demands, SET MAX ADDRESS with max as the last LBA. A drive takes
// one persistent SET MAX in a power cycle; it aborts the next.
func SetMax(ctx context.Context, t Transport, max uint64, lba48bit, persistent bool) error {
	if !lba48bit && max >= 1<<28 {
		return fmt.Errorf("SET MAX ADDRESS: LBA %d needs 48 bits", max)
	}
	native, err := ReadNativeMax(ctx, t, lba48bit)
	if err != nil {
		return err
	}
	if max > native {
		return fmt.Errorf("SET MAX ADDRESS: LBA %d is beyond the native %d", max, native)
	}
	if lba48bit {
		return exec(ctx, t, SetMaxExtCommand(max, persistent))
	}
	return exec(ctx, t, SetMaxCommand(uint32(max), persistent))
}

// DCO is DEVICE CONFIGURATION IDENTIFY data (ATA8-ACS clause 7.9.4): what the
// drive could do without the overlay.
type DCO struct {
	Revision uint16
	MaxLBA   uint64 // the last LBA without the overlay
	Features uint16 // word 7
	Checksum Checksum
}

// ParseDCO decodes the 512 bytes of DEVICE CONFIGURATION IDENTIFY.
func ParseDCO(b []byte) (DCO, error) {
	if len(b) != 512 {
		return DCO{}, fmt.Errorf("DEVICE CONFIGURATION IDENTIFY data: %d bytes", len(b))
	}
	d := DCO{
		Revision: binary.LittleEndian.Uint16(b),
		MaxLBA:   binary.LittleEndian.Uint64(b[6:]) & (1<<48 - 1),
		Features: binary.LittleEndian.Uint16(b[14:]),
	}
	if b[510] == 0xA5 {
		d.Checksum = ChecksumBad
		if byteSum(b) == 0 {
			d.Checksum = ChecksumOK
		}
	}
	if d.Revision == 0 && d.MaxLBA == 0 {
		return d, fmt.Errorf("DEVICE CONFIGURATION IDENTIFY data: empty")
	}
	return d, nil
}

func byteSum(b []byte) (sum byte) {
	for _, c := range b {
		sum += c
	}
	return sum
}

// DCOIdentifyCommand builds DEVICE CONFIGURATION IDENTIFY.
func DCOIdentifyCommand() Command {
	return Command{Command: CmdDeviceConfiguration, Feature: dcoIdentify, Count: 1,
		Protocol: PIOIn, Data: make([]byte, 512)}
}

// DCORestoreCommand builds DEVICE CONFIGURATION RESTORE. A drive aborts it
// while a Host Protected Area is set.
func DCORestoreCommand() Command {
	return Command{Command: CmdDeviceConfiguration, Feature: dcoRestore}
}

// DCOIdentify sends DEVICE CONFIGURATION IDENTIFY.
func DCOIdentify(ctx context.Context, t Transport) (DCO, []byte, error) {
	c := DCOIdentifyCommand()
	if err := exec(ctx, t, c); err != nil {
		return DCO{}, nil, err
	}
	d, err := ParseDCO(c.Data)
	return d, c.Data, err
}

// DCORestore sends DEVICE CONFIGURATION RESTORE.
func DCORestore(ctx context.Context, t Transport) error { return exec(ctx, t, DCORestoreCommand()) }

// GetNativeMaxAddressCommand builds GET NATIVE MAX ADDRESS EXT (ACS-4 clause
// 7.1.3).
func GetNativeMaxAddressCommand() Command {
	return Command{Command: CmdAccessibleMax, Feature: amacGetNative, Extended: true, Device: 0x40}
}

// SetAccessibleMaxAddressCommand builds SET ACCESSIBLE MAX ADDRESS EXT.
func SetAccessibleMaxAddressCommand(max uint64) Command {
	return Command{Command: CmdAccessibleMax, Feature: amacSet, Extended: true,
		Device: 0x40, LBA: max & (1<<48 - 1)}
}

// GetNativeMaxAddress returns the last LBA that SET ACCESSIBLE MAX ADDRESS EXT
// could open.
func GetNativeMaxAddress(ctx context.Context, t Transport) (uint64, error) {
	c := GetNativeMaxAddressCommand()
	r, err := t.Exec(ctx, c)
	if err != nil {
		return 0, err
	}
	return lba48(c, r)
}

// SetAccessibleMaxAddress makes max the last LBA that the host reaches. A
// drive takes one in a power cycle; it aborts the next.
func SetAccessibleMaxAddress(ctx context.Context, t Transport, max uint64) error {
	return exec(ctx, t, SetAccessibleMaxAddressCommand(max))
}

// Hides compares a native maximum with the sectors that the host can address:
// yes, and how many sectors are hidden; no; or unknown when either is.
func Hides(nativeMaxLBA, sectors uint64) (support.State, uint64) {
	switch native := nativeMaxLBA + 1; {
	case nativeMaxLBA == 0 || sectors == 0:
		return support.Unknown, 0
	case native > sectors:
		return support.Yes, native - sectors
	case native < sectors:
		return support.Unknown, 0 // a native maximum below the capacity is nonsense
	default:
		return support.No, 0
	}
}
