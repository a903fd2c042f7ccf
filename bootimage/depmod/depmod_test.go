package depmod

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ulikunitz/xz"
)

// module is the smallest ELF file with a .modinfo section.
func module(fields ...string) []byte {
	info := strings.Join(fields, "\x00") + "\x00"
	names := "\x00.modinfo\x00.shstrtab\x00"
	var b bytes.Buffer
	at := uint64(64)
	head := elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', 2, 1, 1}, Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64),
		Version: 1, Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 2, Shoff: at + uint64(len(info)+len(names)),
	}
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: at, Size: uint64(len(info)), Addralign: 1},
		{Name: 10, Type: uint32(elf.SHT_STRTAB), Off: at + uint64(len(info)), Size: uint64(len(names)), Addralign: 1},
	}
	for _, part := range []any{head, []byte(info + names), sections} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func compressed(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tree(t *testing.T) *Tree {
	t.Helper()
	tr, err := Open(fstest.MapFS{
		"modules.builtin":                              {Data: []byte("kernel/drivers/input/serio/i8042.ko\n")},
		"kernel/drivers/ata/ahci.ko":                   {Data: module("name=ahci", "depends=libahci,libata", "alias=pci:v*d*sv*sd*bc01sc06i01*")},
		"kernel/drivers/ata/libahci.ko":                {Data: module("name=libahci", "depends=libata")},
		"kernel/drivers/ata/libata.ko":                 {Data: module("name=libata", "depends=scsi_mod,i8042")},
		"kernel/drivers/ata/README":                    {Data: []byte("x")},
		"kernel/drivers/scsi/scsi_mod.ko":              {Data: module("name=scsi_mod", "depends=")},
		"kernel/drivers/usb/storage/usb-storage.ko.xz": {Data: compressed(t, module("name=usb_storage", "depends=scsi-mod"))},
		"kernel/lib/libcrc32c.ko":                      {Data: module("name=libcrc32c", "softdep=pre: crc32c extra post: other")},
		"kernel/crypto/crc32c_generic.ko":              {Data: module("name=crc32c_generic", "alias=crc32c", "alias=crypto-crc32c")},
		"kernel/round.ko":                              {Data: module("name=round", "depends=about")},
		"kernel/about.ko":                              {Data: module("name=about", "softdep=pre: turn", "alias=turn")},
		"kernel/drivers/bad.ko":                        {Data: []byte("not ELF")},
		"kernel/drivers/lone.ko":                       {Data: module("name=lone", "depends=nowhere")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestSelect(t *testing.T) {
	tests := []struct {
		name   string
		wanted []string
		paths  string
		unmet  []string
		err    error
	}{
		{"closure", []string{"ahci"}, "drivers/ata/ahci.ko drivers/ata/libahci.ko drivers/ata/libata.ko drivers/scsi/scsi_mod.ko", nil, nil},
		{"folder", []string{"drivers/ata/"}, "drivers/ata/ahci.ko drivers/ata/libahci.ko drivers/ata/libata.ko drivers/scsi/scsi_mod.ko", nil, nil},
		{"dashes and xz", []string{"usb-storage"}, "drivers/scsi/scsi_mod.ko drivers/usb/storage/usb-storage.ko", nil, nil},
		{"soft dependency unmet", []string{"libcrc32c"}, "lib/libcrc32c.ko", []string{"libcrc32c: crc32c", "libcrc32c: extra"}, nil},
		{"soft dependency by alias", []string{"libcrc32c", "crc32c_generic"}, "crypto/crc32c_generic.ko lib/libcrc32c.ko", []string{"libcrc32c: extra"}, nil},
		{"missing", []string{"nothere"}, "", nil, ErrMissing},
		{"missing dependency", []string{"lone"}, "", nil, ErrMissing},
		{"empty folder", []string{"drivers/none/"}, "", nil, ErrMissing},
		{"circle", []string{"round"}, "about.ko round.ko", nil, ErrCycle},
		{"not a module", []string{"bad"}, "", nil, ErrModule},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tree(t).Select(tt.wanted...)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Select says %v", err)
			}
			var paths []string
			for _, m := range s.Modules {
				paths = append(paths, strings.TrimPrefix(m.Path, "kernel/"))
			}
			if got := strings.Join(paths, " "); got != tt.paths {
				t.Errorf("modules are %s", got)
			}
			if !slices.Equal(s.Unmet, tt.unmet) {
				t.Errorf("unmet are %v", s.Unmet)
			}
		})
	}
}

func TestTables(t *testing.T) {
	s, err := tree(t).Select("ahci", "i8042", "libcrc32c", "crc32c_generic")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(s.Dep()), `kernel/crypto/crc32c_generic.ko:
kernel/drivers/ata/ahci.ko: kernel/drivers/ata/libahci.ko kernel/drivers/ata/libata.ko kernel/drivers/scsi/scsi_mod.ko
kernel/drivers/ata/libahci.ko: kernel/drivers/ata/libata.ko kernel/drivers/scsi/scsi_mod.ko
kernel/drivers/ata/libata.ko: kernel/drivers/scsi/scsi_mod.ko
kernel/drivers/scsi/scsi_mod.ko:
kernel/lib/libcrc32c.ko:
`; got != want {
		t.Errorf("modules.dep is\n%s", got)
	}
	if got := ParseAliases(s.Alias()).Match("pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01"); !slices.Equal(got, []string{"ahci"}) {
		t.Errorf("modules.alias matches %v", got)
	}
	want := map[string][]string{"libcrc32c": {"crc32c", "extra"}}
	if got := ParseSoftDep(s.SoftDep()); !reflect.DeepEqual(got, want) {
		t.Errorf("modules.softdep reads as %v", got)
	}
	if !slices.Equal(s.Builtin, []string{"i8042"}) {
		t.Errorf("built-in: %v", s.Builtin)
	}
}

func TestMatch(t *testing.T) {
	table := ParseAliases([]byte("# comment\n" +
		"alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage\n" +
		"alias usb:v*p*d*dc*dsc*dp*ic08isc06ip62in* uas\n" +
		"alias acpi*:PNP0C0A:* battery\n" +
		"alias hid:b0003g*v000005ACp0000021[DEF] hid_apple\n" +
		"alias hid:b*g*v*p* hid_generic\n" +
		"alias dmi:*svnSome Maker:* quirk\n" +
		"alias sd_mod sd_mod_alias\n" +
		"alias short\n"))
	tests := []struct{ name, modalias, want string }{
		{"storage", "usb:v0930p6545d0100dc00dsc00dp00ic08isc06ip50in00", "usb_storage"},
		{"uas", "usb:v0930p6545d0100dc00dsc00dp00ic08isc06ip62in00", "uas"},
		{"open bus", "acpi:PNP0C0A:", "battery"},
		{"set", "hid:b0003g0001v000005ACp0000021E", "hid_apple hid_generic"},
		{"outside the set", "hid:b0003g0001v000005ACp0000021A", "hid_generic"},
		{"slash and space", "dmi:bvnX:bd12/25/2013:svnSome Maker:pn1:", "quirk"},
		{"name", "sd_mod", "sd_mod_alias"},
		{"other", "pci:v1", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(table.Match(tt.modalias), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a*c", "abbc", true},
		{"a*c", "abcd", false}, {"*b*d*", "abcd", true}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[", "[", true}, {"a[", "a", false},
		{"*aab", "aaab", true}, {"a**", "a", true},
	}
	for _, tt := range tests {
		if got := glob(tt.pattern, tt.s); got != tt.want {
			t.Errorf("glob(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
}

func FuzzReadInfo(f *testing.F) {
	f.Add(module("name=ahci", "depends=a,b", "alias=x", "softdep=pre: a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := ReadInfo(bytes.NewReader(b))
		if err != nil && !errors.Is(err, ErrModule) {
			t.Errorf("untyped error: %v", err)
		}
		if strings.Contains(in.Name, "-") {
			t.Errorf("name is not normal: %q", in.Name)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("alias usb:v*[a-c]? m\n", "usb:v1b2")
	f.Fuzz(func(_ *testing.T, table, modalias string) {
		ParseAliases([]byte(table)).Match(modalias)
		ParseSoftDep([]byte(table))
	})
}
