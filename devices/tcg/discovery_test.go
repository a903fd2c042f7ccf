package tcg

import (
	"errors"
	"testing"

	"github.com/massho/massho/devices/support"
)

const (
	yes     = support.Yes
	no      = support.No
	unknown = support.Unknown
)

// level0 is Level 0 Discovery data with these descriptors.
func level0(t testing.TB, descriptors string) []byte {
	d := unhex(t, descriptors)
	b := make([]byte, discoveryBytes)
	be.PutUint32(b, uint32(44+len(d)))
	be.PutUint32(b[4:], 1)
	copy(b[48:], d)
	return b
}

// Descriptors by the tables of the Core, the SSCs and the feature sets.
const (
	descTPer       = "0001 10 0C 11 000000 00000000 00000000"
	descLocking    = "0002 10 0C 09 000000 00000000 00000000" // supported, MediaEncryption
	descLocked     = "0002 10 0C 0F 000000 00000000 00000000"
	descPyrite     = "0002 10 0C 07 000000 00000000 00000000" // locked, no MediaEncryption
	descGeometry   = "0003 10 1C 01 00000000000000 00000200 0000000000000008 0000000000000000"
	descEnterprise = "0100 10 10 07FE 0002 00 00000000000000 00000000"
	descOpal1      = "0200 10 10 0800 0001 00 00000000000000 00000000"
	descOpal2      = "0203 10 10 07FE 0001 00 0004 0009 00 FF 0000000000"
	descPyrite2    = "0303 10 10 0900 0001 0000000000 00 00 0000000000"
	descRuby       = "0304 10 10 07FE 0001 00 0004 0009 00 00 0000000000"
	descBlocked    = "0402 10 0C 02 01 0000 00000000 00000000"
	descOwned      = "0402 10 0C 01 00 0000 00000000 00000000"
	descRemoval    = "0404 10 20 00 00 05 00 0000 0000 0000 0000 0000 0000 00000000000000000000000000000000"
	descVendor     = "C001 10 04 DEADBEEF"
)

func TestParseDiscovery(t *testing.T) {
	for _, tc := range []struct {
		name, in   string
		ssc        string
		comID      uint16
		revertable bool
		locking    Locking
		blockSID   BlockSID
	}{
		{"Opal 2", descTPer + descLocking + descGeometry + descOpal2, "Opal 2.0", 0x07FE, true,
			Locking{yes, no, no, yes, no, no}, BlockSID{}},
		{"Opal 2 shows Opal 1 first", descTPer + descOpal1 + descOpal2, "Opal 2.0", 0x07FE, true, Locking{}, BlockSID{}},
		{"Opal 2 shows Opal 1 last", descTPer + descOpal2 + descOpal1, "Opal 2.0", 0x07FE, true, Locking{}, BlockSID{}},
		{"Opal 1 alone, a vendor's own", descVendor + descTPer + descOpal1, "Opal 1.0", 0x0800, true, Locking{}, BlockSID{}},
		{"Opal 2, locked, owned", descTPer + descLocked + descOpal2 + descOwned, "Opal 2.0", 0x07FE, true,
			Locking{yes, yes, yes, yes, no, no}, BlockSID{yes, yes, no, no}},
		{"Opal 2, SID blocked", descTPer + descLocking + descOpal2 + descBlocked, "Opal 2.0", 0x07FE, true,
			Locking{yes, no, no, yes, no, no}, BlockSID{yes, no, yes, yes}},
		{"Pyrite 2, locked", descTPer + descPyrite + descPyrite2 + descRemoval, "Pyrite 2.0", 0x0900, true,
			Locking{yes, yes, yes, no, no, no}, BlockSID{}},
		{"Enterprise", descTPer + descLocking + descEnterprise, "Enterprise 1.0", 0x07FE, false,
			Locking{yes, no, no, yes, no, no}, BlockSID{}},
		{"Ruby", descTPer + descLocking + descRuby, "Ruby 1.0", 0x07FE, false, Locking{yes, no, no, yes, no, no}, BlockSID{}},
		{"no class", descTPer, "", 0, false, Locking{}, BlockSID{}},
		{"an empty Locking feature says nothing", descTPer + "0002 10 00" + descOpal2, "Opal 2.0", 0x07FE, true, Locking{}, BlockSID{}},
		{"an SSC without a ComID", descTPer + "0203 10 00", "Opal 2.0", 0, false, Locking{}, BlockSID{}},
		{"a TPer that does not talk synchronously", "0001 10 0C 10 000000 00000000 00000000" + descOpal2, "Opal 2.0", 0x07FE, false, Locking{}, BlockSID{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := ParseDiscovery(level0(t, tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if d.SSCName() != tc.ssc || d.BaseComID != tc.comID || d.Revertable() != tc.revertable {
				t.Errorf("%q ComID %04X revertable %v", d.SSCName(), d.BaseComID, d.Revertable())
			}
			if d.Locking != tc.locking || d.BlockSID != tc.blockSID {
				t.Errorf("locking %+v, block SID %+v", d.Locking, d.BlockSID)
			}
		})
	}
}

func TestDiscoveryDetails(t *testing.T) {
	d, err := ParseDiscovery(level0(t, descTPer+descGeometry+descOpal2+descRemoval))
	if err != nil {
		t.Fatal(err)
	}
	if g := d.Geometry; !g.Present || !g.Align || g.BlockSize != 512 || g.Granularity != 8 || g.LowestLBA != 0 {
		t.Errorf("geometry %+v", g)
	}
	if tp := d.TPer; tp.Sync != yes || tp.Streaming != yes || tp.ComIDManagement != no {
		t.Errorf("TPer %+v", tp)
	}
	if d.PINAtRevert != 0xFF {
		t.Errorf("PIN at revert %02X", d.PINAtRevert)
	}
	if r := d.Removal; r.Supported != yes || !r.Overwrite || r.Block || !r.Crypto || r.Processing != no {
		t.Errorf("removal %+v", r)
	}
}

func TestParseDiscoveryRefuses(t *testing.T) {
	long := level0(t, descTPer)
	be.PutUint32(long, 4000)
	for name, in := range map[string][]byte{
		"nothing":                      nil,
		"zeros, as without a TPer":     make([]byte, 512),
		"longer than it is":            long,
		"a descriptor that is cut off": level0(t, "0001 10 0C 11"),
	} {
		var pe *ParseError
		if d, err := ParseDiscovery(in); !errors.As(err, &pe) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
}

func TestOpenRefusesOtherClasses(t *testing.T) {
	for _, in := range []string{descTPer + descEnterprise, descTPer + descRuby, descTPer} {
		d, err := ParseDiscovery(level0(t, in))
		if err != nil {
			t.Fatal(err)
		}
		s := &script{}
		if _, err := Open(t.Context(), s, d, noPause); !errors.Is(err, ErrNotRevertable) || s.n != 0 {
			t.Errorf("%q: %v after %d commands", d.SSCName(), err, s.n)
		}
	}
}

func FuzzParseDiscovery(f *testing.F) {
	for _, s := range []string{descTPer + descLocked + descOpal2 + descBlocked, descTPer + descPyrite + descPyrite2 + descRemoval, descVendor + descGeometry} {
		f.Add(level0(f, s)[:200])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseDiscovery(b)
		if err != nil {
			return
		}
		if d.Revertable() && d.BaseComID == 0 {
			t.Error("revertable without a ComID")
		}
		if d.SSC == 0 != (d.SSCName() == "") {
			t.Errorf("class %04X is %q", uint16(d.SSC), d.SSCName())
		}
	})
}

func FuzzParsePacket(f *testing.F) {
	f.Add(Packet{ComID: 1, TSN: 2, HSN: 3, Payload: unhex(f, "F0 F1 F9 F0 00 00 00 F1")}.Encode())
	f.Add(Packet{ComID: 1, Payload: unhex(f, "F8 A8 00000000000000FF A8 000000000000FF01 F0 F0 F2 A1 41 01 F3 F1 F1 F9 F0 00 00 00 F1")}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePacket(b)
		if err != nil {
			return
		}
		if r, err := ParseResponse(p.Payload); err == nil && r.EndOfSession && r.Results.IsList {
			t.Error("results of a session that ended")
		}
		q, err := ParsePacket(p.Encode())
		if err != nil || q.ComID != p.ComID || len(p.Payload) > 0 && (q.TSN != p.TSN || q.HSN != p.HSN || string(q.Payload) != string(p.Payload)) {
			t.Errorf("%+v became %+v, %v", p, q, err)
		}
	})
}
