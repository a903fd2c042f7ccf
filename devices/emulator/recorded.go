package emulator

import (
	"fmt"

	"github.com/massho/massho/devices/ata"
)

// FromIdentify is the parameters of a drive that answers IDENTIFY DEVICE with
// the recorded 512 bytes, word for word until a command changes its state.
// What the words do not say (a native maximum, a password) is made up.
func FromIdentify(raw []byte) (Params, error) {
	id, err := ata.ParseIdentify(raw)
	if err != nil {
		return Params{}, fmt.Errorf("emulator: %w", err)
	}
	if id.Sectors == 0 || id.Sparse {
		return Params{}, fmt.Errorf("emulator: %s %s: the recording has no capacity", id.Model, id.Serial)
	}
	p := Params{
		Kind: HDD, Model: id.Model, Serial: id.Serial, Firmware: id.Firmware, NoWWN: true, RPM: id.RPM,
		Sectors: id.Sectors, LogicalSector: id.LogicalSector, PhysicalSector: max(id.PhysicalSector, id.LogicalSector),
		Identify: append([]byte(nil), raw...),
		ATA: ATAFeatures{
			Bare: true, Security: id.Security.Supported.IsYes(), Enhanced: id.Security.Enhanced.IsYes(),
			SanitizeOverwrite: id.Sanitize.Overwrite.IsYes(), SanitizeBlock: id.Sanitize.Block.IsYes(),
			SanitizeCrypto: id.Sanitize.Crypto.IsYes(), HPA: id.HPA.IsYes(), DCO: id.DCO.IsYes(), AMAC: id.AMAC.IsYes(),
			SMART: id.SMART.IsYes(), Trim: id.Trim.IsYes(),
		},
	}
	if id.Rotational.IsNo() {
		p.Kind, p.RPM = SSD, 1
	}
	p.Faults.Frozen = id.Security.Frozen.IsYes()
	if id.Security.Enabled.IsYes() {
		p.UserPassword, p.MaxSecurity = "recorded", id.Security.Maximum.IsYes()
	}
	return p, nil
}

// recorded is the recorded answer, with the words that a command has changed
// since the drive was made.
func (a *ataDevice) recorded() words {
	var now, w words
	a.current(&now)
	copy(w[:], a.d.p.Identify)
	if now == a.first {
		return w
	}
	a.current(&w)
	sign(w[:])
	return w
}
