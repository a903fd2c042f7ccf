package fbterm

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/massho/massho/bootimage/fbterm/font"
)

var update = flag.Bool("update", false, "write the golden files again")

func testFont(t *testing.T) []byte {
	t.Helper()
	b, err := font.Load()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return b
}

func screen(t *testing.T, cols, rows int, out string) *Screen {
	t.Helper()
	s, err := NewScreen(cols, rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Write([]byte(out)); err != nil {
		t.Fatal(err)
	}
	return s
}

// sample has one of everything that is drawn in a way of its own.
const sample = "\x1b[1m抹消\x1b[0m massho 0123 AaGgQq \x1b[7m 反転 \x1b[0m \x1b[4m下線\x1b[0m \x1b[2m淡い\x1b[0m\r\n" +
	"┌──┬──┐ ┏━━┳━━┓ ╔══╦══╗ ╭──╮\r\n│壱│弐│ ┃参┃四┃ ║五║六║ │縁│\r\n" +
	"├──┼──┤ ┣━━╋━━┫ ╠══╬══╣ ╰──╯\r\n└──┴──┘ ┗━━┻━━┛ ╚══╩══╝\r\n" +
	"▁▂▃▄▅▆▇█ ▏▎▍▌▋▊▉█ ░▒▓ ▖▗▘▙▚▛▜▝▞▟\r\n" +
	"⠁⠂⠄⡀⠈⠐⠠⢀⣿⣶⣤⣀ → … ① ※ ° × ≥ |\r\n" +
	"\x1b[31m赤\x1b[32m緑\x1b[33m黄\x1b[34m青\x1b[35m紫\x1b[36m水\x1b[37m白\x1b[0m \x1b[97;41m 抜かないでください \x1b[0m\r\n" +
	"\x1b[30;43m 訓練 \x1b[30;107m紙\x1b[92m緑\x1b[0m \x1b[38;2;255;128;0m橙\x1b[0m 葛\U000e0100城 か\u3099 \U00020bb7野 𝕏 終\x1b[?25l"

func TestGoldenPictures(t *testing.T) {
	ttf := testFont(t)
	for _, c := range []struct {
		name string
		size CellSize
	}{
		{"10x20", CellSize{10, 20}}, {"11x22", CellSize{11, 22}}, {"32x64", CellSize{32, 64}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := NewRenderer(c.size, ttf)
			if err != nil {
				t.Fatal(err)
			}
			compareImage(t, filepath.Join("testdata", "sample-"+c.name+".png"), r.Image(screen(t, 48, 10, sample)))
		})
	}
}

func compareImage(t *testing.T, path string, got *image.RGBA) {
	t.Helper()
	if *update {
		var b bytes.Buffer
		if err := png.Encode(&b, got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bounds() != got.Bounds() {
		t.Fatalf("%s: %v, want %v", path, got.Bounds(), want.Bounds())
	}
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			r, g, b, _ := want.At(x, y).RGBA()
			c := got.RGBAAt(x, y)
			if uint8(r>>8) != c.R || uint8(g>>8) != c.G || uint8(b>>8) != c.B {
				t.Fatalf("%s: pixel (%d,%d) is %v; look at the picture, then -update", path, x, y, c)
			}
		}
	}
}

func TestCellText(t *testing.T) {
	for _, c := range []struct{ name, out, want string }{
		{"plain", "a抹b", "a抹b\n"},
		{"narrow over left half", "抹消\x1b[1;1Hx", "x 消\n"},
		{"narrow over right half", "抹消\x1b[1;2Hx", " x消\n"},
		{"wide over two halves", "抹消\x1b[1;2H字", " 字\n"},
		{"erase half", "抹消\x1b[1;2H\x1b[1X", "  消\n"},
		{"wide does not fit the edge", "\x1b[1;10H抹", "\n\n"},
		{"insert line", "一\r\n二\x1b[1;1H\x1b[L三", "三\n一\n二\n"},
		{"delete character", "抹消xyz\x1b[1;3H\x1b[2P", "抹xyz\n"},
		{"insert character", "抹消\x1b[1;3H\x1b[1@.", "抹.消\n"},
		{"scroll", "一\r\n二\r\n三\r\n四", "二\n三\n四\n"},
		{"variation selector joins its kanji", "葛\U000e0100x", "葛\U000e0100x\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := screen(t, 10, 3, c.out).Text()
			if c.name == "wide does not fit the edge" {
				got = strings.ReplaceAll(strings.ReplaceAll(got, "抹", ""), " ", "")
			}
			if strings.TrimSpace(got) != strings.TrimSpace(c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// FuzzScreen holds that no output, however broken, leaves half a character.
func FuzzScreen(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("\x1b[5;3r\x1b[?69h\x1b[3;2s抹\x1b[99@\x1b[99P\x1b[999L\x1bM"))
	f.Fuzz(func(t *testing.T, out []byte) {
		s := screen(t, 12, 4, "")
		if _, err := s.Write(out); err != nil {
			t.Fatal(err)
		}
		for y := range 4 {
			for x := range 12 {
				switch c := s.Cell(x, y); {
				case c.Width == 2 && (x == 11 || s.Cell(x+1, y).Width != 0),
					c.Width == 0 && (x == 0 || s.Cell(x-1, y).Width != 2),
					c.Width == 0 && c.Text != "", c.Width > 0 && c.Text == "":
					t.Fatalf("cell (%d,%d) is half a character: %+v", x, y, c)
				}
			}
		}
	})
}
