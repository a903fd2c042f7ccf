package nvme

import (
	"context"
	"fmt"
	"strings"

	"github.com/massho/massho/devices/support"
)

// CNS values of Identify (NVMe Base 2.0 clause 5.17).
const (
	CNSNamespace    byte = 0x00
	CNSController   byte = 0x01
	CNSActiveList   byte = 0x02
	CNSDescriptors  byte = 0x03
	CNSAllocated    byte = 0x10
	identifyBytes        = 4096
	controllerBytes      = 512 // the least that ParseController takes
)

// Controller is decoded Identify Controller data (NVMe Base 2.0 clause
// 5.17.2.1). Zero in VER, NN and the capacities is what old controllers say.
type Controller struct {
	VID, SSVID   uint16
	Serial       string // SN
	Model        string // MN
	Firmware     string // FR
	Version      uint32 // VER: 10300h is 1.3
	ControllerID uint16
	Multi        bool  // CMIC bit 1: the subsystem may have more controllers
	MDTS         uint8 // 2^n minimum pages, 0: no limit
	WarningTemp  uint16
	CriticalTemp uint16 // kelvin, 0: not reported

	Security     support.State // Security Send and Receive
	Format       support.State // Format NVM
	NSManagement support.State // namespaces can be created and attached

	Sanitize  SanitizeSupport
	FormatNVM FormatSupport

	Total       Uint128 // TNVMCAP, bytes; 0 is often simply not reported
	Unallocated Uint128 // UNVMCAP, bytes

	NN        uint32 // greatest namespace ID
	NNKnown   bool   // false when the data do not reach it
	Subsystem string // SUBNQN, "" if not reported
}

// SanitizeSupport is SANICAP (bytes 331:328).
type SanitizeSupport struct {
	Raw       uint32
	Crypto    support.State
	Block     support.State
	Overwrite support.State
	// NoDeallocInhibited (NDI): the controller deallocates after a sanitize
	// even when it is asked not to.
	NoDeallocInhibited support.State
	NODMMAS            uint8 // no-deallocate modifies media after sanitize: 0 not defined, 1 no, 2 yes
}

// FormatSupport is FNA (byte 524).
type FormatSupport struct {
	Raw         byte
	FormatAll   support.State // a format acts on all namespaces
	EraseAll    support.State // a secure erase acts on all namespaces
	Crypto      support.State // SES 2
	NoBroadcast support.State // NSID FFFFFFFFh is refused
}

// ParseController decodes Identify Controller data, whole or at least the
// first 512 bytes, as some tools save them: what is missing is unknown.
func ParseController(b []byte) (Controller, error) {
	const what = "Identify Controller data"
	if len(b) < controllerBytes {
		return Controller{}, &ParseError{what, fmt.Sprintf("%d bytes", len(b))}
	}
	c := Controller{
		VID: le16(b), SSVID: le16(b[2:]),
		Serial: text(b[4:24]), Model: text(b[24:64]), Firmware: text(b[64:72]),
		Version: le32(b[80:]), ControllerID: le16(b[78:]), Multi: b[76]&2 != 0, MDTS: b[77],
		WarningTemp: le16(b[266:]), CriticalTemp: le16(b[268:]),
		Total: le128(b[280:]), Unallocated: le128(b[296:]),
	}
	if c.Model == "" || strings.Trim(c.Model, `\xF`) == "" {
		return Controller{}, &ParseError{what, "no model number"}
	}
	oacs := le16(b[256:])
	c.Security = support.Of(oacs&1 != 0)
	c.Format = support.Of(oacs&2 != 0)
	c.NSManagement = support.Of(oacs&8 != 0)
	c.Sanitize = sanitizeSupport(le32(b[328:]))
	if len(b) >= 526 {
		c.NN, c.NNKnown = le32(b[516:]), true
		c.FormatNVM = formatSupport(b[524])
	}
	if len(b) >= 1024 {
		nqn, _, _ := strings.Cut(string(b[768:1024]), "\x00")
		c.Subsystem = text([]byte(nqn))
	}
	return c, nil
}

func sanitizeSupport(v uint32) SanitizeSupport {
	return SanitizeSupport{
		Raw:                v,
		Crypto:             support.Of(v&1 != 0),
		Block:              support.Of(v&2 != 0),
		Overwrite:          support.Of(v&4 != 0),
		NoDeallocInhibited: support.Of(v>>29&1 != 0),
		NODMMAS:            uint8(v >> 30),
	}
}

// Any reports whether the controller has any sanitize operation at all: only
// the three low bits say so, the others describe them.
func (s SanitizeSupport) Any() bool { return s.Raw&7 != 0 }

func formatSupport(v byte) FormatSupport {
	return FormatSupport{
		Raw:         v,
		FormatAll:   support.Of(v&1 != 0),
		EraseAll:    support.Of(v&2 != 0),
		Crypto:      support.Of(v&4 != 0),
		NoBroadcast: support.Of(v&8 != 0),
	}
}

// IdentifyController returns the controller's data and their bytes.
func IdentifyController(ctx context.Context, t Transport) (Controller, []byte, error) {
	b, err := identify(ctx, t, CNSController, 0)
	if err != nil {
		return Controller{}, nil, err
	}
	c, err := ParseController(b)
	return c, b, err
}

func identify(ctx context.Context, t Transport, cns byte, nsid uint32) ([]byte, error) {
	b := make([]byte, identifyBytes)
	_, err := t.Admin(ctx, AdminCommand{Opcode: OpIdentify, NSID: nsid, CDW10: uint32(cns), Data: b})
	if err != nil {
		return nil, err
	}
	return b, nil
}
