package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// width is how many columns s takes; colour sequences take none.
func width(s string) int { return ansi.StringWidth(s) }

// cut shortens s to n columns; what is cut off shows as ….
func cut(s string, n int) string {
	if n <= 0 {
		return ""
	}
	return ansi.Truncate(s, n, "…")
}

// cutLeft keeps the end of s: serial numbers differ there.
func cutLeft(s string, n int) string {
	if w := width(s); w > n {
		return ansi.TruncateLeft(s, w-n+1, "…")
	}
	return s
}

// fit makes s exactly n columns wide.
func fit(s string, n int) string {
	s = cut(s, n)
	return s + strings.Repeat(" ", max(0, n-width(s)))
}

// fitRight makes s exactly n columns wide, at the right.
func fitRight(s string, n int) string {
	s = cut(s, n)
	return strings.Repeat(" ", max(0, n-width(s))) + s
}

// noStart may not begin a line (JIS X 4051 §6.1, as far as it occurs here).
const noStart = "、。，．・：；？！）］｝」』】〉》〕”’ー々ァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ),.:;!?]}%…"

// noEnd may not end a line.
const noEnd = "（［｛「『【〈《〔“‘([{"

// wrap breaks s into lines of at most n columns: Japanese anywhere but before
// closing and after opening marks, Latin words at spaces.
func wrap(s string, n int) []string {
	var out []string
	for _, para := range strings.Split(s, "\n") {
		out = append(out, wrapLine([]rune(para), max(2, n))...)
	}
	return out
}

func wrapLine(rs []rune, n int) []string {
	var out []string
	for {
		end := fits(rs, n)
		if end == len(rs) {
			return append(out, string(rs))
		}
		at := end
		for at > 0 && !mayBreak(rs, at) {
			at--
		}
		if at == 0 {
			at = end // one long word: break it anywhere
		}
		out = append(out, strings.TrimRight(string(rs[:at]), " "))
		for at < len(rs) && rs[at] == ' ' {
			at++
		}
		if rs = rs[at:]; len(rs) == 0 {
			return out
		}
	}
}

// fits is how many runes fit into n columns, at least one. A colour sequence
// takes no room and is not broken.
func fits(rs []rune, n int) int {
	sum, colour := 0, false
	for i, r := range rs {
		switch {
		case r == 0x1b:
			colour = true
		case colour:
			colour = r != 'm'
		default:
			if sum += width(string(r)); sum > n && i > 0 {
				return i
			}
		}
	}
	return len(rs)
}

func mayBreak(rs []rune, at int) bool {
	before, after := rs[at-1], rs[at]
	switch {
	case strings.ContainsRune(noStart, after) || strings.ContainsRune(noEnd, before):
		return false
	case before == ' ' || after == ' ':
		return true
	}
	return before >= 0x2e80 || after >= 0x2e80
}

// item is wrapped text behind a sign: the lines after the first begin below its
// first word.
func item(sign, text string, w int) []string {
	lines := wrap(text, w-width(sign))
	for i := range lines {
		lines[i] = sign + lines[i]
		sign = strings.Repeat(" ", width(sign))
	}
	return lines
}

// jst is Japan's time, without a time-zone file on the stick.
var jst = time.FixedZone("JST", 9*60*60)

// asJST takes the digits of a reading for Japanese time.
func asJST(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), jst)
}

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// dateTime is a time in Japan with its day of the week.
func dateTime(t time.Time, lang string) string {
	t = t.In(jst)
	if lang == "en" {
		return t.Format("2006-01-02 Mon 15:04")
	}
	return t.Format("2006-01-02") + "(" + weekdays[t.Weekday()] + ") " + t.Format("15:04")
}

// bytesText is a capacity as the label on the drive has it: powers of ten.
func bytesText(n uint64) string {
	for _, u := range []struct {
		div  uint64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.div {
			v := float64(n) / float64(u.div)
			if v < 10 {
				return fmt.Sprintf("%.1f %s", v, u.name)
			}
			return fmt.Sprintf("%.0f %s", v, u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// span is a duration in hours and minutes, or minutes and seconds.
func span(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%02d:%02d", m, s)
}

// about is an estimate in words.
func about(d time.Duration, lang string) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	if d < time.Minute {
		h, m = 0, 1
	}
	ja := fmt.Sprintf("約%d分", m)
	en := fmt.Sprintf("about %d min", m)
	if h > 0 {
		ja = fmt.Sprintf("約%d時間%02d分", h, m)
		en = fmt.Sprintf("about %d h %02d min", h, m)
	}
	if lang == "en" {
		return en
	}
	return ja
}
