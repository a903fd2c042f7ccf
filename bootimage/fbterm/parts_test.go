package fbterm

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"io"
	"testing"
)

func TestChooseCell(t *testing.T) {
	for _, c := range []struct {
		w, h       int
		want       CellSize
		cols, rows int
	}{
		{640, 480, CellSize{8, 16}, 80, 30},
		{800, 600, CellSize{10, 20}, 80, 30},
		{1024, 768, CellSize{12, 24}, 85, 32},
		{1280, 800, CellSize{12, 24}, 106, 33},
		{1366, 768, CellSize{12, 24}, 113, 32},
		{1280, 1024, CellSize{16, 32}, 80, 32},
		{1920, 1080, CellSize{18, 36}, 106, 30},
		{3840, 2160, CellSize{36, 72}, 106, 30},
		{2880, 1800, CellSize{28, 56}, 102, 32},
		{640, 400, CellSize{8, 16}, 80, 25},
		{320, 200, CellSize{6, 12}, 53, 16},
	} {
		got := ChooseCell(c.w, c.h)
		if got != c.want || c.w/got.W != c.cols || c.h/got.H != c.rows {
			t.Errorf("%dx%d: %v gives %dx%d, want %v and %dx%d", c.w, c.h, got, c.w/got.W, c.h/got.H, c.want, c.cols, c.rows)
		}
	}
}

func TestFormats(t *testing.T) {
	px := color.RGBA{0xff, 0x84, 0x08, 0xff}
	for _, c := range []struct {
		name             string
		bpp              uint32
		red, green, blue channel
		want             []byte
	}{
		{"rgb565", 16, channel{11, 5}, channel{5, 6}, channel{0, 5}, []byte{0x21, 0xfc}},
		{"rgb888", 24, channel{16, 8}, channel{8, 8}, channel{0, 8}, []byte{0x08, 0x84, 0xff}},
		{"xrgb8888", 32, channel{16, 8}, channel{8, 8}, channel{0, 8}, []byte{0x08, 0x84, 0xff, 0}},
		{"xbgr8888", 32, channel{0, 8}, channel{8, 8}, channel{16, 8}, []byte{0xff, 0x84, 0x08, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := newFormat(c.bpp, c.red, c.green, c.blue)
			if err != nil {
				t.Fatal(err)
			}
			// Three pixels wide, and lines longer than that.
			stride := 3*f.bytes + 5
			p := plane{mem: make([]byte, 2*stride), width: 3, height: 2, stride: stride, format: f}
			img := image.NewRGBA(image.Rect(0, 0, 2, 2))
			img.SetRGBA(0, 0, px)
			img.SetRGBA(0, 1, px)
			img.SetRGBA(1, 1, px) // beyond the right edge below
			p.Blit(2, 0, img)
			want := make([]byte, 2*stride)
			copy(want[2*f.bytes:], c.want)
			copy(want[stride+2*f.bytes:], c.want)
			if !bytes.Equal(p.mem, want) {
				t.Errorf("%x, want %x", p.mem, want)
			}
			p.clear()
			if !bytes.Equal(p.mem, make([]byte, 2*stride)) {
				t.Errorf("after clear: %x", p.mem)
			}
		})
	}
}

func TestFormatRefused(t *testing.T) {
	eight := channel{0, 8}
	for _, c := range []struct {
		name             string
		bpp              uint32
		red, green, blue channel
	}{
		{"palette", 8, eight, eight, eight},
		{"one bit", 1, channel{0, 1}, channel{0, 1}, channel{0, 1}},
		{"ten bits a colour", 32, channel{20, 10}, channel{10, 10}, channel{0, 10}},
		{"no red", 32, channel{}, eight, eight},
		{"beyond the pixel", 16, channel{12, 5}, channel{5, 6}, channel{0, 5}},
	} {
		if _, err := newFormat(c.bpp, c.red, c.green, c.blue); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
}

type recorder struct{ at []image.Rectangle }

func (r *recorder) Blit(x, y int, img *image.RGBA) {
	r.at = append(r.at, img.Rect.Add(image.Pt(x, y)))
}

func TestPaintsOnlyChanges(t *testing.T) {
	r, err := NewRenderer(CellSize{10, 20}, testFont(t))
	if err != nil {
		t.Fatal(err)
	}
	s := screen(t, 20, 5, "\x1b[?25l抹消 abc")
	for _, c := range []struct {
		name, out string
		want      []image.Rectangle
	}{
		{"nothing", "", nil},
		{"the same again", "\x1b[1;1H抹消 abc", nil},
		{"one narrow", "\x1b[1;7HX", []image.Rectangle{image.Rect(60, 0, 70, 20)}},
		{"one wide", "\x1b[2;1H字", []image.Rectangle{image.Rect(0, 20, 20, 40)}},
		{"half of a wide one", "\x1b[2;2Hx", []image.Rectangle{image.Rect(0, 20, 10, 40), image.Rect(10, 20, 20, 40)}},
		{"cursor shows", "\x1b[3;1H\x1b[?25h", []image.Rectangle{image.Rect(0, 40, 10, 60)}},
		{"cursor moves", "\x1b[3;2H", []image.Rectangle{image.Rect(0, 40, 10, 60), image.Rect(10, 40, 20, 60)}},
	} {
		if c.name == "nothing" {
			r.Paint(s, &recorder{})
		}
		if _, err := s.Write([]byte(c.out)); err != nil {
			t.Fatal(err)
		}
		var rec recorder
		if n := r.Paint(s, &rec); n != len(rec.at) {
			t.Errorf("%s: says %d, did %d", c.name, n, len(rec.at))
		}
		if len(rec.at) != len(c.want) {
			t.Errorf("%s: painted %v, want %v", c.name, rec.at, c.want)
			continue
		}
		for i := range rec.at {
			if rec.at[i] != c.want[i] {
				t.Errorf("%s: painted %v, want %v", c.name, rec.at, c.want)
			}
		}
	}
	r.Forget()
	if n := r.Paint(s, &recorder{}); n < 90 {
		t.Errorf("after Forget: painted %d cells of 100", n)
	}
}

func TestNoFont(t *testing.T) {
	if _, err := NewRenderer(CellSize{10, 20}, nil); !errors.Is(err, ErrNoFont) {
		t.Errorf("%v, want ErrNoFont", err)
	}
	if _, err := NewRenderer(CellSize{10, 20}, []byte("not a font")); err == nil || errors.Is(err, ErrNoFont) {
		t.Errorf("broken font: %v", err)
	}
}

func TestScreenReads(t *testing.T) {
	s := screen(t, 10, 3, "")
	s.Type([]byte("abc"))
	buf := make([]byte, 2)
	for _, want := range []string{"ab", "c"} {
		n, err := s.Read(buf)
		if err != nil || string(buf[:n]) != want {
			t.Errorf("%q %v, want %q", buf[:n], err, want)
		}
	}
	if _, err := s.Write([]byte("\x1b[?2027$p\x1b[2;5H\x1b[6n")); err != nil {
		t.Fatal(err)
	}
	var got []byte
	want := "\x1b[?2027;1$y\x1b[2;5R"
	for len(got) < len(want) {
		n, err := s.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if string(got) != want {
		t.Errorf("answers %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Read(buf); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("after Close: %d %v, want EOF", n, err)
	}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Error("Write after Close returned no error")
	}
}

func TestFilter(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text", "抹消 abc\r\n", "抹消 abc\r\n"},
		{"bell and other controls", "a\x07\x00\x0e\x7fb", "ab"},
		{"sgr", "\x1b[38;2;1;2;3;4:3mx", "\x1b[38;2;1;2;3;4:3mx"},
		{"bright colours", "\x1b[1;91;107mx\x1b[38;5;93m\x1b[48;2;95;96;97;92m", "\x1b[1;38;5;9;48;5;15mx\x1b[38;5;93m\x1b[48;2;95;96;97;38;5;10m"},
		{"private mode", "\x1b[?1049h\x1b[?2026$p", "\x1b[?1049h\x1b[?2026$p"},
		{"save and restore cursor", "\x1b7a\x1b8b", "ab"},
		{"margins", "\x1b[2;3ra", "a"},
		{"title, ended by BEL", "\x1b]0;title\x07a", "a"},
		{"title, ended by ST", "\x1b]0;title\x1b\\a", "a"},
		{"device control string", "\x1bP$q m\x1b\\a", "a"},
		{"character set", "\x1b(Ba", "a"},
		{"keyboard protocols", "\x1b[>4;2m\x1b[=1;1ua", "a"},
		{"number too large", "\x1b[99999Ca", "a"},
		{"soft reset", "\x1b[!pa", "a"},
		{"cut off by another", "\x1b[1\x1b[2Ja", "\x1b[2Ja"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var whole, bits filter
			if got := string(whole.run([]byte(c.in))); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			var got []byte
			for i := range len(c.in) {
				got = append(got, bits.run([]byte{c.in[i]})...)
			}
			if string(got) != c.want {
				t.Errorf("byte by byte %q, want %q", got, c.want)
			}
		})
	}
}

func TestTranslateKeys(t *testing.T) {
	for in, want := range map[string]string{
		"abc": "abc", "\x1b[[A": "\x1bOP", "\x1b[[E": "\x1b[15~", "\x1b[17~": "\x1b[17~", "x\x1b[[By": "x\x1bOQy", "\x1b": "\x1b",
	} {
		if got := string(translateKeys([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestKeymaps(t *testing.T) {
	if _, err := Keymap("dvorak").entries(); err == nil {
		t.Error("unknown keymap accepted")
	}
	us, err := KeymapUS.entries()
	if err != nil {
		t.Fatal(err)
	}
	jis, err := KeymapJIS.entries()
	if err != nil {
		t.Fatal(err)
	}
	if len(us) != len(jis) {
		t.Fatalf("%d entries undo %d", len(us), len(jis))
	}
	for i := range us {
		if us[i].table != jis[i].table || us[i].key != jis[i].key {
			t.Errorf("entry %d: key %d undoes key %d", i, us[i].key, jis[i].key)
		}
	}
	// Shift+2 is a quotation mark on a JIS keyboard: table 1, key 3, '"'.
	want := keyEntry{1, 3, '"'}
	if jis[1] != want || want.word() != 0x00220301 {
		t.Errorf("%+v %#x", jis[1], want.word())
	}
}
