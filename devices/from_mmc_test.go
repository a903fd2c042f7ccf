package devices

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/support"
)

// Registers of QEMU's SD card, as Debian's kernel shows them.
const (
	qemuCID = "aa585951454d552101deadbeef006200"
	qemuCSD = "002600325f59e03fffffdfff92600000"
)

// card answers CMD8 with EXT_CSD, or not at all.
type card struct {
	ext []byte
	err error
}

func (c card) Exec(_ context.Context, cmd mmc.Command) (uint32, error) {
	copy(cmd.Data, c.ext)
	return 0, c.err
}

func extCSD() []byte {
	b := make([]byte, 512)
	b[192], b[231] = 8, 0x55 // revision 8; sanitize, trim, secure erase
	b[212], b[213] = 0x00, 0x40
	b[226], b[168] = 32, 4 // boot areas of 4 MiB, RPMB 512 KiB
	b[267], b[268], b[269] = 2, 3, 11
	copy(b[254:], "FW123456")
	return b
}

func TestLookMMC(t *testing.T) {
	f, err := LookMMC(context.Background(), mmc.KindSD, qemuCID, qemuCSD, nil)
	if err != nil || f.Identity.Serial != "deadbeef" || !strings.HasPrefix(f.Identity.Model, "QEMU!") || f.Caps.MMC.Sanitize != support.No ||
		f.Caps.Rotational != support.No || f.Hidden.HPA != HiddenUnknown {
		t.Errorf("SD: %+v %+v, %v", f.Identity, f.Caps.MMC, err)
	}
	f, err = LookMMC(context.Background(), mmc.KindMMC, "150100424a54443452076c4b0fbe2a00", "d02701320f5903fff6dbffef8e40400d", card{ext: extCSD()})
	if err != nil || f.Identity.Firmware != "FW123456" || f.Identity.Sectors != 0x4000 || f.Caps.MMC.Sanitize != support.Yes {
		t.Errorf("e.MMC: %+v %+v, %v", f.Identity, f.Caps.MMC, err)
	}
	if f.Hidden.HPA != HiddenPresent || !strings.Contains(f.Hidden.Note, "boot0") || *f.Health.PercentUsed != 110 || f.Health.FailPredicted != support.Yes {
		t.Errorf("e.MMC: %+v %+v", f.Hidden, f.Health)
	}
	f, err = LookMMC(context.Background(), mmc.KindMMC, "150100424a54443452076c4b0fbe2a00", "", card{err: errors.New("timeout")})
	if err != nil || f.Caps.MMC.Sanitize != support.Unknown || len(f.Notes) != 2 {
		t.Errorf("without EXT_CSD: %+v %q, %v", f.Caps.MMC, f.Notes, err)
	}
	if f, err := LookMMC(context.Background(), mmc.KindSD, "00000000000000000000000000000000", qemuCSD, nil); err == nil || f.Identity.Serial != "" {
		t.Errorf("an empty CID was taken: %+v", f.Identity)
	}
}
