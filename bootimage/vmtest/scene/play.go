//go:build linux

package scene

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/bootimage/vmtest"
)

// Serials of the drives of the scene, as the virtual PC reports them.
const (
	SerialHDD     = "SCENEHDD01"
	SerialSSD     = "SCENESSD02"
	SerialNVMe    = "SCENENVME3"
	SerialUSB     = "SCENEUSB04"
	SerialUnnamed = "SCENEFREE5"
	SerialStick   = "SCENESTICK"
	SerialHost    = "SCENEPC0001"
)

// Play is one performance: its programs, its folder, its drives.
type Play struct {
	Bin string // folder of massho, massho-office, massho-verify
	Dir string // everything of this play lies here
	Say func(string)
	Cut bool // the power was cut in this play
	// Source is massho's source tree, from which the image's u-root part is
	// built; empty: the working directory.
	Source string
	Size   int64 // of each drive; 0: 64 MiB
	Guided bool  // the case wants a person at the console
}

// Disks are the drives of the virtual PC. No case names the last one.
func (p Play) Disks() []Disk {
	size := p.Size
	if size == 0 {
		size = 64 * MiB
	}
	disk := func(name string, fs FS, serial string) Disk {
		return Disk{File: p.path(name + ".img"), Size: size, FS: fs, Secret: "SECRET-OF-" + serial}
	}
	return []Disk{
		disk("hdd", Ext4, SerialHDD), disk("ssd", NTFS, SerialSSD), disk("nvme", FAT, SerialNVMe),
		disk("usb", FAT, SerialUSB), disk("unnamed", Ext4, SerialUnnamed),
	}
}

// Named is how many of Disks the case names.
const Named = 4

func (p Play) path(elem ...string) string { return filepath.Join(append([]string{p.Dir}, elem...)...) }

// Image is the boot stick's image.
func (p Play) Image() string { return p.path("stick.img") }

// Root is the authority's root certificate.
func (p Play) Root() string { return p.path("office", "root.pem") }

// tool runs one of massho's own programs.
func (p Play) tool(ctx context.Context, name string, args ...string) (string, error) {
	return output(ctx, filepath.Join(p.Bin, name), args...)
}

// Prepare plants the drives, makes authority, case and stick as the office does,
// and builds the image.
func (p Play) Prepare(ctx context.Context) error {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return err
	}
	p.say("planting file systems with known files on five drives")
	for _, d := range p.Disks() {
		if err := d.Plant(ctx); err != nil {
			return err
		}
	}
	p.say("preparing authority, case and stick (massho-office)")
	if err := p.office(ctx); err != nil {
		return err
	}
	p.say("building the boot image (massho image)")
	return p.image(ctx)
}

// image builds the boot image from the prepared stick's folder.
func (p Play) image(ctx context.Context) error {
	_, err := p.tool(ctx, "massho", "image", "-o", p.Image(), "--stick", p.path("office", "stick"),
		"--source", cmp.Or(p.Source, "."), "--cmdline", "massho.lang=ja")
	return err
}

// copyFrom takes over what another play prepared: drives and the office's folder.
func (p Play) copyFrom(other Play) error {
	for i, d := range other.Disks() {
		b, err := os.ReadFile(d.File)
		if err != nil {
			return err
		}
		if err := os.WriteFile(p.Disks()[i].File, b, 0o644); err != nil {
			return err
		}
	}
	return os.CopyFS(p.path("office"), os.DirFS(other.path("office")))
}

// stickLike makes a USB drive a stick. One that is not removable would be a bridge
// that hides its drive, and is never certified.
var stickLike = []string{"removable=on"}

// Config is the virtual PC with its drives and the stick that it boots from.
func (p Play) Config(fw vmtest.Firmware) vmtest.Config {
	d := p.Disks()
	return vmtest.Config{
		Firmware: fw, Timeout: 6 * time.Minute, Log: p.path("serial.log"),
		Args: []string{"-smbios", "type=1,manufacturer=MASSHO,product=SCENE,serial=" + SerialHost},
		Drives: []vmtest.Drive{
			{Bus: vmtest.AHCI, File: d[0].File, Serial: SerialHDD, Model: "SCENE HDD 7200", RotationRate: 7200},
			{Bus: vmtest.AHCI, File: d[1].File, Serial: SerialSSD, Model: "SCENE SATA SSD", RotationRate: 1},
			{Bus: vmtest.NVMe, File: d[2].File, Serial: SerialNVMe},
			{Bus: vmtest.USB, File: d[3].File, Serial: SerialUSB, Options: stickLike},
			{Bus: vmtest.AHCI, File: d[4].File, Serial: SerialUnnamed, Model: "SCENE UNNAMED", RotationRate: 7200},
			{Bus: vmtest.USB, File: p.Image(), Serial: SerialStick, Boot: true, Options: stickLike},
		},
	}
}

var exitLine = regexp.MustCompile(`massho: exit (\d+)`)

// Run boots the stick and waits until the PC has switched itself off. It returns
// the exit code that the stick's program named.
func (p Play) Run(ctx context.Context, cfg vmtest.Config) (code string, err error) {
	p.say("booting the virtual PC from the stick (" + cfg.Firmware.String() + ")")
	vm, err := vmtest.Start(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer vm.Close()
	m, err := vm.Expect(exitLine, cfg.Timeout)
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, vm.Log())
	}
	return m[1], vm.Wait(time.Minute)
}

// refused is Run for a stick that gives a shell instead of switching off: the
// code is all that is waited for.
func (p Play) refused(ctx context.Context, cfg vmtest.Config) (code string, err error) {
	vm, err := vmtest.Start(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer vm.Close()
	m, err := vm.Expect(exitLine, cfg.Timeout)
	if err != nil {
		return "", err
	}
	return m[1], nil
}

// Collect copies what lies on EVIDENCE out of the image.
func (p Play) Collect() (map[string][]byte, error) {
	f, err := os.Open(p.Image())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	im, err := stick.Read(f)
	if err != nil {
		return nil, err
	}
	for name, data := range im.Evidence {
		path := p.path("evidence", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
	}
	return im.Evidence, nil
}

// Records are the papers that Collect copied out.
func (p Play) Records() ([]string, error) {
	return filepath.Glob(p.path("evidence", "records", "*.pdf"))
}

// Verify runs massho-verify over the collected papers.
func (p Play) Verify(ctx context.Context) (string, error) {
	return p.tool(ctx, "massho-verify", p.path("evidence", "records"), "--trust", p.Root())
}

func (p Play) say(text string) {
	if p.Say != nil {
		p.Say(text)
	}
}

// Transcript is what the serial port said, without control characters.
func (p Play) Transcript() (string, error) {
	raw, err := os.ReadFile(p.path("serial.log"))
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(string(raw), "\r", ""), nil
}
