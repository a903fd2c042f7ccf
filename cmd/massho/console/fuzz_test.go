package console

import (
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
)

// fuzzKeys is what one byte stands for: every key that means something
// somewhere, the ends of two serials, and the passing of time.
var fuzzKeys = strings.Fields("enter esc up down pgup pgdown home end space backspace f1 f2 f3 f4 f5 f6 ctrl+c " +
	"0 1 2 3 4 5 7 9 a b d e l n o p r s t w x y z 0000 7919 15838 tick unplug")

// FuzzKeys holds that no keys, in whatever order, break the screen or start
// anything on a drive that may not be touched or was not confirmed by its own
// serial.
func FuzzKeys(f *testing.F) {
	plain := []byte{0, 18, 0, 8, 0, 0, 40, 0}
	f.Add(plain)
	f.Add(append(plain, 0, 0, 0, 27, 3, 8, 0, 0, 41, 0, 43, 43))
	f.Add([]byte{0, 18, 0, 25, 0, 0, 40, 44, 0, 41, 0})
	f.Fuzz(func(t *testing.T, keys []byte) {
		w := newPlay(disk(0, "WDC WD10EZEX-08WN4A0", 1000), disk(1, "TOSHIBA MQ01ABF050", 500), stick(2), frozenDisk())
		w.devs[3].Identity.Serial, w.devs[3].Name, w.devs[3].Parent = "FROZEN-15838", "sdd", "ata3"
		s := sit(t, w)
		defer func() {
			for _, end := range w.ends {
				close(end)
			}
		}()
		for _, b := range keys[:min(len(keys), 200)] {
			switch k := fuzzKeys[int(b)%len(fuzzKeys)]; k {
			case "tick":
				s.tick(7 * time.Second)
			case "unplug":
				if len(w.devs) > 0 {
					s.unplug(w.devs[0].Identity.Serial)
				}
			case "t": // training would leave this world
			default:
				s.press(k)
			}
		}
		for _, c := range canvases {
			checkFrame(t, c.name, s.m.Render(c.Canvas), c.Canvas)
		}
		for _, works := range w.ran {
			for _, c := range works {
				key := devices.SerialKey(c.Work.Plan.Target.Serial)
				if len(c.Drive.Refusals) > 0 || len(c.By) != 1 || len(devices.SerialKey(c.By[0].Typed)) < devices.MinSuffix ||
					!strings.HasSuffix(key, devices.SerialKey(c.By[0].Typed)) {
					t.Errorf("%s began: refusals %v, by %+v", key, c.Drive.Refusals, c.By)
				}
			}
		}
	})
}
