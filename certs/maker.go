package certs

import "strings"

// oui is who IEEE registered the first 24 bits of a drive's world wide name
// for. Makers changed hands: the name is that of the owner of the number.
var oui = map[string]string{
	"000039": "Toshiba", "00080d": "Toshiba", "8ce38e": "KIOXIA", "00000e": "Fujitsu",
	"0004cf": "Seagate", "000c50": "Seagate", "0014ee": "Western Digital", "000cca": "HGST",
	"0000f0": "Samsung", "002538": "Samsung", "001b44": "SanDisk", "0026b7": "Kingston",
	"00a075": "Micron", "5cd2e4": "Intel", "001517": "Intel", "ace42e": "SK hynix", "002303": "LITE-ON",
}

// modelPrefix is how makers begin their model numbers, in upper case. Longer
// ones stand first where one begins another.
var modelPrefix = []struct{ prefix, maker string }{
	{"WDC", "Western Digital"}, {"WD_BLACK", "Western Digital"}, {"WD ", "Western Digital"},
	{"SEAGATE", "Seagate"}, {"ST#", "Seagate"}, {"MAXTOR", "Maxtor"}, {"QUANTUM", "Quantum"},
	{"HITACHI", "Hitachi"}, {"HGST", "HGST"}, {"IC25N", "IBM"}, {"IC35L", "IBM"}, {"IBM", "IBM"},
	{"TOSHIBA", "Toshiba"}, {"THNS", "Toshiba"}, {"KIOXIA", "KIOXIA"}, {"KXG", "KIOXIA"}, {"FUJITSU", "Fujitsu"},
	{"SAMSUNG", "Samsung"}, {"MZ", "Samsung"}, {"MMCRE", "Samsung"}, {"MCCOE", "Samsung"}, {"INTEL", "Intel"},
	{"CRUCIAL", "Micron"}, {"CT#", "Micron"}, {"MICRON", "Micron"}, {"MTFD", "Micron"},
	{"KINGSTON", "Kingston"}, {"SANDISK", "SanDisk"}, {"SK HYNIX", "SK hynix"}, {"SKHYNIX", "SK hynix"}, {"HFS", "SK hynix"}, {"HFM", "SK hynix"},
	{"LITEON", "LITE-ON"}, {"PLEXTOR", "Plextor"}, {"PATRIOT", "Patriot"}, {"ADATA", "ADATA"}, {"XPG", "ADATA"},
	{"TRANSCEND", "Transcend"}, {"TS#", "Transcend"}, {"BUFFALO", "BUFFALO"}, {"APPLE", "Apple"}, {"BIWINTECH", "BIWIN"},
}

// Where Maker read a name.
const (
	MakerFromWWN   = "wwn"
	MakerFromModel = "model"
)

// Maker names the maker of a drive. ATA and NVMe give none in words: it follows
// from the registered part of the world wide name ("naa.5…", "eui.…", SPC-5
// §7.7.6), else from the model number. Both empty: not known.
func Maker(model, wwn string) (name, from string) {
	if m := oui[ouiOf(strings.ToLower(wwn))]; m != "" {
		return m, MakerFromWWN
	}
	model = strings.ToUpper(strings.TrimSpace(model))
	for _, p := range modelPrefix {
		rest, ok := strings.CutPrefix(model, strings.TrimSuffix(p.prefix, "#"))
		if digit := rest != "" && rest[0] >= '0' && rest[0] <= '9'; ok && (digit || !strings.HasSuffix(p.prefix, "#")) {
			return p.maker, MakerFromModel
		}
	}
	return "", ""
}

// ouiOf is the registered part of a name: the 24 bits behind the NAA of formats
// 5 and 6, the first 24 bits of an EUI-64, bytes 8 to 10 of an NGUID (NVMe Base
// 2.0 §4.5.1).
func ouiOf(wwn string) string {
	kind, digits, _ := strings.Cut(wwn, ".")
	switch {
	case kind == "naa" && len(digits) >= 16 && (digits[0] == '5' || digits[0] == '6'):
		return digits[1:7]
	case kind == "eui" && len(digits) == 16:
		return digits[:6]
	case kind == "nguid" && len(digits) == 32:
		return digits[16:22]
	}
	return ""
}
