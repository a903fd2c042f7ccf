package emulator

import "github.com/massho/massho/devices/tcg"

// discovery is Level 0 Discovery data (TCG Storage Core clause 3.3.6).
func (v *tper) discovery() []byte {
	f := v.d.p.TCG
	b := make([]byte, 48)
	be.PutUint32(b[4:], 1)
	add := func(code tcg.Feature, data ...byte) {
		b = append(b, byte(code>>8), byte(code), 0x10, byte(len(data)))
		b = append(b, data...)
	}
	add(tcg.FeatureTPer, append([]byte{0x51}, make([]byte, 11)...)...) // ComID management, streaming, sync
	locking := bits16(map[int]bool{0: true, 1: v.activated, 2: v.holds(), 3: f.encrypts()})
	add(tcg.FeatureLocking, append([]byte{byte(locking)}, make([]byte, 11)...)...)
	geometry := make([]byte, 28)
	be.PutUint32(geometry[8:], v.d.sector())
	be.PutUint64(geometry[12:], 1)
	add(tcg.FeatureGeometry, geometry...)
	ssc := make([]byte, 16)
	be.PutUint16(ssc, tperComID)
	be.PutUint16(ssc[2:], 1)
	if f.SSC == tcg.FeatureOpal2 || f.SSC == tcg.FeatureRuby {
		ssc[6], ssc[8] = 4, 9 // locking admins and users
	}
	add(f.SSC, ssc...)
	sid := bits16(map[int]bool{0: v.sid != f.MSID, 1: v.blocked})
	add(tcg.FeatureBlockSID, append([]byte{byte(sid)}, make([]byte, 11)...)...)
	if f.SSC == tcg.FeaturePyrite2 {
		removal := make([]byte, 32)
		removal[2] = 0x02 // block erase
		add(tcg.FeatureDataRemoval, removal...)
	}
	be.PutUint32(b, uint32(len(b)-4))
	return b
}
