package ata

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"
)

// FlushCacheCommand builds FLUSH CACHE EXT, or FLUSH CACHE for a drive
// without 48-bit addressing. The standard allows it more than 30 seconds.
func FlushCacheCommand(lba48bit bool) Command {
	if lba48bit {
		return Command{Command: CmdFlushCacheExt, Extended: true, Device: 0x40, Timeout: 2 * time.Minute}
	}
	return Command{Command: CmdFlushCache, Device: 0x40, Timeout: 2 * time.Minute}
}

// FlushCache empties the drive's volatile write cache.
func FlushCache(ctx context.Context, t Transport, lba48bit bool) error {
	return exec(ctx, t, FlushCacheCommand(lba48bit))
}

// PowerMode is the answer of CHECK POWER MODE (ACS-4 clause 7.3).
type PowerMode byte

// The power modes that matter.
const (
	PowerStandby PowerMode = 0x00
	PowerIdle    PowerMode = 0x80
	PowerActive  PowerMode = 0xFF // active or idle
)

// CheckPowerModeCommand builds CHECK POWER MODE.
func CheckPowerModeCommand() Command { return Command{Command: CmdCheckPowerMode} }

// CheckPowerMode asks for the power mode without spinning the drive up.
func CheckPowerMode(ctx context.Context, t Transport) (PowerMode, error) {
	c := CheckPowerModeCommand()
	r, err := t.Exec(ctx, c)
	if err != nil {
		return 0, err
	}
	if r.Registers == nil {
		return 0, &MissingError{Name(c), "count 7:0"}
	}
	return PowerMode(r.Registers.Count), nil
}

// MaxTrustedBlocks is the most that one TRUSTED command carries here: a SAT
// CDB of a 28-bit command says the length in eight bits.
const MaxTrustedBlocks = 255

// TrustedReceiveCommand builds TRUSTED RECEIVE, or the DMA form (ACS-4 clause
// 7.56): protocol and sp are the security protocol and its specific field
// (the ComID), buf whole 512-byte blocks.
func TrustedReceiveCommand(protocol byte, sp uint16, buf []byte, dma bool) (Command, error) {
	c := Command{Command: CmdTrustedReceive, Protocol: PIOIn}
	if dma {
		c.Command, c.Protocol = CmdTrustedReceiveDMA, DMAIn
	}
	return trusted(c, protocol, sp, buf)
}

// TrustedSendCommand builds TRUSTED SEND, or the DMA form (ACS-4 clause 7.58).
func TrustedSendCommand(protocol byte, sp uint16, data []byte, dma bool) (Command, error) {
	c := Command{Command: CmdTrustedSend, Protocol: PIOOut}
	if dma {
		c.Command, c.Protocol = CmdTrustedSendDMA, DMAOut
	}
	return trusted(c, protocol, sp, data)
}

// trusted fills the registers: feature is the protocol, count 7:0 and LBA 7:0
// are the length in blocks, LBA 23:8 the protocol's specific field.
func trusted(c Command, protocol byte, sp uint16, data []byte) (Command, error) {
	n := len(data) / 512
	if len(data)%512 != 0 || n == 0 || n > MaxTrustedBlocks {
		return Command{}, fmt.Errorf("%s: %d bytes, not 1 to %d blocks", Name(c), len(data), MaxTrustedBlocks)
	}
	c.Feature, c.Count, c.Data = uint16(protocol), uint16(n), data
	c.LBA = uint64(sp) << 8
	return c, nil
}

// ReadLogCommand builds READ LOG EXT (ACS-4 clause 7.24) of count pages of a
// general purpose log, from page on.
func ReadLogCommand(log byte, page, count uint16) Command {
	lba := uint64(log) | uint64(page&0xFF)<<8 | uint64(page>>8)<<32
	return Command{Command: CmdReadLogExt, Extended: true, Count: count, LBA: lba, Device: 0x40,
		Protocol: PIOIn, Data: make([]byte, 512*int(count))}
}

// Device Statistics log (ACS-4 clause 9.5).
const (
	LogDeviceStatistics byte = 0x04
	StatisticsGeneral   byte = 0x01
	StatisticsErrors    byte = 0x04
	StatisticsTemp      byte = 0x05
	StatisticsSSD       byte = 0x07
)

// Statistic reads the statistic at a byte offset of a page of the Device
// Statistics log: ok only if the page is the one asked for and the drive marks
// the value as supported and valid (bits 63:62).
func Statistic(b []byte, page byte, offset int) (value uint32, ok bool) {
	if len(b) < 512 || b[2] != page || offset < 8 || offset%8 != 0 || offset+8 > 512 {
		return 0, false
	}
	q := binary.LittleEndian.Uint64(b[offset:])
	return uint32(q), q>>62 == 3
}

// DeviceStatistics reads one page of the Device Statistics log.
func DeviceStatistics(ctx context.Context, t Transport, page byte) ([]byte, error) {
	c := ReadLogCommand(LogDeviceStatistics, uint16(page), 1)
	if err := exec(ctx, t, c); err != nil {
		return nil, err
	}
	return c.Data, nil
}
