package nvme

import (
	"context"
	"fmt"
)

// Log pages (NVMe Base 2.0 clause 5.16.1).
const (
	LogSMART    byte = 0x02
	LogSanitize byte = 0x81
)

const logBytes = 512

// LogCommand builds Get Log Page for the first len(buf) bytes of a page, a
// multiple of four.
func LogCommand(page byte, nsid uint32, buf []byte) (AdminCommand, error) {
	if len(buf) == 0 || len(buf)%4 != 0 {
		return AdminCommand{}, fmt.Errorf("Get Log Page %02Xh: %d bytes", page, len(buf))
	}
	dwords := uint32(len(buf)/4 - 1) // zero's based
	return AdminCommand{Opcode: OpGetLogPage, NSID: nsid, Data: buf,
		CDW10: uint32(page) | dwords<<16, CDW11: dwords >> 16}, nil
}

func getLog(ctx context.Context, t Transport, page byte, nsid uint32) ([]byte, error) {
	b := make([]byte, logBytes)
	cmd, err := LogCommand(page, nsid, b)
	if err != nil {
		return nil, err
	}
	if _, err := t.Admin(ctx, cmd); err != nil {
		return nil, err
	}
	return b, nil
}

// SMART is the SMART / Health Information log (NVMe Base 2.0 clause 5.16.1.3).
type SMART struct {
	CriticalWarning byte // bit 0 spare low, 2 reliability degraded, 3 read only
	TemperatureK    uint16
	Spare           uint8 // percent
	SpareThreshold  uint8
	PercentageUsed  uint8 // may exceed 100
	PowerOnHours    Uint128
	PowerCycles     Uint128
	UnsafeShutdowns Uint128
	MediaErrors     Uint128
}

// TemperatureC is the composite temperature in degrees Celsius; ok is false
// when it is not reported.
func (s SMART) TemperatureC() (celsius int, ok bool) {
	return int(s.TemperatureK) - 273, s.TemperatureK != 0
}

// ReadOnly reports that the media are read only (critical warning bit 3): such
// a controller advertises erase commands and refuses them.
func (s SMART) ReadOnly() bool { return s.CriticalWarning&(1<<3) != 0 }

// ParseSMART decodes log page 02h.
func ParseSMART(b []byte) (SMART, error) {
	if len(b) < 176 {
		return SMART{}, &ParseError{"log page 02h", fmt.Sprintf("%d bytes", len(b))}
	}
	return SMART{
		CriticalWarning: b[0], TemperatureK: le16(b[1:]), Spare: b[3], SpareThreshold: b[4],
		PercentageUsed: b[5], PowerCycles: le128(b[112:]), PowerOnHours: le128(b[128:]),
		UnsafeShutdowns: le128(b[144:]), MediaErrors: le128(b[160:]),
	}, nil
}

// SMARTLog reads log page 02h of the controller.
func SMARTLog(ctx context.Context, t Transport) (SMART, []byte, error) {
	b, err := getLog(ctx, t, LogSMART, AllNamespaces)
	if err != nil {
		return SMART{}, nil, err
	}
	s, err := ParseSMART(b)
	return s, b, err
}
