package scsi

import (
	"context"
	"time"
)

// TestUnitReady sends TEST UNIT READY (SPC-5 clause 6.48): nil when the medium
// can be accessed, a *SenseError that says why not otherwise.
func TestUnitReady(ctx context.Context, t Transport) error {
	_, err := run(ctx, t, "TEST UNIT READY", Command{CDB: make([]byte, 6)})
	return err
}

// RequestSense sends REQUEST SENSE for fixed-format data (SPC-5 clause 6.39),
// which every device and bridge knows, and returns them decoded.
func RequestSense(ctx context.Context, t Transport) (Sense, error) {
	b, err := run(ctx, t, "REQUEST SENSE",
		Command{CDB: []byte{OpRequestSense, 0, 0, 0, 252, 0}, Dir: In, Data: make([]byte, 252)})
	if err != nil {
		return Sense{}, err
	}
	return ParseSense(b)
}

// StartStopUnit sends START STOP UNIT (SBC-4 clause 5.31): start spins up,
// otherwise the device stops and its cache is emptied.
func StartStopUnit(ctx context.Context, t Transport, start bool) error {
	cdb := []byte{OpStartStopUnit, 0, 0, 0, 0, 0}
	if start {
		cdb[4] = 1
	}
	_, err := run(ctx, t, "START STOP UNIT", Command{CDB: cdb, Timeout: 2 * time.Minute})
	return err
}

// SynchronizeCache sends SYNCHRONIZE CACHE(10) over the whole medium.
func SynchronizeCache(ctx context.Context, t Transport) error {
	cdb := make([]byte, 10)
	cdb[0] = OpSynchronizeCache10
	_, err := run(ctx, t, "SYNCHRONIZE CACHE(10)", Command{CDB: cdb, Timeout: 2 * time.Minute})
	return err
}

// SecurityIn sends SECURITY PROTOCOL IN (SPC-5 clause 6.40) and fills buf. The
// length is in bytes, never in 512-byte units: libata reads INC_512 from the
// wrong bits.
func SecurityIn(ctx context.Context, t Transport, protocol byte, sp uint16, buf []byte) ([]byte, error) {
	return run(ctx, t, "SECURITY PROTOCOL IN",
		Command{CDB: securityCDB(OpSecurityProtocolIn, protocol, sp, len(buf)), Dir: In, Data: buf})
}

// SecurityOut sends SECURITY PROTOCOL OUT (SPC-5 clause 6.41).
func SecurityOut(ctx context.Context, t Transport, protocol byte, sp uint16, data []byte) error {
	_, err := run(ctx, t, "SECURITY PROTOCOL OUT",
		Command{CDB: securityCDB(OpSecurityProtocolOut, protocol, sp, len(data)), Dir: Out, Data: data})
	return err
}

func securityCDB(op, protocol byte, sp uint16, n int) []byte {
	cdb := make([]byte, 12)
	cdb[0], cdb[1] = op, protocol
	put16(cdb[2:], sp)
	put32(cdb[6:], uint32(n))
	return cdb
}
