package console

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/fbterm"
	"github.com/massho/massho/bootimage/fbterm/font"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

// manualDir holds the pictures of 操作手順書.
var manualDir = filepath.Join("..", "..", "..", "bootimage", "manual", "screens")

// manualPictureLimit keeps the manual small: it lies on every stick.
const manualPictureLimit = 60 << 10

// manualShots are the pictures of the manual: a PC with two drives of its own,
// the screens in the order in which they come.
var manualShots = []struct {
	name string
	edit func(*play)
	to   func(*sitter)
}{
	{"01-clock", nil, nil},
	{"02-people", nil, func(s *sitter) { s.press("enter", "1", "2") }},
	{"03-drives", nil, func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "down") }},
	{"04-category", func(w *play) { w.facts.Signed = false },
		func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "enter", "1", "enter", "1") }},
	{"05-plan", nil, func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "enter") }},
	{"06-confirm", nil, func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "enter", "enter", "9190", "enter") }},
	{"07-progress", nil, manualRun},
	{"08-results", nil, func(s *sitter) { manualRun(s); s.finish(0, nil) }},
	{"10-handover", nil, func(s *sitter) { manualRun(s); s.finish(0, nil); s.press("enter", "enter") }},
	{"13-large", nil, func(s *sitter) { manualRun(s); s.press("f6", "kasumi", "enter", "f5") }},
	{"20-pulled", nil, func(s *sitter) {
		manualRun(s)
		s.w.status.Pull, s.w.status.Why = PullGone, rules.Label{Ja: "記録はメモリにあります", En: "the record is in memory"}
		s.tick(time.Second)
	}},
}

// manualPC is the boot stick, a disk and an SSD, all of them in the roster.
func manualPC() *play {
	w := newPlay(stick(0), disk(10, "WDC WD10EZEX-08WN4A0", 1000), flash(3, "Samsung SSD 860 EVO 250GB", 250))
	w.facts.Case.Roster[0].ExpectedMedia = 2
	w.facts.Policy.RequireSecondPerson = true
	w.facts.Policy.DestructionDays = 30
	return w
}

// manualRun confirms both drives, each by two people, and lets them run.
func manualRun(s *sitter) {
	s.press("enter", "1", "2", "enter", "a", "enter")
	for _, end := range []string{"9190", "0093"} {
		s.press("enter", end, "enter", end, "enter")
	}
	ran := s.w.ran[0]
	s.w.heads(ran[0].Work.Plan.Target.Serial, ran[1].Work.Plan.Target.Serial)
	temp := int64(38)
	e := wipe.Event{Drive: ran[0].Work.Plan.Target.Serial, Phase: wipe.PhaseDevice, Step: 1, Steps: 1, Elapsed: 83 * time.Minute, Left: -1, TempC: &temp}
	s.w.reports[0].Event(e)
	e = wipe.Event{Drive: ran[1].Work.Plan.Target.Serial, Phase: wipe.PhaseWrite, Step: 3, Steps: 3, Pass: 1, Passes: 1, Total: 250e9, TempC: &temp, Elapsed: 9 * time.Minute}
	for i := range 20 {
		e.Done, e.Rate = 90e9+int64(i)*1e9, 380e6+float64(i*i*7%60)*2e6
		e.Left = time.Duration(float64(e.Total-e.Done)/e.Rate) * time.Second
		s.w.reports[0].Event(e)
	}
	s.tick(time.Second)
}

// TestManualPictures holds the pictures of 操作手順書 against what the screens
// are now; -update paints them again.
func TestManualPictures(t *testing.T) {
	ttf, err := font.Load()
	if errors.Is(err, font.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	small := canvases[0]
	r, err := fbterm.NewRenderer(small.cell, ttf)
	if err != nil {
		t.Fatal(err)
	}
	for _, shot := range manualShots {
		t.Run(shot.name, func(t *testing.T) {
			w := manualPC()
			if shot.edit != nil {
				shot.edit(w)
			}
			s := sit(t, w)
			if shot.to != nil {
				shot.to(s)
			}
			scr := screenOf(t, s.m.Render(small.Canvas), small.Canvas)
			defer scr.Close()
			got := fewColours(r.Image(scr))
			path := filepath.Join(manualDir, shot.name+".png")
			if *update {
				writePicture(t, path, got)
			}
			comparePicture(t, path, got)
		})
	}
}

// TestManualPicturesAreAllOurs: a picture that no test paints would grow old.
func TestManualPicturesAreAllOurs(t *testing.T) {
	ours := map[string]bool{}
	for _, shot := range manualShots {
		ours[shot.name+".png"] = true
	}
	found, err := filepath.Glob(filepath.Join(manualDir, "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no pictures: %v", err)
	}
	for _, path := range found {
		if !ours[filepath.Base(path)] {
			t.Errorf("%s is painted by no test: remove it", path)
		}
	}
}

// levels are the shades of each colour that a picture keeps: text stays as
// legible, and the file becomes a quarter as large.
const levels = 4

// fewColours copies img with few colours.
func fewColours(img image.Image) *image.Paletted {
	var p color.Palette
	step := func(i int) uint8 { return uint8(i * 255 / (levels - 1)) }
	for i := range levels * levels * levels {
		p = append(p, color.RGBA{step(i / levels / levels), step(i / levels % levels), step(i % levels), 255})
	}
	b := img.Bounds()
	out := image.NewPaletted(b, p)
	near := func(v uint32) int { return int(v>>8*(levels-1)+127) / 255 }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			red, green, blue, _ := img.At(x, y).RGBA()
			out.SetColorIndex(x, y, uint8(near(red)*levels*levels+near(green)*levels+near(blue)))
		}
	}
	return out
}

func writePicture(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// comparePicture allows for a pixel here and there: machines round the font's
// curves a little differently.
func comparePicture(t *testing.T, path string, got *image.Paletted) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > manualPictureLimit {
		t.Errorf("%s has %d bytes, %d at most", path, len(b), manualPictureLimit)
	}
	want, err := png.Decode(bytes.NewReader(b))
	if err != nil || want.Bounds() != got.Bounds() {
		t.Fatalf("%s: %v, or of another size", path, err)
	}
	other, size := 0, got.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			if want.At(x, y) != got.At(x, y) {
				other++
			}
		}
	}
	if other > size.X*size.Y/2000 {
		t.Errorf("%s: %d pixels differ: look at the screen, then paint the manual's pictures again with -update", path, other)
	}
}

// screenOf writes a frame to a terminal of that size.
func screenOf(t *testing.T, frame string, c Canvas) *fbterm.Screen {
	t.Helper()
	scr, err := fbterm.NewScreen(c.Cols, c.Rows)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scr.Write([]byte("\x1b[?25l" + string(bytes.ReplaceAll([]byte(frame), []byte("\n"), []byte("\r\n"))))); err != nil {
		t.Fatal(err)
	}
	return scr
}
