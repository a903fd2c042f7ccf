package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/massho/massho/devices"
)

// machine chooses the system that a command works on, and the stick and the
// evidence place that must never be wiped.
type machine struct {
	loop     []string
	evidence string
	boot     []string
}

func (m *machine) flags(c *cobra.Command, a *app) {
	c.Flags().StringSliceVar(&m.loop, "loop", nil, a.t("試験用: ループ装置 (/dev/loopN) も対象にする", "for tests: list these loop devices too"))
	c.Flags().StringSliceVar(&m.boot, "boot-uuid", nil, a.t("起動に使ったUSBのファイルシステムUUID", "filesystem UUIDs of the stick this was booted from"))
}

func (m *machine) environment(present []devices.Device) devices.Environment {
	env := devices.Environment{Present: present, Boot: m.boot}
	if m.evidence != "" {
		env.Evidence = []string{m.evidence}
	}
	return env
}

// found is one device with what speaks against touching it.
type found struct {
	Type     string            `json:"type"` // "device"
	Name     string            `json:"name"`
	Device   devices.Device    `json:"device"`
	Refusals []devices.Refusal `json:"refusals"`
}

func (a *app) detectCommand() *cobra.Command {
	var m machine
	c := &cobra.Command{
		Use:   "detect",
		Short: a.t("接続されている記憶媒体をすべて示す（何も書き込まない）", "list every drive, what it can do, and why it may not be touched"),
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			devs, err := realSystem().Detect(c.Context(), devices.DetectOptions{Loop: m.loop})
			if err != nil {
				return err
			}
			return a.showDevices(devs, m.environment(devs))
		},
	}
	m.flags(c, a)
	a.jsonFlag(c)
	return c
}

// jsonFlag gives c the flag for one JSON object a line.
func (a *app) jsonFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.json, "json", false, a.t("1行に1つのJSONで出力する", "print one JSON object a line"))
}

func (a *app) showDevices(devs []devices.Device, env devices.Environment) error {
	if len(devs) == 0 && !a.json {
		_, err := fmt.Fprintln(a.out, a.t("記憶媒体が見つかりません。ケーブル、BIOSのRAID/VMD設定、電源を確認してください。",
			"No drive was found. Check cables, the firmware's RAID or VMD setting, and power."))
		return err
	}
	for _, d := range devs {
		refusals := devices.Refusals(d, env)
		if a.json {
			if err := a.printJSON(found{"device", d.Name, d, refusals}); err != nil {
				return err
			}
			continue
		}
		a.showDevice(a.out, d, refusals)
	}
	return nil
}

// showDevice prints one device on a few lines: who it is, then what speaks
// against touching it.
func (a *app) showDevice(w io.Writer, d devices.Device, refusals []devices.Refusal) {
	serial := d.Identity.Serial
	if serial == "" {
		serial = a.t("（シリアルなし）", "(no serial)")
	}
	fmt.Fprintf(w, "%-24s %s\n", serial, d.Identity.Model)
	fmt.Fprintf(w, "    %s  %s  %s  %s", size(d.Identity.CapacityBytes()), d.Transport, a.kind(d), d.Location)
	fmt.Fprintf(w, "  (%s)\n", d.Name)
	for _, r := range refusals {
		fmt.Fprintf(w, "    × %s\n      → %s\n", a.t(r.Why.Ja, r.Why.En), a.t(r.Next.Ja, r.Next.En))
	}
}

// kind says whether it rotates, as far as the drive said.
func (a *app) kind(d devices.Device) string {
	switch {
	case d.Class != devices.ClassDisk:
		return string(d.Class)
	case d.Caps.Rotational.IsNo():
		return "SSD"
	case d.Caps.Rotational.IsYes() && d.Caps.RotationRPM > 0:
		return fmt.Sprintf("HDD %d rpm", d.Caps.RotationRPM)
	case d.Caps.Rotational.IsYes():
		return "HDD"
	}
	return a.t("回転の有無不明", "rotation not reported")
}

// size is bytes in the units printed on drives: powers of ten.
func size(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
