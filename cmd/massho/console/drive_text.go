package console

import (
	"fmt"
	"slices"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

// driveDetail is everything that is known of the drive under the cursor, in h
// lines: who it is, where it is, how it is, and why it may not be touched.
func (m *Model) driveDetail(d Drive, w, h int) []string {
	id := d.Device.Identity
	out := []string{strings.Repeat("─", w)}
	out = append(out, cut(bold.on(m.orNone(id.Model))+"  S/N "+bold.on(m.orNone(id.Serial))+"  FW "+m.orNone(id.Firmware), w))
	out = append(out, cut(m.kindText(d.Device)+"  "+bytesText(id.CapacityBytes())+m.t("  場所 ", "  at ")+d.Device.Location, w))
	health := m.healthText(d.Device.Health)
	if health == "" {
		health = m.t("健康状態: 問題の報告なし", "health: no problem reported")
	}
	if t := d.Device.Health.TemperatureC; t != nil {
		health += fmt.Sprintf("  %d°C", *t)
	}
	out = append(out, cut(health+"  "+m.lockText(d.Device.Caps), w))
	if remark := d.Remark.In(m.lang); remark != "" {
		out = append(out, wrap(remark, w)...)
	}
	return m.refusalLines(d, out, w, h)
}

// refusalLines adds the reasons and the next steps, and says when there are more
// than fit.
func (m *Model) refusalLines(d Drive, out []string, w, h int) []string {
	for i, r := range d.Refusals {
		text := "Ｘ " + m.t(r.Why.Ja+"（"+string(r.Code)+"）", r.Why.En+" ("+string(r.Code)+")") + " → " + m.t(r.Next.Ja, r.Next.En)
		lines := wrap(text, w)
		if len(out)+len(lines) > h {
			room := max(0, h-len(out)-1)
			out = append(out, lines[:min(room, len(lines))]...)
			return append(out, faint.on(fmt.Sprintf(m.t("（ほか%d件。F3 のログにすべてあります）", "(%d more; F3 shows all in the log)"), len(d.Refusals)-i)))
		}
		out = append(out, lines...)
	}
	return out[:min(len(out), h)]
}

func (m *Model) orNone(s string) string {
	if s == "" {
		return m.t("（なし）", "(none)")
	}
	return s
}

// healthText names what SMART or its kin reports that a person should know;
// empty: nothing.
func (m *Model) healthText(h devices.Health) string {
	var out []string
	if h.FailPredicted == support.Yes {
		out = append(out, m.t("故障予測", "failure predicted"))
	}
	for _, c := range []struct {
		n      *uint64
		ja, en string
	}{
		{h.Uncorrectable, "訂正不能", "uncorrectable "}, {h.Pending, "保留", "pending "},
		{h.Reallocated, "代替", "reallocated "}, {h.GrownDefects, "増加欠陥", "grown defects "},
	} {
		if c.n != nil && *c.n > 0 {
			out = append(out, fmt.Sprintf("%s%d", m.t(c.ja, c.en), *c.n))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return m.t("注意 ", "warning ") + strings.Join(out, " ")
}

// kindText is what kind of medium it is, on which road.
func (m *Model) kindText(d devices.Device) string {
	kind := string(d.Class)
	if d.Class == devices.ClassDisk {
		switch {
		case d.Caps.Rotational == support.Yes && d.Caps.RotationRPM > 1:
			kind = fmt.Sprintf("HDD %d rpm", d.Caps.RotationRPM)
		case d.Caps.Rotational == support.Yes:
			kind = "HDD"
		case d.Caps.Rotational == support.No:
			kind = "SSD"
		default:
			kind = m.t("回転数不明", "rotation unknown")
		}
	}
	return kind + " " + string(d.Transport)
}

// lockText says what stands in the way of the drive's own commands.
func (m *Model) lockText(c devices.Capabilities) string {
	var out []string
	for _, s := range []struct {
		is     support.State
		ja, en string
	}{
		{c.ATA.SecurityFrozen, "ATAセキュリティ凍結", "ATA security frozen"},
		{c.ATA.SecurityLocked, "パスワードでロック", "locked by a password"},
		{c.TCG.Locked, "TCGロック", "TCG locked"},
	} {
		if s.is == support.Yes {
			out = append(out, m.t(s.ja, s.en))
		}
	}
	return strings.Join(out, "  ")
}

// frozen reports whether any drive here has its ATA security frozen.
func (m *Model) frozen() bool {
	return slices.ContainsFunc(m.drives, func(d Drive) bool { return d.Device.Caps.ATA.SecurityFrozen == support.Yes })
}
