package devices

import (
	"context"
	"errors"

	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/devices/tcg"
)

// FromTCG is what Level 0 Discovery says.
func FromTCG(d tcg.Discovery) TCGCaps {
	return TCGCaps{
		Present: support.Yes, SSC: d.SSCName(),
		Locked: d.Locking.Locked, MediaEncryption: d.Locking.MediaEncryption,
		BlockSID: d.BlockSID.Blocked, Activated: d.Locking.Enabled, Owned: d.BlockSID.Owned,
		MBRShadow: shadow(d.Locking),
	}
}

// shadow: while MBR shadowing is enabled and not yet done, the first LBAs read
// as the shadow and cannot be written.
func shadow(l tcg.Locking) support.State {
	switch {
	case l.MBREnabled.IsNo(), l.MBREnabled.IsYes() && l.MBRDone.IsYes():
		return support.No
	case l.MBREnabled.IsYes() && l.MBRDone.IsNo():
		return support.Yes
	}
	return support.Unknown
}

// LookTCG puts into f what Level 0 Discovery shows, over the first road that
// carries the question. Only a drive that says it takes such commands is asked:
// old ones may hang on what they do not know. It changes nothing on the drive. One that says that it
// has no security protocol of the TCG has no TPer; what did not come through is
// unknown, and named in Notes.
func LookTCG(ctx context.Context, f Facts, roads ...tcg.Transport) Facts {
	if !f.Trusted.IsYes() || f.Caps.TCG.Present.IsNo() {
		return f
	}
	for _, road := range roads {
		d, raw, err := tcg.Discover(ctx, road)
		if err == nil {
			f.Caps.TCG = FromTCG(d)
			f.Identity.Raw = append(f.Identity.Raw, Raw{Name: "TCG Level 0 Discovery", Bytes: raw})
			return f
		}
		if has, asked := tcg.HasProtocol(ctx, road, tcg.ProtocolTCG); asked == nil && has.IsNo() {
			f.Caps.TCG.Present = support.No
			return f
		}
		f.Notes = append(f.Notes, "TCG Level 0 Discovery: "+err.Error())
		if errors.Is(err, context.Canceled) {
			break
		}
	}
	return f
}
