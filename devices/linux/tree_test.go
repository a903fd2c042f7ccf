//go:build linux

package linux

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/massho/massho/devices"
)

var (
	update = flag.Bool("update", false, "write the goldens anew")
	record = flag.String("record", "", "write this machine's sysfs, mounts and swaps to FILE")
)

// A tree file is sysfs and proc as text: "-- path --" and the content of an
// attribute, or "-- path -> target --" for a symbolic link.

func unpack(t *testing.T, text []byte) tree {
	t.Helper()
	root := t.TempDir()
	tr := tree{sys: filepath.Join(root, "sys"), proc: filepath.Join(root, "proc"), dev: filepath.Join(root, "dev")}
	var name string
	var body []string
	flush := func() {
		if name == "" {
			return
		}
		path, target, isLink := strings.Cut(name, " -> ")
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case isLink:
			err = os.Symlink(target, full)
		case strings.HasSuffix(path, "/"):
			err = os.MkdirAll(full, 0o755)
		default:
			err = os.WriteFile(full, []byte(strings.Join(body, "\n")), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sc := bufio.NewScanner(bytes.NewReader(text))
	for sc.Scan() {
		line := sc.Text()
		if inner, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(inner, " --") {
			flush()
			name, body = strings.TrimSuffix(inner, " --"), nil
			continue
		}
		body = append(body, line)
	}
	flush()
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return tr
}

// seen is what a golden keeps of a device.
type seen struct {
	Name      string            `json:"name"`
	Transport devices.Transport `json:"transport"`
	Class     devices.Class     `json:"class"`
	Location  string            `json:"location,omitempty"`
	Parent    string            `json:"parent,omitempty"`
	Siblings  []string          `json:"siblings,omitempty"`
	Model     string            `json:"model,omitempty"`
	Sector    uint32            `json:"sector,omitempty"`
	Sectors   uint64            `json:"sectors,omitempty"`
	Removable bool              `json:"removable,omitempty"`
	ReadOnly  bool              `json:"readOnly,omitempty"`
	Stack     devices.Stack     `json:"stack"`
	Problem   string            `json:"problem,omitempty"`
	Wires     string            `json:"wires,omitempty"`
	Refusals  []devices.Code    `json:"refusals,omitempty"` // of the stack and the class alone
}

func seeAll(t *testing.T, tr tree, opt devices.DetectOptions) []seen {
	t.Helper()
	fs, err := tr.walk(opt)
	if err != nil {
		t.Fatal(err)
	}
	var out []seen
	for _, f := range fs {
		d := f.dev
		s := seen{Name: d.Name, Transport: d.Transport, Class: d.Class, Location: d.Location,
			Parent: strings.TrimPrefix(d.Parent, tr.sys+"/"), Siblings: d.Siblings, Model: d.Identity.Model,
			Sector: d.Identity.LogicalSector, Sectors: d.Identity.Sectors, Removable: d.Removable, ReadOnly: d.ReadOnly,
			Stack: d.Stack, Problem: d.IdentityProblem}
		if f.ask && asked(d) {
			s.Wires = wires(newRoad(f.node, f.kind, handle{}))
		}
		for _, r := range devices.Refusals(d, devices.Environment{}) {
			if r.Code != devices.CodeSerialMissing { // nobody was asked yet
				s.Refusals = append(s.Refusals, r.Code)
			}
		}
		out = append(out, s)
	}
	return out
}

func wires(r *road) string {
	var out []string
	for name, has := range map[string]bool{"scsi": r.scsi != nil, "ata": r.sat != nil, "mmc": r.mmc != nil,
		fmt.Sprintf("nvme-%d", r.nsid): r.nvme != nil, "careful": r.careful()} {
		if has {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Every tree in testdata, recorded or handmade, is walked and compared.
func TestTrees(t *testing.T) {
	files, err := filepath.Glob("testdata/*.tree")
	if err != nil || len(files) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".tree"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(seeAll(t, unpack(t, text), devices.DetectOptions{Loop: []string{"loop0"}}), "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".tree") + ".golden"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(got)+"\n" {
				t.Errorf("%s differs (-update writes it anew); got\n%s", golden, got)
			}
		})
	}
}

// recorded are the attributes and links that a recording keeps: all that the
// package reads, and what tells a reader which drive it was.
var recorded = strings.Fields(`dev size ro removable hidden nsid serial cid csd type vendor model rev state raid_level
	proc_name transport subsysnqn firmware_rev address class device remapped_nvme port_no bay_identifier
	enclosure_identifier sas_address logical_block_size physical_block_size rotational zoned write_cache
	partition start backing_file uuid name oemid manfid date fwrev hwrev bInterfaceClass bInterfaceSubClass
	bInterfaceProtocol idVendor idProduct manufacturer product cntlid wwid eui driver subsystem`)

// recordTree writes the parts of sysfs that hold drives.
func recordTree(tr tree) ([]byte, error) {
	var out bytes.Buffer
	dirs := map[string]bool{}
	rel := func(p string) string { return "sys/" + strings.TrimPrefix(p, tr.sys+"/") }
	for _, class := range []string{"block", "class/block", "class/nvme", "class/scsi_device", "class/scsi_tape", "bus/pci/devices"} {
		for _, name := range node(tr.sys).list(class) {
			link := filepath.Join(tr.sys, class, name)
			target, err := os.Readlink(link)
			if err != nil {
				continue
			}
			n, err := tr.resolve(class, name)
			if err != nil {
				continue
			}
			if class == "bus/pci/devices" && !strings.HasPrefix(n.attr("class"), "0x01") {
				continue
			}
			fmt.Fprintf(&out, "-- %s -> %s --\n", rel(link), target)
			for p := string(n); len(p) > len(tr.sys+"/devices"); p = filepath.Dir(p) {
				dirs[p] = true
			}
			for _, sub := range []string{"queue", "loop", "dm", "holders", "device"} {
				dirs[filepath.Join(string(n), sub)] = true
			}
		}
	}
	var order []string
	for d := range dirs {
		order = append(order, d)
	}
	slices.Sort(order)
	for _, d := range order {
		if err := recordDir(&out, d, rel); err != nil {
			return nil, err
		}
	}
	for _, f := range []string{"self/mountinfo", "swaps"} {
		if b, err := os.ReadFile(filepath.Join(tr.proc, f)); err == nil {
			fmt.Fprintf(&out, "-- proc/%s --\n%s\n", f, strings.TrimRight(string(b), "\n"))
		}
	}
	return out.Bytes(), nil
}

func recordDir(out *bytes.Buffer, dir string, rel func(string) string) error {
	if st, err := os.Lstat(dir); err != nil || !st.IsDir() { // "device" is also a PCI attribute
		return nil
	}
	es, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range es {
		p := filepath.Join(dir, e.Name())
		inside := filepath.Base(dir) == "holders" || strings.HasPrefix(filepath.Base(dir), "nvme-subsys")
		switch {
		case e.Type()&fs.ModeSymlink != 0 && (inside || slices.Contains(recorded, e.Name())):
			if target, err := os.Readlink(p); err == nil {
				fmt.Fprintf(out, "-- %s -> %s --\n", rel(p), target)
			}
		case e.IsDir() && (e.Name() == "scsi_host" || e.Name() == "ata_port" || e.Name() == "sas_device"):
			for _, sub := range node(p).list("") {
				if err := recordDir(out, filepath.Join(p, sub), rel); err != nil {
					return err
				}
			}
		case e.Type().IsRegular() && slices.Contains(recorded, e.Name()):
			b, err := os.ReadFile(p)
			if err == nil && len(b) < 512 && utf8.Valid(b) {
				fmt.Fprintf(out, "-- %s --\n%s\n", rel(p), strings.TrimRight(string(b), "\n\x00"))
			}
		}
	}
	return nil
}

// What is recorded here walks as the machine itself does. With -record the
// recording is kept.
func TestRecordingWalksLikeTheMachine(t *testing.T) {
	live := NewSystem().tree
	if _, err := os.Stat(live.sys + "/block"); err != nil {
		t.Skip("no sysfs here:", err)
	}
	text, err := recordTree(live)
	if err != nil {
		t.Fatal(err)
	}
	if *record != "" {
		if err := os.WriteFile(*record, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	drop := func(ss []seen) []seen { // loop devices of other tests come and go; nodes are not recorded
		for i := range ss {
			ss[i].Stack = devices.Stack{Partitions: ss[i].Stack.Partitions}
			ss[i].Refusals = nil
		}
		return ss
	}
	a := drop(seeAll(t, live, devices.DetectOptions{}))
	b := drop(seeAll(t, unpack(t, text), devices.DetectOptions{}))
	ja, _ := json.Marshal(a)
	jb, _ := json.Marshal(b)
	if string(ja) != string(jb) {
		t.Errorf("live     %s\nrecorded %s", ja, jb)
	}
}
