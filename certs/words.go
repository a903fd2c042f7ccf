package certs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const unknown = "不明"

var jst = time.FixedZone("JST", 9*60*60)

// orUnknown shows an empty value as 不明: no line of a paper is ever empty.
func orUnknown(s string) string {
	if strings.TrimSpace(s) == "" {
		return unknown
	}
	return s
}

// or shows an empty value as what it means there.
func or(s, meaning string) string {
	if strings.TrimSpace(s) == "" {
		return meaning
	}
	return s
}

// join puts known parts side by side; none known is 不明.
func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return orUnknown(strings.Join(out, sep))
}

// date is 令和8年11月21日（2026-11-21）, in JST. 令和 began on 2019-05-01;
// a clock that says something earlier is wrong and gets no 和暦.
func date(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	t = t.In(jst)
	iso := t.Format("2006-01-02")
	if t.Before(time.Date(2019, 5, 1, 0, 0, 0, 0, jst)) {
		return iso
	}
	year := "元"
	if y := t.Year() - 2018; y > 1 {
		year = strconv.Itoa(y)
	}
	return fmt.Sprintf("令和%s年%d月%d日（%s）", year, t.Month(), t.Day(), iso)
}

// moment is date and time of day.
func moment(t time.Time) string {
	if t.IsZero() {
		return unknown
	}
	return date(t) + " " + t.In(jst).Format("15:04:05") + " JST"
}

// clock is date and time of day, short, for tables.
func clock(t time.Time) string {
	if t.IsZero() {
		return unknown
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

// size is a capacity: exact, and as it stands on the label.
func size(n uint64) string {
	if n == 0 {
		return unknown
	}
	units := []string{"kB", "MB", "GB", "TB", "PB"}
	v, u := float64(n), -1
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u < 0 {
		return count(n) + " バイト"
	}
	return fmt.Sprintf("%s バイト（約 %.3g %s）", count(n), v, units[u])
}

// reported is a figure that a drive may not have given.
func reported(n *uint64) string {
	if n == nil {
		return "報告なし"
	}
	return count(*n)
}

func reportedInt(n *int64) string {
	if n == nil {
		return "報告なし"
	}
	return strconv.FormatInt(*n, 10)
}

// yesNo is はい, いいえ or 不明.
func yesNo(s string) string {
	switch s {
	case "yes":
		return "はい"
	case "no":
		return "いいえ"
	}
	return unknown
}

func yes(b bool) string {
	if b {
		return "はい"
	}
	return "いいえ"
}

// duration is h:mm:ss between two moments.
func duration(from, to time.Time) string {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return unknown
	}
	s := int64(to.Sub(from) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// speed is the mean rate of n bytes between two moments.
func speed(n uint64, from, to time.Time) string {
	d := to.Sub(from).Seconds()
	if from.IsZero() || to.IsZero() || d <= 0 || n == 0 {
		return unknown
	}
	return fmt.Sprintf("%.1f MB/s", float64(n)/1e6/d)
}

var roleWords = map[string]string{RoleOperator: "作業者", RoleWitness: "立会職員", RoleValidator: "確認職員"}

func role(r string) string { return or(roleWords[r], r) }
