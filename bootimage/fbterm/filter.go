package fbterm

import (
	"strconv"
	"strings"
)

// filter lets through to the emulator only what this package tests: a sequence
// that the emulator stumbles over would take the whole program with it, wipes
// and all, because it runs in a goroutine of its own. What is left out (titles,
// clipboards, hyperlinks, margins, saved cursors) a console does not need.
//
// It is a state machine over bytes (ECMA-48 §5), so a sequence may be cut
// anywhere between two writes.
type filter struct {
	state filterState
	seq   []byte
	out   []byte
}

type filterState uint8

const (
	inText filterState = iota
	inEscape
	inCSI
	inString    // OSC, DCS, SOS, PM, APC: skipped up to BEL or ST
	inStringEsc // an ESC within one
	inSkip      // ESC with intermediates: skipped up to its final byte
)

// maxSequence bounds a control sequence; longer ones are dropped.
const maxSequence = 128

// run returns the part of p that may pass, valid until the next call.
func (f *filter) run(p []byte) []byte {
	f.out = f.out[:0]
	for _, b := range p {
		f.state = f.step(b)
	}
	return f.out
}

func (f *filter) step(b byte) filterState {
	switch f.state {
	case inEscape:
		return f.escape(b)
	case inCSI:
		return f.csi(b)
	case inString, inStringEsc:
		return f.str(b)
	case inSkip:
		if b >= 0x20 && b <= 0x2f {
			return inSkip
		}
		return inText
	}
	return f.text(b)
}

func (f *filter) text(b byte) filterState {
	switch {
	case b == 0x1b:
		return inEscape
	case b >= 0x20 && b != 0x7f, b == '\r', b == '\n', b == '\b', b == '\t':
		f.out = append(f.out, b)
	}
	return inText
}

func (f *filter) escape(b byte) filterState {
	switch {
	case b == '[':
		f.seq = append(f.seq[:0], 0x1b, '[')
		return inCSI
	case strings.IndexByte("]PX^_", b) >= 0:
		return inString
	case b == 0x1b:
		return inEscape
	case b >= 0x20 && b <= 0x2f:
		return inSkip
	}
	return inText
}

func (f *filter) csi(b byte) filterState {
	switch {
	case b == 0x1b:
		return inEscape
	case b < 0x20 || b > 0x7e || len(f.seq) > maxSequence:
		return inText
	}
	f.seq = append(f.seq, b)
	if b < 0x40 {
		return inCSI
	}
	if allowedCSI(f.seq[2:]) {
		if b == 'm' {
			f.seq = brighten(f.seq)
		}
		f.out = append(f.out, f.seq...)
	}
	return inText
}

func (f *filter) str(b byte) filterState {
	switch {
	case b == 0x07, f.state == inStringEsc && b == '\\':
		return inText
	case b == 0x1b:
		return inStringEsc
	}
	return inString
}

// brighten writes the bright colours 90–97 and 100–107, which the emulator does
// not know, as the same colours of the palette of 256. What follows a 38, 48 or
// 58 is an argument and stays.
func brighten(seq []byte) []byte {
	words := strings.Split(string(seq[2:len(seq)-1]), ";")
	for i := 0; i < len(words); i++ {
		switch n, err := strconv.Atoi(words[i]); {
		case err != nil:
		case n == 38 || n == 48 || n == 58:
			i += 2 // 5;N
			if i-1 < len(words) && words[i-1] == "2" {
				i += 2 // 2;R;G;B
			}
		case n >= 90 && n <= 97:
			words[i] = "38;5;" + strconv.Itoa(n-90+8)
		case n >= 100 && n <= 107:
			words[i] = "48;5;" + strconv.Itoa(n-100+8)
		}
	}
	return []byte("\x1b[" + strings.Join(words, ";") + "m")
}

// allowedCSI judges parameters, intermediates and final byte: cursor movement,
// erasing, inserting and deleting, SGR, device attributes and reports, private
// modes and questions about them.
func allowedCSI(s []byte) bool {
	params, final := string(s[:len(s)-1]), s[len(s)-1]
	if m, ok := strings.CutPrefix(params, "?"); ok {
		if final == 'p' {
			m, ok = strings.CutSuffix(m, "$")
		}
		return ok && strings.IndexByte("hlp", final) >= 0 && plainNumbers(m, ";")
	}
	if final == 'm' {
		return plainNumbers(params, ";:")
	}
	return strings.IndexByte("@ABCDEFGHJKLMPSTXcdfn", final) >= 0 && plainNumbers(params, ";")
}

// plainNumbers holds that s is numbers of at most four digits.
func plainNumbers(s, separators string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte(separators, c) >= 0:
			digits = 0
		default:
			return false
		}
		if digits > 4 {
			return false
		}
	}
	return true
}
