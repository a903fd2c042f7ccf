package nvme

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/support"
)

// describe writes what was decoded in the words of the index.
func describe(c Controller) string {
	fna := "?(not in the data)"
	if c.NNKnown {
		f := c.FormatNVM
		fna = fmt.Sprintf("%#x(format-all-ns=%s,erase-all-ns=%s,crypto-erase=%s,no-broadcast-nsid=%s)",
			f.Raw, bit(f.FormatAll), bit(f.EraseAll), bit(f.Crypto), bit(f.NoBroadcast))
	}
	var names []string
	for _, n := range []struct {
		s    support.State
		name string
	}{{c.Sanitize.Crypto, "crypto"}, {c.Sanitize.Block, "block"}, {c.Sanitize.Overwrite, "overwrite"}} {
		if n.s.IsYes() {
			names = append(names, n.name)
		}
	}
	if !c.Sanitize.Any() {
		names = []string{"none"}
	}
	format := map[support.State]string{support.Yes: "yes", support.No: "no"}[c.Format]
	out := fmt.Sprintf("format=%s; security-send=%s; nsmgmt=%s; fna=%s; sanitize=%s (sanicap=%#x, NDI=%s, NODMMAS=%d)",
		format, bit(c.Security), bit(c.NSManagement), fna, strings.Join(names, "+"), c.Sanitize.Raw,
		bit(c.Sanitize.NoDeallocInhibited), c.Sanitize.NODMMAS)
	if c.NNKnown {
		out += fmt.Sprintf("; nn=%d", c.NN)
	}
	return out + fmt.Sprintf("; tnvmcap=%s; ver=%#x", c.Total, c.Version)
}

func bit(s support.State) string {
	return map[support.State]string{support.Yes: "1", support.No: "0", support.Unknown: "?"}[s]
}

func checkController(t *testing.T, f recordings.File, row recordings.Row, c Controller) {
	t.Helper()
	if got, want := describe(c), f.Expected(); got != want || row["expected"] != want {
		t.Errorf("%s\n got %s\nwant %s", f.Name, got, want)
	}
	if c.Model != row["model"] || c.Firmware != row["fw"] || c.Serial == "" {
		t.Errorf("%s: model %q firmware %q serial %q", f.Name, c.Model, c.Firmware, c.Serial)
	}
}

func TestRecordedControllers(t *testing.T) {
	index := recordings.Index(t)
	for _, f := range recordings.Files(t, "nvme") {
		b := f.Bytes(t)
		if n := index[f.Name]["bytes"]; n != strconv.Itoa(len(b)) {
			t.Errorf("%s: %d bytes, want %s", f.Name, len(b), n)
		}
		c, err := ParseController(b)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		checkController(t, f, index[f.Name], c)
	}
}

// The printed controllers are put back into bytes and decoded.
func TestPrintedControllers(t *testing.T) {
	index := recordings.Index(t)
	for _, f := range recordings.Files(t, "nvme-text") {
		b := make([]byte, identifyBytes)
		copy(b[4:64], strings.Repeat(" ", 60))
		for _, line := range f.Lines {
			key, value, ok := strings.Cut(line, ":")
			if ok {
				place(t, f.Name, b, strings.TrimSpace(key), strings.TrimSpace(value))
			}
		}
		c, err := ParseController(b)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		checkController(t, f, index[f.Name], c)
	}
}

func place(t *testing.T, name string, b []byte, key, value string) {
	t.Helper()
	switch key {
	case "sn":
		copy(b[4:24], value)
		return
	case "mn":
		copy(b[24:64], value)
		return
	case "fr":
		copy(b[64:72], value)
		return
	}
	offset := map[string][2]int{"ver": {80, 4}, "oacs": {256, 2}, "tnvmcap": {280, 8}, "sanicap": {328, 4}, "nn": {516, 4}, "fna": {524, 1}}
	o, ok := offset[key]
	if !ok {
		return
	}
	if key == "ver" { // old versions print it without 0x
		value = "0x" + strings.TrimPrefix(value, "0x")
	}
	v, err := strconv.ParseUint(value, 0, 64)
	if err != nil {
		t.Fatalf("%s: %s %q: %v", name, key, value, err)
	}
	buf := make([]byte, 8)
	binary.LittleEndian.PutUint64(buf, v)
	copy(b[o[0]:], buf[:o[1]])
}

func TestRecordedNamespaces(t *testing.T) {
	for _, f := range recordings.Files(t, "nvme-ns") {
		n, err := ParseNamespace(f.Bytes(t))
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if !strings.Contains(f.Name, "ecclesia") {
			t.Fatalf("%s: a recording that no expectation is written for", f.Name)
		}
		// 1 GiB: NVMCAP and NSZE blocks of the current format agree.
		if n.Size != 0x40000 || n.Capacity != n.Size || n.Utilization != n.Size || n.FormatIndex != 1 ||
			n.Current() != (LBAFormat{DataSize: 4096}) || n.Bytes.String() != "1073741824" ||
			uint64(n.Current().DataSize)*n.Size != n.Bytes.Lo || !n.MetadataInline || len(n.Formats) != 2 ||
			n.Formats[0] != (LBAFormat{DataSize: 512, RelativePerformance: 2}) ||
			n.EUI64 != "5cd2e457df820900" || n.NGUID != "08000000010000005cd2e457df825051" {
			t.Errorf("%s: %+v", f.Name, n)
		}
	}
}

// sanitizePage reads a recorded log, as bytes or as nvme-cli prints it.
func sanitizePage(t *testing.T, f recordings.File) SanitizeLogPage {
	t.Helper()
	if len(f.Lines) > 0 && strings.HasPrefix(f.Lines[0], "0000:") {
		l, err := ParseSanitizeLog(f.Bytes(t))
		if err != nil {
			t.Fatal(f.Name, err)
		}
		return l
	}
	b := make([]byte, 512)
	at := map[string]int{"(SPROG)": 0, "(SSTAT)": 2, "(SCDW10)": 4}
	for _, line := range f.Lines {
		for key, off := range at {
			_, rest, ok := strings.Cut(line, key)
			if !ok {
				continue
			}
			v, err := strconv.ParseUint(strings.Trim(rest, " :"), 0, 32)
			if err != nil {
				t.Fatal(f.Name, err)
			}
			if key == "(SCDW10)" {
				binary.LittleEndian.PutUint32(b[off:], uint32(v))
			} else {
				binary.LittleEndian.PutUint16(b[off:], uint16(v))
			}
		}
	}
	l, err := ParseSanitizeLog(b)
	if err != nil {
		t.Fatal(f.Name, err)
	}
	return l
}

// TestRecordedSanitizeLogs looks each "name=value" of the expectation up in
// what was decoded; a name that it does not know fails.
func TestRecordedSanitizeLogs(t *testing.T) {
	for _, f := range recordings.Files(t, "nvme-sanitize-log") {
		l := sanitizePage(t, f)
		expected, prose, _ := strings.Cut(f.Expected(), "; ")
		clean := strings.NewReplacer("(", " ", ")", " ", ", ", " ").Replace(strings.ReplaceAll(expected, "etas=(", "etas="))
		seen := 0
		for _, item := range strings.Fields(clean) {
			key, want, ok := strings.Cut(item, "=")
			if !ok {
				if !strings.HasSuffix(item, "%") { // a gloss of sprog
					t.Errorf("%s: %q?", f.Name, item)
				}
				continue
			}
			seen++
			if got := sanitizeItem(l, key, want); got != want {
				t.Errorf("%s: %s is %s, want %s", f.Name, key, got, want)
			}
		}
		if seen < 3 {
			t.Errorf("%s: only %d items", f.Name, seen)
		}
		if strings.Contains(prose, "bit 8 clear") && l.GlobalErased {
			t.Errorf("%s: the raw page says that GDE is clear", f.Name)
		}
		if _, ok := l.Progress(); ok != (l.State == SanitizeInProgress) {
			t.Errorf("%s: progress outside a sanitize", f.Name)
		}
	}
}

func sanitizeItem(l SanitizeLogPage, key, want string) string {
	number := func(v uint32) string {
		if strings.HasPrefix(want, "0x") {
			return fmt.Sprintf("%#x", v)
		}
		return strconv.FormatUint(uint64(v), 10)
	}
	flag := func(v bool) string { return map[bool]string{true: "1", false: "0"}[v] }
	switch key {
	case "sprog":
		return number(uint32(l.SPROG))
	case "sstat":
		return number(uint32(l.SSTAT))
	case "status":
		return number(uint32(l.State))
	case "passes":
		return number(uint32(l.Passes))
	case "gde", "global-data-erased":
		return flag(l.GlobalErased)
	case "scdw10":
		return number(l.SCDW10)
	case "action":
		return number(l.SCDW10 & 7)
	case "ause":
		return flag(l.SCDW10&sanitizeAUSE != 0)
	case "no-dealloc":
		return flag(l.SCDW10&sanitizeNODAS != 0)
	case "etas":
		return fmt.Sprintf("%#x,%#x,%#x,%#x,%#x,%#x", l.Overwrite, l.Block, l.Crypto, l.OverwriteND, l.BlockND, l.CryptoND)
	default:
		return "an item that the test does not know"
	}
}
