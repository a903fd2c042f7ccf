package devices

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/massho/massho/devices/support"
)

// with changes a copy of a sound disk.
func with(name, serial string, change func(*Device)) Device {
	d := disk(name, serial)
	change(&d)
	return d
}

func codes(rs []Refusal) []Code {
	var out []Code
	for _, r := range rs {
		out = append(out, r.Code)
	}
	return out
}

func TestRefusals(t *testing.T) {
	sound := disk("sdz", "SOUND0001")
	stick := func(name string, uuids ...string) Device {
		return with(name, "STICK-"+name, func(d *Device) {
			d.Transport, d.Class, d.Removable, d.Stack.FSUUIDs = TransportUSB, ClassUSBFlash, true, uuids
		})
	}
	unreadStick := with("sdq", "STICK-sdq", func(d *Device) { d.Transport, d.Stack.Unread = TransportUSB, true })
	boot := Environment{Boot: []string{"1234-ABCD"}}
	namespace := func(name string, change func(*Device)) Device {
		return with(name, "NVME0001", func(d *Device) { d.Parent = "nqn.one"; change(d) })
	}
	mounted := func(d *Device) { d.Stack.Mounts = []Mount{{"/dev/x1", "/mnt/ev"}} }
	for name, c := range map[string]struct {
		d    Device
		env  Environment
		want []Code
	}{
		"sound":                     {sound, Environment{}, nil},
		"partitions alone":          {with("sda", "A0001", func(d *Device) { d.Stack.Partitions = []string{"sda1"} }), Environment{}, nil},
		"mounted":                   {with("sda", "A0001", mounted), Environment{}, []Code{CodeMounted}},
		"swap":                      {with("sda", "A0001", func(d *Device) { d.Stack.Swaps = []string{"/dev/sda2"} }), Environment{}, []Code{CodeSwap}},
		"held":                      {with("sda", "A0001", func(d *Device) { d.Stack.Holders = []string{"md0"} }), Environment{}, []Code{CodeHeld}},
		"held by multipath":         {with("sda", "A0001", func(d *Device) { d.Stack.Holders = []string{"dm-0"}; d.Stack.Multipath = []string{"dm-0"} }), Environment{}, []Code{CodeMultipath}},
		"read-only":                 {with("sda", "A0001", func(d *Device) { d.ReadOnly = true }), Environment{}, []Code{CodeReadOnly}},
		"all at once, in order":     {with("sda", "A0001", func(d *Device) { mounted(d); d.ReadOnly = true; d.Stack.Swaps = []string{"s"} }), Environment{}, []Code{CodeMounted, CodeSwap, CodeReadOnly}},
		"another disk is mounted":   {sound, Environment{Present: []Device{sound, with("sda", "A0001", mounted)}}, nil},
		"sibling namespace mounted": {namespace("nvme0n1", func(*Device) {}), Environment{Present: []Device{namespace("nvme0n1", func(*Device) {}), namespace("nvme0n2", mounted)}}, []Code{CodeMounted, CodeOtherParts}},
		"same hub is no sibling": {stick("sda", "0000-0001"), Environment{Present: []Device{
			with("sdb", "S2", func(d *Device) { d.Location = "usb-1-2"; mounted(d) })}}, nil},

		"the boot stick":             {stick("sda", "1234-ABCD"), boot, []Code{CodeBootStick}},
		"boot stick, small letters":  {stick("sda", "1234-abcd"), boot, []Code{CodeBootStick}},
		"two with the boot's UUID":   {stick("sda", "1234-ABCD"), Environment{Boot: boot.Boot, Present: []Device{stick("sda", "1234-ABCD"), stick("sdb", "1234-ABCD")}}, []Code{CodeBootStickAmbiguous}},
		"the other of the two":       {stick("sdb", "1234-ABCD"), Environment{Boot: boot.Boot, Present: []Device{stick("sda", "1234-ABCD"), stick("sdb", "1234-ABCD")}}, []Code{CodeBootStickAmbiguous}},
		"another stick":              {stick("sdb", "5678-ABCD"), Environment{Boot: boot.Boot, Present: []Device{stick("sda", "1234-ABCD")}}, nil},
		"not booted from a stick":    {stick("sda", "1234-ABCD"), Environment{}, nil},
		"stick gone, this one blank": {stick("sdb"), boot, nil},
		"stick gone, this unread":    {unreadStick, boot, []Code{CodeBootStickUnknown}},
		"stick there, this unread":   {unreadStick, Environment{Boot: boot.Boot, Present: []Device{stick("sda", "1234-ABCD")}}, nil},
		"stick gone, SATA unread":    {with("sda", "A0001", func(d *Device) { d.Stack.Unread = true }), boot, nil},

		"evidence by name":      {sound, Environment{Evidence: []string{"sdz"}}, []Code{CodeEvidence}},
		"evidence by path":      {sound, Environment{Evidence: []string{"/dev/sdz"}}, []Code{CodeEvidence}},
		"evidence by partition": {with("sdz", "S1", func(d *Device) { d.Stack.Partitions = []string{"sdz3"} }), Environment{Evidence: []string{"/dev/sdz3"}}, []Code{CodeEvidence}},
		"evidence by UUID":      {stick("sda", "00AA-00BB"), Environment{Evidence: []string{"00aa-00bb"}}, []Code{CodeEvidence}},
		"evidence by directory": {with("sda", "A0001", mounted), Environment{Evidence: []string{"/mnt/ev/case-7"}}, []Code{CodeMounted, CodeEvidence}},
		"a directory elsewhere": {with("sda", "A0001", mounted), Environment{Evidence: []string{"/mnt/evidence"}}, []Code{CodeMounted}},
		"innermost mount holds the directory": {with("sda", "A0001", func(d *Device) { d.Stack.Mounts = []Mount{{"/dev/sda1", "/"}} }),
			Environment{Evidence: []string{"/mnt/ev/x"}, Present: []Device{
				with("sda", "A0001", func(d *Device) { d.Stack.Mounts = []Mount{{"/dev/sda1", "/"}} }), with("sdb", "B0001", mounted)}},
			[]Code{CodeMounted}},
		"evidence elsewhere": {sound, Environment{Evidence: []string{"sdy", "/dev/sdzz", ""}}, nil},

		"optical":               {with("sr0", "", func(d *Device) { d.Class, d.ReadOnly = ClassOptical, true }), Environment{}, []Code{CodeOptical}},
		"floppy":                {with("fd0", "", func(d *Device) { d.Class = ClassFloppy }), Environment{}, []Code{CodeFloppy}},
		"tape":                  {with("st0", "", func(d *Device) { d.Class = ClassTape }), Environment{}, []Code{CodeTape}},
		"RAID volume":           {with("sda", "", func(d *Device) { d.Class, d.IdentityProblem = ClassLogical, ProblemVolume+": hpsa" }), Environment{}, []Code{CodeLogical}},
		"controller":            {with("pci", "", func(d *Device) { d.Class, d.IdentityProblem = ClassController, ProblemNoDriver }), Environment{}, []Code{CodeController}},
		"pmem":                  {with("pmem0", "", func(d *Device) { d.Class = ClassPmem }), Environment{}, []Code{CodePmem}},
		"UFS":                   {with("sda", "U1", func(d *Device) { d.Class = ClassUFS }), Environment{}, []Code{CodeUFS}},
		"zoned":                 {with("sda", "Z1", func(d *Device) { d.Class = ClassZoned }), Environment{}, []Code{CodeZoned}},
		"zoned by its own word": {with("sda", "Z1ZZ", func(d *Device) { d.Caps.Zoned = support.Yes }), Environment{}, []Code{CodeZoned}},
		"virtio": {with("vda", "V1", func(d *Device) {
			d.Class, d.Transport, d.IdentityProblem = ClassVirtual, TransportVirtio, ProblemVirtual
		}), Environment{}, []Code{CodeVirtual}},
		"loop, test-only": {with("loop0", "LOOP-1", func(d *Device) { d.Class, d.Transport = ClassVirtual, TransportLoop }), Environment{}, nil},
		"loop without file": {with("loop0", "", func(d *Device) {
			d.Class, d.Transport, d.IdentityProblem = ClassVirtual, TransportLoop, ProblemNoAnswer
		}), Environment{}, []Code{CodeNoIdentity}},
		"bridge":                    {with("sda", "B1", func(d *Device) { d.IdentityProblem = ProblemBridge }), Environment{}, []Code{CodeNoIdentity}},
		"hanging":                   {with("sda", "", func(d *Device) { d.Unreadable, d.IdentityProblem = true, ProblemNoAnswer+": timeout" }), Environment{}, []Code{CodeUnreadable}},
		"520-byte sectors":          {with("sda", "N1", func(d *Device) { d.Identity.LogicalSector = 520 }), Environment{}, []Code{CodeSectorFormat}},
		"no medium":                 {with("sda", "R1", func(d *Device) { d.Identity.Sectors = 0 }), Environment{}, []Code{CodeNoMedium}},
		"no serial":                 {with("sda", "  ", func(*Device) {}), Environment{}, []Code{CodeSerialMissing}},
		"placeholder serial":        {with("sda", "123456789", func(*Device) {}), Environment{}, []Code{CodeSerialPlaceholder}},
		"twin":                      {disk("sda", "TWIN1"), Environment{Present: []Device{disk("sda", "TWIN1"), disk("sdb", "twin 1")}}, []Code{CodeSerialDuplicate}},
		"two paths to one":          {with("sda", "TWIN1", func(d *Device) { d.Identity.WWN = "naa.5" }), Environment{Present: []Device{with("sdb", "TWIN1", func(d *Device) { d.Identity.WWN = "naa.5" })}}, []Code{CodeMultipath}},
		"a second namespace":        {namespace("nvme0n1", func(*Device) {}), Environment{Present: []Device{namespace("nvme0n2", func(*Device) {})}}, []Code{CodeOtherParts}},
		"namespaces are not twins":  {namespace("nvme0n1", func(*Device) {}), Environment{WholeMedium: true, Present: []Device{namespace("nvme0n2", func(*Device) {})}}, nil},
		"not itself a twin":         {sound, Environment{Present: []Device{sound}}, nil},
		"all three missing serials": {disk("sda", ""), Environment{Present: []Device{disk("sda", ""), disk("sdb", "")}}, []Code{CodeSerialMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Refusals(c.d, c.env)
			if !slices.Equal(codes(got), c.want) {
				t.Fatalf("%v, want %v", codes(got), c.want)
			}
			for _, r := range got {
				checkText(t, r)
			}
		})
	}
}

// checkText: both languages are whole and every place in them is filled.
func checkText(t *testing.T, r Refusal) {
	t.Helper()
	for lang, s := range map[string]string{"why ja": r.Why.Ja, "why en": r.Why.En, "next ja": r.Next.Ja, "next en": r.Next.En} {
		if s == "" || strings.ContainsAny(s, "{}") {
			t.Errorf("%s, %s: %q", r.Code, lang, s)
		}
	}
	for _, s := range []string{r.Why.Ja, r.Next.Ja} {
		if !strings.ContainsFunc(s, func(c rune) bool { return unicode.In(c, unicode.Hiragana, unicode.Katakana, unicode.Han) }) {
			t.Errorf("%s: no Japanese in %q", r.Code, s)
		}
	}
	if r.Object == "" || !strings.Contains(r.Error(), string(r.Code)) {
		t.Errorf("%q", r.Error())
	}
}

// Every code has its sentences, and no sentence asks for more than two words.
func TestRefusalTextsAreWhole(t *testing.T) {
	for code, text := range refusalTexts {
		checkText(t, fill(code, "sda", "あ", "い"))
		if strings.Contains(text.why.Ja, "{1}") != strings.Contains(text.why.En, "{1}") && code != CodeController &&
			code != CodeNoIdentity && code != CodeUnreadable {
			t.Errorf("%s: the two languages say different things", code)
		}
	}
	r := fill("no-such-code", "sda")
	if r.Why.En == "" || r.Next.Ja == "" {
		t.Error("an unknown code lost its refusal")
	}
}

// An argument that looks like a place is text.
func TestRefusalArgumentsAreNotPlaces(t *testing.T) {
	r := Refuse(CodeMounted, disk("sda", "A"), "{2}", "/mnt")
	if !strings.Contains(r.Why.En, "{2} is mounted on /mnt") {
		t.Errorf("%q", r.Why.En)
	}
}

func TestProblemText(t *testing.T) {
	for problem, ja := range problemsJa {
		got := ProblemText(problem + ": detail 7")
		if got.Ja != ja+"（detail 7）" || got.En != problem+": detail 7" {
			t.Errorf("%q: %+v", problem, got)
		}
	}
	if got := ProblemText("something new"); got.Ja != "something new" {
		t.Errorf("%+v", got)
	}
}

func TestAsHostSees(t *testing.T) {
	f := Facts{Identity: Identity{LogicalSector: 512, PhysicalSector: 512, Sectors: 8000},
		Hidden: HiddenAreas{HPA: HiddenAbsent, NativeSectors: 8000}}
	for name, c := range map[string]struct {
		logical uint32
		bytes   uint64
		sectors uint64
		native  uint64
		hpa     HiddenState
		notes   int
	}{
		"the same":                {512, 512 * 8000, 8000, 8000, HiddenAbsent, 0},
		"a bridge of 4096":        {4096, 512 * 8000, 1000, 1000, HiddenAbsent, 0},
		"a bridge keeps some":     {512, 512 * 7000, 7000, 8000, HiddenPresent, 0},
		"more than the drive has": {512, 512 * 8001, 8001, 8000, HiddenAbsent, 1},
		"the host knows nothing":  {0, 0, 8000, 8000, HiddenAbsent, 0},
	} {
		got := f.AsHostSees(c.logical, c.bytes)
		if got.Identity.Sectors != c.sectors || got.Hidden.NativeSectors != c.native || got.Hidden.HPA != c.hpa || len(got.Notes) != c.notes {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
