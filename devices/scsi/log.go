package scsi

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// Log pages (SPC-5 clause 7.3, SBC-4 clause 6.4).
const (
	LogTemperature    byte = 0x0D
	LogSelfTest       byte = 0x10
	LogSolidState     byte = 0x11
	LogBackgroundScan byte = 0x15
	LogInformational  byte = 0x2F
)

// LogParameter is one parameter of a log page.
type LogParameter struct {
	Code uint16
	Data []byte
}

// ParseLogPage decodes a log page of subpage 00h. A parameter that the bytes
// cut short is left out.
func ParseLogPage(b []byte, page byte) ([]LogParameter, error) {
	what := fmt.Sprintf("log page %02Xh", page)
	if len(b) < 4 {
		return nil, &ParseError{What: what, Why: "shorter than its header"}
	}
	if b[0]&0x3F != page {
		return nil, &ParseError{What: what, Why: fmt.Sprintf("the device answered page %02Xh", b[0]&0x3F)}
	}
	body := b[4:min(len(b), 4+int(be16(b[2:])))]
	var ps []LogParameter
	for len(body) >= 4 && 4+int(body[3]) <= len(body) {
		n := 4 + int(body[3])
		ps = append(ps, LogParameter{Code: be16(body), Data: body[4:n]})
		body = body[n:]
	}
	return ps, nil
}

// LogSense sends LOG SENSE (SPC-5 clause 6.8) for the cumulative values.
func LogSense(ctx context.Context, t Transport, page byte) ([]LogParameter, error) {
	const n = 1024
	cdb := make([]byte, 10)
	cdb[0], cdb[2] = OpLogSense, 0x40|page&0x3F
	put16(cdb[7:], n)
	b, err := run(ctx, t, fmt.Sprintf("LOG SENSE page %02Xh", page), Command{CDB: cdb, Dir: In, Data: make([]byte, n)})
	if err != nil {
		return nil, err
	}
	return ParseLogPage(b, page)
}

// find is the data of parameter code if it has at least n bytes.
func find(ps []LogParameter, code uint16, n int) []byte {
	for _, p := range ps {
		if p.Code == code && len(p.Data) >= n {
			return p.Data
		}
	}
	return nil
}

// Temperature reads log page 0Dh: degrees Celsius.
func Temperature(ps []LogParameter) (celsius int, ok bool) {
	d := find(ps, 0x0000, 2)
	if d == nil || d[1] == 0xFF {
		return 0, false
	}
	return int(d[1]), true
}

// PercentageUsed reads log page 11h: the endurance used; it may exceed 100.
func PercentageUsed(ps []LogParameter) (percent byte, ok bool) {
	if d := find(ps, 0x0001, 4); d != nil {
		return d[3], true
	}
	return 0, false
}

// PowerOnMinutes reads log page 15h.
func PowerOnMinutes(ps []LogParameter) (minutes uint32, ok bool) {
	if d := find(ps, 0x0000, 4); d != nil {
		return be32(d), true
	}
	return 0, false
}

// FailurePredicted reads log page 2Fh: 5Dh and 0Bh are the additional sense
// codes of a failure prediction and of a warning; zero says that there is none.
func FailurePredicted(ps []LogParameter) support.State {
	d := find(ps, 0x0000, 2)
	switch {
	case d == nil:
		return support.Unknown
	case d[0] == 0x5D:
		return support.Yes
	case d[0] == 0x00 || d[0] == 0x0B:
		return support.No
	default:
		return support.Unknown
	}
}

// SelfTest is one entry of log page 10h, the newest first.
type SelfTest struct {
	Code   byte   // SELF-TEST CODE
	Result byte   // 0 passed, 0Fh in progress, 1 and 2 aborted, 3 to 7 failed
	Hours  uint16 // accumulated power on hours
}

// SelfTests reads log page 10h; entries never used are left out.
func SelfTests(ps []LogParameter) []SelfTest {
	var ts []SelfTest
	for _, p := range ps {
		if p.Code < 1 || p.Code > 20 || len(p.Data) < 16 || zero(p.Data) {
			continue
		}
		ts = append(ts, SelfTest{Code: p.Data[0] >> 5, Result: p.Data[0] & 0x0F, Hours: be16(p.Data[2:])})
	}
	return ts
}
