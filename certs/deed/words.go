package deed

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/rules"
)

const unknown = "不明"

var jst = time.FixedZone("JST", 9*60*60)

// Date is 令和8年11月21日（2026-11-21） in JST, 不明 for no time. 令和 began on
// 2019-05-01; a clock that says something earlier is wrong and gets no 和暦.
func Date(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	t = t.In(jst)
	iso := t.Format(time.DateOnly)
	if t.Before(time.Date(2019, 5, 1, 0, 0, 0, 0, jst)) {
		return iso
	}
	year := "元"
	if y := t.Year() - 2018; y > 1 {
		year = fmt.Sprint(y)
	}
	return fmt.Sprintf("令和%s年%d月%d日（%s）", year, t.Month(), t.Day(), iso)
}

// Moment is date and time of day in JST.
func Moment(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	return Date(t) + " " + t.In(jst).Format(time.TimeOnly) + " JST"
}

// Known is s, or 不明 when it is empty: no line of a paper is ever empty.
func Known(s string) string {
	if strings.TrimSpace(s) == "" {
		return unknown
	}
	return s
}

// Joined puts the known parts side by side; none known is 不明.
func Joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return Known(strings.Join(out, sep))
}

// RoleName is 作業者, 立会職員 or 確認職員.
func RoleName(role string) string {
	switch role {
	case certs.RoleOperator:
		return "作業者"
	case certs.RoleWitness:
		return "立会職員"
	case certs.RoleValidator:
		return "確認職員"
	}
	return Known(role)
}

// CategoryName is 系, 自治体機密性 and, where it matters, 住民情報 in words.
func CategoryName(c rules.Category) string {
	parts := []string{c.System.Label().Ja, c.Confidentiality.Label().Ja}
	if c.System == rules.SystemMyNumber {
		parts = append(parts, "住民情報: "+c.ResidentInfo.Label().Ja)
	}
	return Joined("・", parts...)
}

// MachineName is maker, model and serial of a PC in one line.
func MachineName(m certs.Machine) string {
	serial := m.Serial
	if m.SerialPlaceholder {
		serial = "（製造番号は製造者の仮の値）"
	}
	return Joined(" ", m.Maker, m.Model, serial)
}
