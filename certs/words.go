package certs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/wipe/rules"
)

// tongue is the language of a paper. Law texts stay Japanese in both.
type tongue string

const (
	ja tongue = "ja"
	en tongue = "en"
)

var jst = time.FixedZone("JST", 9*60*60)

// t chooses between two ways of saying one thing.
func (g tongue) t(inJa, inEn string) string {
	if g == en {
		return inEn
	}
	return inJa
}

func (g tongue) label(l rules.Label) string { return l.In(string(g)) }

func (g tongue) unknown() string { return g.t("不明", "unknown") }

// orUnknown shows an empty value as 不明: no line of a paper is ever empty.
func (g tongue) orUnknown(s string) string { return or(s, g.unknown()) }

// or shows an empty value as what it means there.
func or(s, meaning string) string {
	if strings.TrimSpace(s) == "" {
		return meaning
	}
	return s
}

// join puts known parts side by side; none known is 不明.
func (g tongue) join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return g.orUnknown(strings.Join(out, sep))
}

// dots joins with the middle dot, which English does not use.
func (g tongue) dots(parts ...string) string { return g.join(g.t("・", ", "), parts...) }

// date is 令和8年11月21日（2026-11-21） or 2026-11-21, in JST. 令和 began on
// 2019-05-01; a clock that says something earlier is wrong and gets no 和暦.
func (g tongue) date(t time.Time) string {
	if t.IsZero() {
		return g.unknown()
	}
	t = t.In(jst)
	iso := t.Format("2006-01-02")
	if g == en || t.Before(time.Date(2019, 5, 1, 0, 0, 0, 0, jst)) {
		return iso
	}
	year := "元"
	if y := t.Year() - 2018; y > 1 {
		year = strconv.Itoa(y)
	}
	return fmt.Sprintf("令和%s年%d月%d日（%s）", year, t.Month(), t.Day(), iso)
}

// moment is date and time of day.
func (g tongue) moment(t time.Time) string {
	if t.IsZero() {
		return g.unknown()
	}
	return g.date(t) + " " + t.In(jst).Format("15:04:05") + " JST"
}

// clock is date and time of day, short, for tables.
func (g tongue) clock(t time.Time) string {
	if t.IsZero() {
		return g.unknown()
	}
	return t.In(jst).Format("2006-01-02 15:04:05")
}

// count is n with separators.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// scaled is n in the unit that a label uses.
func scaled(n uint64) (v float64, unit string) {
	units := []string{"", "kB", "MB", "GB", "TB", "PB"}
	u := 0
	for v = float64(n); v >= 1000 && u < len(units)-1; u++ {
		v /= 1000
	}
	return v, units[u]
}

// about is a capacity as it stands on a label, with three digits: 1 TB.
func about(n uint64) string {
	v, unit := scaled(n)
	digits := 2
	for x := v; x >= 10 && digits > 0; x /= 10 {
		digits--
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + " " + unit
}

// size is a capacity: exact, and as it stands on the label. Layout 1 wrote
// 1e+03 GB where a label says 1000 GB.
func (p *paper) size(n uint64) string {
	v, unit := scaled(n)
	label := fmt.Sprintf("%.3g %s", v, unit)
	if p.since(2) {
		label = about(n)
	}
	switch {
	case n == 0:
		return p.unknown()
	case unit == "":
		return count(n) + p.t(" バイト", " bytes")
	}
	return count(n) + p.t(" バイト（約 ", " bytes (about ") + label + p.t("）", ")")
}

// reported is a figure that a drive may not have given.
func (g tongue) reported(n *uint64) string {
	if n == nil {
		return g.t("報告なし", "not reported")
	}
	return count(*n)
}

func (g tongue) reportedInt(n *int64) string {
	if n == nil {
		return g.t("報告なし", "not reported")
	}
	return strconv.FormatInt(*n, 10)
}

// yesNo is はい, いいえ or 不明.
func (g tongue) yesNo(s string) string {
	switch s {
	case "yes":
		return g.yes(true)
	case "no":
		return g.yes(false)
	}
	return g.unknown()
}

func (g tongue) yes(b bool) string {
	if b {
		return g.t("はい", "yes")
	}
	return g.t("いいえ", "no")
}

// duration is h:mm:ss between two moments.
func (g tongue) duration(from, to time.Time) string {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return g.unknown()
	}
	s := int64(to.Sub(from) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// speed is the mean rate of n bytes between two moments.
func (g tongue) speed(n uint64, from, to time.Time) string {
	d := to.Sub(from).Seconds()
	if from.IsZero() || to.IsZero() || d <= 0 || n == 0 {
		return g.unknown()
	}
	return fmt.Sprintf("%.1f MB/s", float64(n)/1e6/d)
}

var roleLabels = map[string]rules.Label{
	RoleOperator:  {Ja: "作業者", En: "Operator"},
	RoleWitness:   {Ja: "立会職員", En: "Witness"},
	RoleValidator: {Ja: "確認職員", En: "Validator"},
}

func (g tongue) role(r string) string { return or(g.label(roleLabels[r]), r) }
