package wipe

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/wipe/rules"
)

// planRecording shows what is planned for a recorded drive under rows (2) and
// (3): as recorded, where nothing says what hidden areas there are, and as it
// would be had the drive shown that there are none.
func planRecording(t *testing.T, name string, d devices.Device) {
	t.Helper()
	var b strings.Builder
	id := d.Identity
	fmt.Fprintf(&b, "%s: %s, %d sectors of %d bytes, rotational %s\n", d.Transport, id.Model, id.Sectors, id.LogicalSector, d.Caps.Rotational)
	for _, row := range []rules.Row{rules.Row2, rules.Row3} {
		p := planFor(t, d, row)
		b.WriteString(describePlan(p))
		if row == rules.Row2 && p.Refusal == nil {
			b.WriteString(describeRejected(p))
		}
	}
	shown := d
	shown.Hidden.HPA, shown.Hidden.DCO, shown.Hidden.AMAC = devices.HiddenAbsent, devices.HiddenAbsent, devices.HiddenAbsent
	b.WriteString("# hidden areas shown absent\n")
	b.WriteString(describePlan(planFor(t, shown, rules.Row2)))
	b.WriteString("# hidden areas shown absent, level (3) accepted\n")
	b.WriteString(describePlan(planFor(t, shown, rules.Row2, accepted)))
	golden(t, filepath.Join("plan", "recordings", strings.ReplaceAll(strings.TrimSuffix(name, ".txt"), "/", "-")+".golden"), []byte(b.String()))
}

func TestPlanRecordedATA(t *testing.T) {
	for _, f := range recordings.Files(t, "ata") {
		t.Run(f.Name, func(t *testing.T) {
			id, err := ata.ParseIdentify(f.Words(t))
			if err != nil {
				t.Fatal(err)
			}
			planRecording(t, f.Name, deviceOf(devices.FromATA(devices.ATAAnswers{Identify: id}), devices.TransportSATA))
		})
	}
}

// What is cut short, no disk, or nonsense is refused and stays inside.
func TestPlanRecordedNonsense(t *testing.T) {
	for _, folder := range []string{"ata-partial", "atapi", "edge"} {
		for _, f := range recordings.Files(t, folder) {
			t.Run(f.Name, func(t *testing.T) {
				_, err := ata.ParseIdentify(f.Words(t))
				if err == nil {
					t.Fatal("decoded as a whole disk")
				}
				d := deviceOf(devices.Facts{IdentityProblem: devices.ProblemNonsense + ": " + err.Error()}, devices.TransportSATA)
				d.Unreadable = true
				p := planFor(t, d, rules.Row3)
				if p.Refusal == nil || p.Disposition != DispositionKeepInside || p.Prompt == nil {
					t.Errorf("%s, refusal %v", p.Disposition, p.Refusal)
				}
			})
		}
	}
}

// The recorded controllers have no namespace beside them: each gets one of
// 256 GiB, alone.
func TestPlanRecordedNVMe(t *testing.T) {
	for _, f := range recordings.Files(t, "nvme") {
		t.Run(f.Name, func(t *testing.T) {
			c, err := nvme.ParseController(f.Bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			ns := nvme.Namespace{Size: 256 * gib / 512, Capacity: 256 * gib / 512, Formats: []nvme.LBAFormat{{DataSize: 512}}}
			planRecording(t, f.Name, deviceOf(devices.FromNVMe(devices.NVMeAnswers{
				Controller: &c, Namespace: &ns, NSID: 1, Active: []uint32{1}, Allocated: []uint32{1}}), devices.TransportNVMe))
		})
	}
}

// deviceOf is a drive as Detect would list it.
func deviceOf(f devices.Facts, tr devices.Transport) devices.Device {
	return devices.Device{
		Name: "x", Path: "/dev/x", Transport: tr, Class: devices.ClassDisk,
		Identity: f.Identity, Caps: f.Caps, Health: f.Health, Hidden: f.Hidden, IdentityProblem: f.IdentityProblem,
	}
}
