package stick

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/massho/massho/bootimage/fat"
)

// Paths on the EFI system partition. GRUB's signed binary looks for its
// configuration in /EFI/debian, whatever the vendor.
const (
	ConfigPath = "EFI/debian/grub.cfg"
	KernelPath = "massho/vmlinuz"
	InitrdPath = "massho/initrd.zst"
	// EvidenceFolder is the evidence place of the Explorer form.
	EvidenceFolder = "EVIDENCE"
)

// Volume labels.
const (
	ESPLabel      = "MASSHO"
	EvidenceLabel = "EVIDENCE"
)

// Config is what the boot configuration says.
type Config struct {
	// Evidence is the volume ID of the EVIDENCE partition; 0 means that the
	// evidence place is a folder of the boot volume.
	Evidence fat.ID
	// Cmdline is the kernel command line, without the two parameters that
	// name volumes.
	Cmdline []string
}

// ErrCmdline says that a kernel parameter has a character that GRUB would
// read as something else.
var ErrCmdline = errors.New("kernel parameter not allowed")

var plainParam = regexp.MustCompile(`^[A-Za-z0-9_.,=:/@%+-]+$`)

// The two lines of the configuration that differ between sticks.
const (
	evidenceLine = "set massho_evidence="
	cmdlineLine  = "set massho_cmdline="
)

// Bytes writes the GRUB configuration. All firmwares read the same file.
//
// The boot volume is named by what GRUB really booted from ($root), not by a
// search: a search may find another stick.
func (c Config) Bytes() ([]byte, error) {
	for _, p := range c.Cmdline {
		if !plainParam.MatchString(p) {
			return nil, fmt.Errorf("parameter %q: %w", p, ErrCmdline)
		}
	}
	evidence := ""
	if c.Evidence != 0 {
		evidence = "massho.evidence=" + c.Evidence.String()
	}
	return []byte(`# massho: boot configuration, written by bootimage/stick.
` + evidenceLine + `"` + evidence + `"
` + cmdlineLine + `"` + strings.Join(c.Cmdline, " ") + `"

set timeout=0
set default=0
if [ "$grub_platform" = "pc" ]; then
	set gfxpayload=1024x768x32,1024x768,keep
else
	set gfxpayload=keep
fi

menuentry "massho" {
	insmod all_video
	probe --set=massho_bootfs --fs-uuid $root
	linux /` + KernelPath + ` $massho_cmdline massho.bootfs=$massho_bootfs $massho_evidence
	initrd /` + InitrdPath + `
}
`), nil
}

// ParseConfig reads what Bytes wrote. An error wraps ErrNotImage.
func ParseConfig(b []byte) (c Config, err error) {
	var seen int
	for _, line := range bytes.Split(b, []byte("\n")) {
		text := string(line)
		if v, ok := strings.CutPrefix(text, evidenceLine); ok {
			seen++
			v = strings.TrimPrefix(strings.Trim(v, `"`), "massho.evidence=")
			if v == "" {
				continue
			}
			if c.Evidence, err = fat.ParseID(v); err != nil {
				return c, fmt.Errorf("boot configuration: %w: %w", ErrNotImage, err)
			}
		}
		if v, ok := strings.CutPrefix(text, cmdlineLine); ok {
			seen++
			c.Cmdline = strings.Fields(strings.Trim(v, `"`))
		}
	}
	if seen != 2 {
		return c, fmt.Errorf("boot configuration: %w", ErrNotImage)
	}
	return c, nil
}
