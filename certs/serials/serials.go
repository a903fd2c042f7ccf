// Package serials folds serial numbers and 管理番号 to what is compared.
//
// A serial number reaches the office by three roads: as the drive or the
// firmware gave it, as somebody read it off a label, and as it stands in a
// 備品台帳. The three differ in width (full, half), in case, in spaces and in
// dashes; Key drops exactly these. A 管理番号 is different: 12-3 and 1-23 are
// two assets, so AssetKey keeps its dashes and only makes them one kind.
//
// devices.SerialKey and devices.PlaceholderSerial say the same for the stick;
// the office holds no device code, so they are written here again. A test in
// cmd/massho-office, which may see both, insists that they agree.
package serials

import "strings"

// Key is what of a serial number is compared: half width, capitals, no spaces,
// no dashes. The empty key equals nothing: see Same.
func Key(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = halfWidth(r)
		if space(r) || dash(r) {
			continue
		}
		b.WriteRune(capital(r))
	}
	return b.String()
}

// AssetKey is what of a 管理番号 is compared: half width, capitals, no spaces,
// every dash written as "-".
func AssetKey(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = halfWidth(r)
		switch {
		case space(r):
		case dash(r):
			b.WriteByte('-')
		default:
			b.WriteRune(capital(r))
		}
	}
	return b.String()
}

// Same reports whether two serial numbers are one. Nothing, and what makers
// leave where a serial number belongs, equals nothing, not even itself.
func Same(a, b string) bool {
	return Key(a) == Key(b) && !Placeholder(a)
}

// halfWidth turns the FULLWIDTH forms of U+0021..U+007E into those.
func halfWidth(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		return r - 0xFEE0
	}
	return r
}

// space is a control character, a space, or the ideographic or no-break one.
func space(r rune) bool { return r <= ' ' || r == 0x7F || r == 0x3000 || r == 0xA0 }

// dash is a hyphen, a dash, a minus, or the prolonged sound mark that a
// Japanese keyboard gives for one.
func dash(r rune) bool {
	return r == '-' || r >= 0x2010 && r <= 0x2015 || r == 0x2212 || r == 0x30FC || r == 0xFF70
}

func capital(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}
