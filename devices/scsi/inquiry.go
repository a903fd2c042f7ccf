package scsi

import "context"

// Peripheral device types (SPC-5 table "PERIPHERAL DEVICE TYPE field").
const (
	TypeDirectAccess byte = 0x00
	TypeTape         byte = 0x01
	TypeCDDVD        byte = 0x05
	TypeOptical      byte = 0x07
	TypeChanger      byte = 0x08
	TypeRAID         byte = 0x0C
	TypeEnclosure    byte = 0x0D
	TypeSimplified   byte = 0x0E
	TypeHostManaged  byte = 0x14 // zoned, host managed
)

// InquiryData is standard INQUIRY data (SPC-5 clause 6.7.2).
type InquiryData struct {
	Qualifier byte // 000b: a device is connected; 011b: there can be none
	Type      byte // peripheral device type
	Removable bool // RMB
	Version   byte // 06h SPC-4, 07h SPC-5
	Protect   bool // the logical unit may be formatted with protection information
	Vendor    string
	Product   string
	Revision  string
}

// ParseInquiry decodes standard INQUIRY data of 36 or more bytes.
func ParseInquiry(b []byte) (InquiryData, error) {
	if len(b) < 36 {
		return InquiryData{}, &ParseError{What: "INQUIRY data", Why: "shorter than 36 bytes"}
	}
	return InquiryData{
		Qualifier: b[0] >> 5,
		Type:      b[0] & 0x1F,
		Removable: b[1]&0x80 != 0,
		Version:   b[2],
		Protect:   b[5]&0x01 != 0,
		Vendor:    text(b[8:16]),
		Product:   text(b[16:32]),
		Revision:  text(b[32:36]),
	}, nil
}

// Inquiry returns standard INQUIRY data and its bytes. It asks for 36 bytes
// only: some USB bridges hang on any other length.
func Inquiry(ctx context.Context, t Transport) (InquiryData, []byte, error) {
	b, err := inquiry(ctx, t, false, 0, 36)
	if err != nil {
		return InquiryData{}, b, err
	}
	d, err := ParseInquiry(b)
	return d, b, err
}

func inquiry(ctx context.Context, t Transport, evpd bool, page byte, n int) ([]byte, error) {
	cdb := []byte{OpInquiry, 0, page, byte(n >> 8), byte(n), 0}
	name := "INQUIRY"
	if evpd {
		cdb[1] = 1
		name = vpdName(page)
	}
	return run(ctx, t, name, Command{CDB: cdb, Dir: In, Data: make([]byte, n)})
}
