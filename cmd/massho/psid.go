package main

import (
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/tcg"
)

// psids are the PSIDs that were typed from labels, by the end of the serial that
// each belongs to. A PSID is printed on the drive and is no secret; it goes to the
// drive and into no record.
type psids map[string]string

// parsePSIDs reads SERIAL=PSID words.
func parsePSIDs(words []string) (psids, error) {
	out := psids{}
	for _, w := range words {
		serial, pin, ok := strings.Cut(w, "=")
		key := devices.SerialKey(serial)
		if !ok || len([]rune(key)) < devices.MinSuffix {
			return nil, fail(exitUsage, "--psid はシリアル番号（末尾4文字以上）=PSID の形で指定してください。", "Give --psid as SERIAL=PSID, with at least the last 4 characters of the serial.")
		}
		if _, err := tcg.ParsePSID(pin); err != nil {
			return nil, fail(exitUsage, "--psid "+serial+": PSIDの形が違います。ドライブのラベルのPSID（32文字）をそのまま指定してください。", "--psid "+serial+": "+err.Error())
		}
		out[key] = pin
	}
	return out, nil
}

// of is the PSID of d, "" where none was typed.
func (p psids) of(d devices.Device) string {
	have := devices.SerialKey(d.Identity.Serial)
	for key, pin := range p {
		if have != "" && strings.HasSuffix(have, key) {
			return pin
		}
	}
	return ""
}
