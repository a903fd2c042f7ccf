package scsi

import (
	"context"
	"fmt"
)

// Vital product data pages (SPC-5 clause 7.7, SBC-4 clause 6.6).
const (
	PageSupported       byte = 0x00
	PageSerial          byte = 0x80
	PageIdentification  byte = 0x83
	PageATAInformation  byte = 0x89
	PageBlockLimits     byte = 0xB0
	PageCharacteristics byte = 0xB1
)

func vpdName(page byte) string { return fmt.Sprintf("INQUIRY VPD page %02Xh", page) }

// VPD returns a vital product data page with its four-byte header, no longer
// than its PAGE LENGTH says. The error is a *ParseError when the device
// answers with another page: many USB bridges do, and the answer must not be
// taken for what was asked.
func VPD(ctx context.Context, t Transport, page byte) ([]byte, error) {
	n := 252
	if page == PageATAInformation {
		n = 572
	}
	b, err := inquiry(ctx, t, true, page, n)
	if err != nil {
		return b, err
	}
	if _, err := vpdBody(b, page); err != nil {
		return b, err
	}
	want := 4 + int(be16(b[2:]))
	if want <= n {
		return b[:min(want, len(b))], nil
	}
	if b, err = inquiry(ctx, t, true, page, want); err != nil {
		return b, err
	}
	_, err = vpdBody(b, page)
	return b, err
}

// vpdBody checks the header and returns what follows it, as long as its
// PAGE LENGTH and the bytes that came allow.
func vpdBody(b []byte, page byte) ([]byte, error) {
	what := fmt.Sprintf("VPD page %02Xh", page)
	if len(b) < 4 {
		return nil, &ParseError{What: what, Why: "shorter than its header"}
	}
	if b[1] != page {
		return nil, &ParseError{What: what, Why: fmt.Sprintf("the device answered page %02Xh", b[1])}
	}
	if q := b[0] >> 5; q == 3 {
		return nil, &ParseError{What: what, Why: "no logical unit there (qualifier 3)"}
	}
	return b[4:min(len(b), 4+int(be16(b[2:])))], nil
}

// ParseVPD00 decodes the list of supported pages.
func ParseVPD00(b []byte) ([]byte, error) {
	body, err := vpdBody(b, PageSupported)
	return append([]byte(nil), body...), err
}

// SupportedPages returns the page codes that the device lists.
func SupportedPages(ctx context.Context, t Transport) ([]byte, error) {
	b, err := VPD(ctx, t, PageSupported)
	if err != nil {
		return nil, err
	}
	return ParseVPD00(b)
}

// ParseVPD80 decodes the unit serial number, without its padding.
func ParseVPD80(b []byte) (string, error) {
	body, err := vpdBody(b, PageSerial)
	return text(body), err
}

// UnitSerial returns the unit serial number and the page's bytes.
func UnitSerial(ctx context.Context, t Transport) (string, []byte, error) {
	b, err := VPD(ctx, t, PageSerial)
	if err != nil {
		return "", b, err
	}
	s, err := ParseVPD80(b)
	return s, b, err
}

// ATAInformation is VPD page 89h: the translator below a SCSI face, and the
// IDENTIFY data it keeps. They may be a stale copy (SAT-5 clause 12.4.2).
type ATAInformation struct {
	Vendor    string // SAT vendor: of the translator, not of the drive
	Product   string
	Revision  string
	Signature [20]byte // device to host register FIS after the last reset
	Command   byte     // ECh IDENTIFY DEVICE, A1h IDENTIFY PACKET DEVICE
	Identify  []byte   // 512 bytes
}

// ParseVPD89 decodes the ATA Information page of 572 bytes.
func ParseVPD89(b []byte) (ATAInformation, error) {
	body, err := vpdBody(b, PageATAInformation)
	if err != nil {
		return ATAInformation{}, err
	}
	if len(body) < 568 {
		return ATAInformation{}, &ParseError{What: "VPD page 89h", Why: fmt.Sprintf("%d bytes of 568", len(body))}
	}
	a := ATAInformation{
		Vendor:   text(body[4:12]),
		Product:  text(body[12:28]),
		Revision: text(body[28:32]),
		Command:  body[52],
		Identify: append([]byte(nil), body[56:568]...),
	}
	copy(a.Signature[:], body[32:52])
	return a, nil
}

// ATAInfo returns the ATA Information page and its bytes.
func ATAInfo(ctx context.Context, t Transport) (ATAInformation, []byte, error) {
	b, err := VPD(ctx, t, PageATAInformation)
	if err != nil {
		return ATAInformation{}, b, err
	}
	a, err := ParseVPD89(b)
	return a, b, err
}
