package page

import "unicode"

// noStart may not begin a line, noEnd may not end one (JIS X 4051 §6.1, the
// classes that occur in our texts).
const (
	noStart = "、。，．・：；？！゛゜ヽヾゝゞ々〻ー）］｝」』】〉》〕〟’”％℃" +
		"ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ),.:;!?]}%…‐"
	noEnd = "（［｛「『【〈《〔〝‘“([{#＃№"
)

var (
	startForbidden = set(noStart)
	endForbidden   = set(noEnd)
)

func set(s string) map[rune]bool {
	m := map[rune]bool{}
	for _, r := range s {
		m[r] = true
	}
	return m
}

// wrap splits text into lines no wider than width. advance gives the width of
// one rune. Line feeds break; spaces at a break vanish; a word that is wider
// than a line is split anywhere.
func wrap(text string, width float64, advance func(rune) float64) []string {
	var lines []string
	for _, para := range splitLines(text) {
		lines = append(lines, wrapLine(para, width, advance)...)
	}
	return lines
}

func splitLines(text string) [][]rune {
	out := [][]rune{nil}
	for _, r := range text {
		if r == '\n' {
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

func wrapLine(rs []rune, width float64, advance func(rune) float64) []string {
	var lines []string
	for {
		n := fill(rs, width, advance)
		if n == len(rs) {
			return append(lines, string(rs))
		}
		cut := breakBefore(rs, n)
		lines = append(lines, trimEnd(rs[:cut]))
		for cut < len(rs) && blank(rs[cut]) {
			cut++
		}
		rs = rs[cut:]
		if len(rs) == 0 {
			return lines
		}
	}
}

// fill returns how many runes fit, at least one.
func fill(rs []rune, width float64, advance func(rune) float64) int {
	sum := 0.0
	for i, r := range rs {
		if sum += advance(r); sum > width && i > 0 {
			return i
		}
	}
	return len(rs)
}

// breakBefore returns the last place at or before n where a line may end, or n
// when there is none.
func breakBefore(rs []rune, n int) int {
	for i := n; i > 0; i-- {
		if mayBreak(rs, i) {
			return i
		}
	}
	return n
}

// mayBreak reports whether a line may end before rs[i].
func mayBreak(rs []rune, i int) bool {
	before, after := rs[i-1], rs[i]
	switch {
	case startForbidden[after] || endForbidden[before]:
		return false
	case blank(after) || blank(before):
		return true
	case before == '-' || before == '/':
		return i < 2 || !digit(rs[i-2]) || !digit(after) // dates and numbers stay whole
	}
	return !latin(before) || !latin(after)
}

// blank is a space of either width.
func blank(r rune) bool { return r == ' ' || r == '\u3000' }

func digit(r rune) bool { return r >= '0' && r <= '9' }

// latin reports whether r belongs to a word that is kept together.
func latin(r rune) bool {
	return r < 0x2E80 && !unicode.IsSpace(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || r < 0x80)
}

func trimEnd(rs []rune) string {
	for len(rs) > 0 && blank(rs[len(rs)-1]) {
		rs = rs[:len(rs)-1]
	}
	return string(rs)
}
