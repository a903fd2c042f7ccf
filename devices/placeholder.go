package devices

import "strings"

// placeholders are what makers leave in serial-number fields, folded by
// placeholderKey. Collected from SMBIOS tables and USB string descriptors that
// are public; a value is here only if it cannot be a real serial.
var placeholders = map[string]bool{
	"":                       true,
	"TOBEFILLEDBYOEM":        true,
	"TOBEFILLEDBYOEMTYPE":    true,
	"TOBEFILLED":             true,
	"FILLBYOEM":              true,
	"FILLEDBYOEM":            true,
	"OEM":                    true,
	"OEMSERIALNUMBER":        true,
	"DEFAULTSTRING":          true,
	"DEFAULT":                true,
	"SYSTEMSERIALNUMBER":     true,
	"CHASSISSERIALNUMBER":    true,
	"BASEBOARDSERIALNUM":     true,
	"BASEBOARDSERIAL":        true,
	"BOARDSERIALNUMBER":      true,
	"SERIALNUMBER":           true,
	"SERIAL":                 true,
	"SERNUM":                 true,
	"NONE":                   true,
	"NULL":                   true,
	"NA":                     true,
	"NIL":                    true,
	"EMPTY":                  true,
	"INVALID":                true,
	"UNKNOWN":                true,
	"UNSPECIFIED":            true,
	"NOTSPECIFIED":           true,
	"NOTAPPLICABLE":          true,
	"NOTAVAILABLE":           true,
	"NOTPRESENT":             true,
	"NOSERIAL":               true,
	"NOASSETTAG":             true,
	"NOASSETINFORMATION":     true,
	"ASSETTAG":               true,
	"SYSTEMPRODUCTNAME":      true,
	"SYSTEMMANUFACTURER":     true,
	"EVALUATION":             true,
	"STANDARD":               true,
	"EMPTYSTRING":            true,
	"SERIALNUMBERNOTSET":     true,
	"NOTSET":                 true,
	"XXXXXXXXXX0":            true,
	"SN1234567890":           true,
	"SSN12345678901234567":   true,
	"MB1234567890":           true,
	"EB1234567890":           true,
	"NB1234567890":           true,
	"01234567890123456789AB": true,
}

// PlaceholderSerial reports whether s is a text that makers leave where a
// serial number belongs ("To be filled by O.E.M.", "Default string", "0",
// "123456789", one character repeated, …). Such a serial never matches a
// roster and never names a drive.
func PlaceholderSerial(s string) bool {
	k := placeholderKey(s)
	return placeholders[k] || oneCharacter(k) || countingUp(k)
}

// placeholderKey keeps letters and digits only, in capitals.
func placeholderKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r > 0x7F: // a script of its own is not a placeholder we know
			return r
		}
		return -1
	}, strings.ToUpper(SerialKey(s)))
}

func oneCharacter(k string) bool {
	for _, r := range k {
		return strings.Trim(k, string(r)) == ""
	}
	return true
}

// countingUp finds "123456789", "0123456789ABCDEF", "12345678901234567890".
func countingUp(k string) bool {
	const digits = "0123456789012345678901234567890"
	const hex = "0123456789ABCDEF0123456789ABCDEF"
	return len(k) >= 6 && (strings.Contains(digits, k) || strings.Contains(hex, k)) && (k[0] == '0' || k[0] == '1')
}
