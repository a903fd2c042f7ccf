package serials

import "strings"

// placeholders are texts that makers leave in serial-number fields, letters
// and digits only. The same list as in devices.
var placeholders = map[string]bool{
	"": true, "TOBEFILLEDBYOEM": true, "TOBEFILLEDBYOEMTYPE": true, "TOBEFILLED": true, "FILLBYOEM": true,
	"FILLEDBYOEM": true, "OEM": true, "OEMSERIALNUMBER": true, "DEFAULTSTRING": true, "DEFAULT": true,
	"SYSTEMSERIALNUMBER": true, "CHASSISSERIALNUMBER": true, "BASEBOARDSERIALNUM": true, "BASEBOARDSERIAL": true,
	"BOARDSERIALNUMBER": true, "SERIALNUMBER": true, "SERIAL": true, "SERNUM": true, "NONE": true, "NULL": true,
	"NA": true, "NIL": true, "EMPTY": true, "INVALID": true, "UNKNOWN": true, "UNSPECIFIED": true,
	"NOTSPECIFIED": true, "NOTAPPLICABLE": true, "NOTAVAILABLE": true, "NOTPRESENT": true, "NOSERIAL": true,
	"NOASSETTAG": true, "NOASSETINFORMATION": true, "ASSETTAG": true, "SYSTEMPRODUCTNAME": true,
	"SYSTEMMANUFACTURER": true, "EVALUATION": true, "STANDARD": true, "EMPTYSTRING": true,
	"SERIALNUMBERNOTSET": true, "NOTSET": true, "XXXXXXXXXX0": true, "SN1234567890": true,
	"SSN12345678901234567": true, "MB1234567890": true, "EB1234567890": true, "NB1234567890": true,
	"01234567890123456789AB": true,
}

// Placeholder reports whether s is nothing, or a text that makers leave where a
// serial number belongs ("To be filled by O.E.M.", "0", "123456789").
func Placeholder(s string) bool {
	k := strings.Map(lettersAndDigits, Key(s))
	return placeholders[k] || oneCharacter(k) || countingUp(k)
}

func lettersAndDigits(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r > 0x7F {
		return r // a script of its own is not a placeholder we know
	}
	return -1
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
