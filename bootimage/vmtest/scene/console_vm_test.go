//go:build linux

package scene

import (
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/vmtest"
)

// sitter sits at the keyboard of the virtual PC and reads what its serial port
// shows of the same console.
type sitter struct {
	t  *testing.T
	p  Play
	vm *vmtest.VM
}

func (s sitter) see(re string, within time.Duration) []string {
	s.t.Helper()
	m, err := s.vm.Expect(regexp.MustCompile(re), within)
	if err != nil {
		s.shot("lost")
		s.t.Fatalf("%v\n%s", err, s.vm.Log())
	}
	return m
}

// press types on the serial port: a key that is held repeats when the host is
// slow, and some keys choose and unchoose in turn.
func (s sitter) press(keys string) {
	s.t.Helper()
	if err := s.vm.Send(keys); err != nil {
		s.t.Fatal(err)
	}
}

// enter is one press of a key at the keyboard.
func (s sitter) enter() {
	s.t.Helper()
	if err := s.vm.Press("ret"); err != nil {
		s.t.Fatal(err)
	}
}

// shot takes a picture of the screen, which must show something. MASSHO_SCREENS
// names a folder that keeps the pictures.
func (s sitter) shot(name string) {
	s.t.Helper()
	lit := 0
	for end := time.Now().Add(20 * time.Second); lit < litPixels && time.Now().Before(end); {
		img, err := s.vm.Screen()
		if err != nil {
			s.t.Errorf("screen %s: %v", name, err)
			return
		}
		lit = bright(img)
	}
	if lit < litPixels {
		s.t.Errorf("screen %s: only %d pixels are lit", name, lit)
	}
	dir := os.Getenv("MASSHO_SCREENS")
	if dir == "" {
		dir = s.p.Dir
	}
	if err := s.vm.SaveScreen(filepath.Join(dir, name+".png")); err != nil {
		s.t.Error(err)
	}
}

// litPixels is far less than any screen of the console lights, and far more than
// a screen without its text.
const litPixels = 5000

func bright(img image.Image) (n int) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, bl, _ := img.At(x, y).RGBA(); r+g+bl > 0x8000 {
				n++
			}
		}
	}
	return n
}

// confirm types the end of a serial, as many characters as the screen asks for.
func (s sitter) confirm(serial string) {
	s.t.Helper()
	n, err := strconv.Atoi(s.see(`末尾(\d+)文字`, time.Minute)[1])
	if err != nil || n > len(serial) {
		s.t.Fatalf("%d characters, %v", n, err)
	}
	s.press(strings.ToLower(serial[len(serial)-n:]) + "\r")
}

// TestConsole walks a guided case by keys, from the clock to the last
// paper, leaves the drive alone that no case names, and ends with everything
// verified.
func TestConsole(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := playAs(t, true)
	unnamed := p.Disks()[Named].File
	untouched := hash(t, unnamed, 0, -1)
	cfg := p.Config(vmtest.UEFI)
	vm, err := vmtest.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	s := sitter{t, p, vm}
	s.see(`1 時計の確認`, 3*time.Minute)
	s.shot("clock")
	s.enter()
	s.see(`2 案件と立会者`, time.Minute)
	s.press("12")
	s.see(`\[x\] 立会職員`, time.Minute)
	s.shot("people")
	s.press("\r")
	s.see(`3 媒体の選択`, time.Minute)
	s.see(SerialUnnamed, time.Minute)
	s.press("a")
	s.see(`5台を選択`, time.Minute)
	s.shot("drives")
	s.press("\r")
	s.chooseNamed()
	s.see(`7 実行中`, time.Minute)
	s.shot("progress")
	s.see(`8 結果と記録`, cfg.Timeout)
	s.shot("results")
	s.press("\r")
	s.see(`9 見当たらない媒体`, time.Minute)
	s.press("\r")
	s.see(`10 引渡し`, time.Minute)
	s.shot("handover")
	s.press("\r")
	s.see(`電源を切ります`, time.Minute)
	s.press("\r")
	if m := s.see(exitLine.String(), time.Minute); m[1] != "0" {
		t.Fatalf("exit %s\n%s", m[1], vm.Log())
	}
	if err := vm.Wait(time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := hash(t, unnamed, 0, -1); got != untouched {
		t.Error("the drive that was skipped was changed")
	}
	p.checkEvidence(t)
}

// TestConsoleTraining trains on the stick: emulated drives are listed and one of
// them is erased to its paper, while no real drive and no record is touched.
func TestConsoleTraining(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := playAs(t, true)
	var before []string
	for _, d := range p.Disks() {
		before = append(before, hash(t, d.File, 0, -1))
	}
	cfg := p.Config(vmtest.UEFI)
	vm, err := vmtest.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	s := sitter{t, p, vm}
	s.see(`1 時計の確認`, 3*time.Minute)
	s.press("t")
	s.see(`DEMO-001`, time.Minute)
	s.press("\r")
	s.see(`2 案件と立会者`, time.Minute)
	s.press("12\r")
	s.see(`\[ \] DEMOUSB1004`, time.Minute)
	s.press(" \r")
	serial := s.see(`1/1  S/N (DEMO\w+)`, time.Minute)[1]
	s.press("\r")
	s.confirm(serial)
	s.see(`検証済み 1台`, time.Minute)
	s.shot("training")
	s.press("\r")
	s.see(`9 見当たらない媒体`, time.Minute)
	s.press("\r")
	s.see(`10 引渡し`, time.Minute)
	s.press("\r")
	s.see(`電源を切ります`, time.Minute)
	s.press("\r")
	if m := s.see(exitLine.String(), time.Minute); m[1] != "0" {
		t.Fatalf("exit %s\n%s", m[1], vm.Log())
	}
	if err := vm.Wait(time.Minute); err != nil {
		t.Fatal(err)
	}
	for i, d := range p.Disks() {
		if hash(t, d.File, 0, -1) != before[i] {
			t.Errorf("%s was changed by a training", filepath.Base(d.File))
		}
	}
	files, err := p.Collect()
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if strings.HasSuffix(name, ".pdf") || strings.HasSuffix(name, ".mjl") {
			t.Errorf("a training left %s on the stick", name)
		}
	}
}

// chooseNamed confirms every drive but the one that no case names.
func (s sitter) chooseNamed() {
	s.t.Helper()
	for i := range Named + 1 {
		serial := s.see(strconv.Itoa(i+1)+`/\d  S/N (SCENE\w+)`, time.Minute)[1]
		if serial == SerialUnnamed {
			s.press("s")
			continue
		}
		if serial == SerialHDD {
			s.shot("plan")
		}
		s.press("\r")
		s.see(`6 確認`, time.Minute)
		s.confirm(serial)
	}
}
