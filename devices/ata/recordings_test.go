package ata

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/support"
)

// describe writes what was decoded in the words of the index, item by item.
func describe(id *Identify) []string {
	word := func(i int) uint16 { v, _ := id.Word(i); return v }
	if _, ok := id.Word(128); !ok {
		return []string{"security=?(word128 missing)", describeSanitize(id, word(59)), "rotation=?"}
	}
	items := []string{
		"security=" + describeSecurity(id.Security),
		fmt.Sprintf("w82.security=%d", word(82)>>1&1),
		"w85.enabled=" + bit(id.Security.Enabled),
		fmt.Sprintf("erase-min=%s/%s", minutes(id.Security.EraseTime), minutes(id.Security.EnhancedEraseTime)),
		describeSanitize(id, word(59)),
		fmt.Sprintf("HPA=%s,w85.hpa=%d", supported(id.HPA), word(85)>>10&1),
	}
	if id.AMAC.IsYes() {
		items = append(items, "AMAC=supported")
	}
	_, has217 := id.Word(217)
	switch {
	case !has217:
		items = append(items, "rotation=?")
	case id.Rotational.IsYes():
		items = append(items, fmt.Sprintf("HDD %d rpm", id.RPM))
	case id.Rotational.IsNo():
		items = append(items, "SSD")
	default:
		items = append(items, "rotation=not-reported")
	}
	if id.PhysicalSector == 0 {
		items = append(items, "sector=w106-invalid")
	} else {
		items = append(items, fmt.Sprintf("sector=%d/%d", id.LogicalSector, id.PhysicalSector))
	}
	if !id.LBA48.IsYes() {
		items = append(items, fmt.Sprintf("no-LBA48: sectors(w60-61)=%d", id.Sectors))
	}
	if _, ok := id.Word(233); ok && word(69)>>3&1 != 0 {
		items = append(items, fmt.Sprintf("ext-sectors(w230-233)=%d", id.Sectors))
	}
	return items
}

func describeSecurity(s Security) string {
	if s.Supported.IsNo() {
		return "none"
	}
	out := map[support.State]string{support.Yes: "supported", support.Unknown: "unknown"}[s.Supported]
	for _, f := range []struct {
		s    support.State
		name string
	}{{s.Enabled, "enabled"}, {s.Locked, "locked"}, {s.Frozen, "frozen"}, {s.Expired, "expired"}, {s.Enhanced, "enhanced"}} {
		if f.s.IsYes() {
			out += "+" + f.name
		}
	}
	if s.Maximum.IsYes() {
		return out + "+level=maximum"
	}
	return out + "+level=high"
}

func describeSanitize(id *Identify, w59 uint16) string {
	s := id.Sanitize
	if !s.Supported.IsYes() {
		if w59>>13 != 0 {
			return fmt.Sprintf("sanitize=none (but w59 b15-13=%03b set without b12)", w59>>13)
		}
		return "sanitize=none"
	}
	var names []string
	for _, f := range []struct {
		s    support.State
		name string
	}{{s.Crypto, "crypto"}, {s.Block, "block"}, {s.Overwrite, "overwrite"}, {s.Antifreeze, "antifreeze-lock"}} {
		if f.s.IsYes() {
			names = append(names, f.name)
		}
	}
	out := "sanitize=" + strings.Join(names, "+")
	if s.ACS3.IsYes() {
		out += " (acs3-commands b11)"
	}
	return out
}

func bit(s support.State) string {
	return map[support.State]string{support.Yes: "1", support.No: "0", support.Unknown: "?"}[s]
}

func supported(s support.State) string {
	return map[support.State]string{support.Yes: "supported", support.No: "no", support.Unknown: "?"}[s]
}

func minutes(e EraseTime) string {
	if e.Minutes == 0 {
		return "unspecified"
	}
	return strconv.Itoa(e.Minutes)
}

// mismatch compares the decoded items with an expected line, both ways.
func mismatch(id *Identify, expected string) []string {
	var diffs []string
	got, want := map[string]bool{}, map[string]bool{}
	for _, g := range describe(id) {
		got[g] = true
	}
	for w := range strings.SplitSeq(expected, "; ") {
		want[w] = true
		if !got[w] {
			diffs = append(diffs, "expected, not decoded: "+w)
		}
	}
	for g := range got {
		if !want[g] {
			diffs = append(diffs, "decoded, not expected: "+g)
		}
	}
	return diffs
}

func TestRecordedIdentify(t *testing.T) {
	index := recordings.Index(t)
	for _, folder := range []string{"ata", "ata-partial"} {
		for _, f := range recordings.Files(t, folder) {
			t.Run(f.Name, func(t *testing.T) {
				b := f.Words(t)
				parse := ParseIdentify
				if folder == "ata-partial" {
					parse = ParseIdentifyPart
				}
				id, err := parse(b)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range mismatch(id, f.Expected()) {
					t.Error(d)
				}
				row, ok := index[f.Name]
				if !ok || row["expected"] != f.Expected() {
					t.Fatal("the index has no such line")
				}
				checkRow(t, id, row)
			})
		}
	}
}

func checkRow(t *testing.T, id *Identify, row recordings.Row) {
	t.Helper()
	if id.Model != row["model"] || id.Firmware != row["fw"] {
		t.Errorf("model %q firmware %q, want %q %q", id.Model, id.Firmware, row["model"], row["fw"])
	}
	if !strings.HasPrefix(id.Serial, "SCR") {
		t.Errorf("serial %q is not the scrubbed one", id.Serial)
	}
	// A serial that its source had hidden was replaced so that the sum holds.
	sums := map[string]Checksum{"ok": ChecksumOK, "BAD": ChecksumBad, "unv": ChecksumOK, "n/a": ChecksumAbsent}
	if want := sums[row["bytes_ok"][:min(3, len(row["bytes_ok"]))]]; id.Checksum != want {
		t.Errorf("checksum %s, want %s", id.Checksum, want)
	}
	for _, i := range []int{59, 82, 85, 86, 89, 90, 106, 128, 217} {
		v, ok := id.Word(i)
		if got := fmt.Sprintf("%04x", v); ok != (row[fmt.Sprintf("w%d", i)] != "-") || ok && got != row[fmt.Sprintf("w%d", i)] {
			t.Errorf("word %d is %s, want %s", i, got, row[fmt.Sprintf("w%d", i)])
		}
	}
	if n := row["sectors(w100-103)"]; n != "-" && n != "0" && n != strconv.FormatUint(id.Sectors, 10) {
		t.Errorf("%d sectors, want %s", id.Sectors, n)
	}
}

// The comparison must be able to fail: each item of an expected line, altered,
// is noticed.
func TestMismatchNotices(t *testing.T) {
	id, err := ParseIdentify(fixture(t, "sata-disk"))
	if err != nil {
		t.Fatal(err)
	}
	good := strings.Join(describe(id), "; ")
	if d := mismatch(id, good); len(d) != 0 {
		t.Fatal(d)
	}
	for _, item := range describe(id) {
		if d := mismatch(id, strings.Replace(good, item, item+"!", 1)); len(d) != 2 {
			t.Errorf("altered %q: %v", item, d)
		}
		if d := mismatch(id, strings.Replace(good+"; ", item+"; ", "", 1)); len(d) == 0 {
			t.Errorf("dropped %q went unnoticed", item)
		}
	}
}

func TestRecordedRefusals(t *testing.T) {
	for folder, want := range map[string]Reason{"atapi": ReasonATAPI, "edge": ReasonGarbage} {
		for _, f := range recordings.Files(t, folder) {
			id, err := ParseIdentify(f.Words(t))
			var e *IdentifyError
			if id != nil || !errors.As(err, &e) || e.Reason != want {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}

// TestOracle compares with what hdparm printed for the same words.
func TestOracle(t *testing.T) {
	dir := recordings.Dir(t)
	for _, f := range recordings.Files(t, "ata") {
		t.Run(f.Name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(dir, "oracle-hdparm", filepath.Base(f.Name)))
			if err != nil {
				t.Fatal(err)
			}
			id, err := ParseIdentify(f.Words(t))
			if err != nil {
				t.Fatal(err)
			}
			compareOracle(t, id, string(b))
		})
	}
}

func compareOracle(t *testing.T, id *Identify, said string) {
	t.Helper()
	text := func(pattern string) string {
		if m := regexp.MustCompile(`(?m)^\s*` + pattern + `\s*$`).FindStringSubmatch(said); m != nil {
			return strings.TrimSpace(m[1])
		}
		return ""
	}
	same := func(what, got, want string) {
		if got != want {
			t.Errorf("%s: %q, hdparm says %q", what, got, want)
		}
	}
	same("model", id.Model, text(`Model Number:(.*)`))
	same("serial", id.Serial, text(`Serial Number:(.*)`))
	same("firmware", id.Firmware, text(`Firmware Revision:(.*)`))
	same("WWN", strings.TrimPrefix(id.WWN, "naa."), text(`Logical Unit WWN Device Identifier: (\w+)`))
	sectors := text(`LBA48  user addressable sectors:\s*(\d+)`)
	if sectors == "" {
		sectors = text(`LBA    user addressable sectors:\s*(\d+)`)
	}
	same("sectors", strconv.FormatUint(id.Sectors, 10), sectors)
	if p := text(`Physical Sector size:\s*(\d+) bytes`); p != "" {
		same("physical sector", strconv.Itoa(int(id.PhysicalSector)), p)
	}
	rate := map[support.State]string{support.No: "Solid State Device", support.Yes: strconv.Itoa(int(id.RPM))}[id.Rotational]
	same("rotation", rate, text(`Nominal Media Rotation Rate: (.*)`))
	flag := func(what string, s support.State, pattern string) {
		if got := regexp.MustCompile(`(?m)` + pattern).MatchString(said); got != s.IsYes() {
			t.Errorf("%s: %s, hdparm says %v", what, s, got)
		}
	}
	flag("HPA", id.HPA, `Host Protected Area feature set$`)
	flag("DCO", id.DCO, `Device Configuration Overlay feature set$`)
	flag("48-bit", id.LBA48, `48-bit Address feature set$`)
	flag("trim", id.Trim, `Data Set Management TRIM supported`)
	flag("encrypts", id.EncryptsAll, `Device encrypts all user data$`)
	flag("sanitize", id.Sanitize.Supported, `SANITIZE feature set$`)
	flag("overwrite", id.Sanitize.Overwrite, `OVERWRITE_EXT command$`)
	flag("block", id.Sanitize.Block, `BLOCK_ERASE_EXT command$`)
	flag("antifreeze", id.Sanitize.Antifreeze, `SANITIZE_ANTIFREEZE_LOCK_EXT command$`)
	flag("security", id.Security.Supported, `Security Mode feature set$`)
	flag("frozen", id.Security.Frozen, `^\t\tfrozen$`)
	flag("locked", id.Security.Locked, `^\t\tlocked$`)
	flag("enabled", id.Security.Enabled, `^\t\tenabled$`)
	flag("enhanced", id.Security.Enhanced, `^\t\tsupported: enhanced erase$`)
	flag("checksum", support.Of(id.Checksum == ChecksumOK), `^Checksum: correct$`)
	if m := text(`(\d+)min for SECURITY ERASE UNIT\..*`); m != "" {
		same("erase time", strconv.Itoa(id.Security.EraseTime.Minutes), m)
	}
	if m := text(`.*\. (\d+)min for ENHANCED SECURITY ERASE UNIT\.`); m != "" {
		same("enhanced erase time", strconv.Itoa(id.Security.EnhancedEraseTime.Minutes), m)
	}
}
