package page

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"image/png"

	"github.com/massho/massho/certs/fonts"
)

// need skips on a bare clone, but never in CI.
func need(t testing.TB) *fonts.Set {
	t.Helper()
	s, err := fonts.Load()
	if errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWrap(t *testing.T) {
	one := func(r rune) float64 {
		if r < 0x80 {
			return 0.5
		}
		return 1
	}
	for _, c := range []struct {
		name, text string
		width      float64
		want       string
	}{
		{"fits", "消去", 2, "消去"},
		{"breaks between kanji", "抹消措置の完了", 3, "抹消措|置の完|了"},
		{"full stop does not begin a line", "抹消した。次", 4, "抹消し|た。次"},
		{"opening bracket does not end a line", "あい「う」え", 3, "あい|「う」|え"},
		{"word is kept together", "型番 ABCDEF", 4, "型番|ABCDEF"},
		{"word wider than a line is split", "0123456789", 2, "0123|4567|89"},
		{"space at a break vanishes", "ab cd", 1.2, "ab|cd"},
		{"line feed breaks", "一\n二", 5, "一|二"},
		{"empty", "", 5, ""},
		{"small kana does not begin a line", "あいうっえ", 3, "あい|うっえ"},
		{"wide space at a break vanishes", "市長　様", 2, "市長|様"},
		{"date stays whole", "実施 2026-11-21", 5, "実施|2026-11-21"},
		{"only what may not begin", "。。。。", 2, "。。|。。"},
	} {
		if got := strings.Join(wrap(c.text, c.width, one), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzWrap: no line is wider than asked, and nothing but spaces and line feeds
// is lost.
func FuzzWrap(f *testing.F) {
	f.Add("抹消した。次 ABC-DEF", 3.0)
	f.Add("（（（（。。。。", 2.0)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if !(width >= 1 && width < 1000) {
			return
		}
		one := func(rune) float64 { return 1 }
		drop := strings.NewReplacer(" ", "", "\u3000", "", "\n", "")
		ls := wrap(text, width, one)
		for _, l := range ls {
			if n := len([]rune(l)); float64(n) > width && n > 1 {
				t.Fatalf("%q is wider than %v", l, width)
			}
		}
		if got, want := drop.Replace(strings.Join(ls, "")), drop.Replace(string([]rune(text))); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

func sample(long bool) Doc {
	times := 1
	if long {
		times = 40
	}
	rep := func(s string) string { return strings.Repeat(s, times) }
	return Doc{
		Title: "t", Creator: "massho", Created: time.Unix(0, 0).UTC(), Watermark: "訓練", Footer: rep("証明書番号 R8-1-S1-0001　"),
		Blocks: []Block{
			Letterhead{QR: "massho:1:R8-1-S1-0001:" + strings.Repeat("0123456789abcdef", 4),
				Lines: [][2]string{{"番号", rep("R8-1-S1-0001")}, {"発行日", "令和8年"}}, Stamp: "収受",
				Addressee: rep("𠮷野市長　様"), Sender: [][2]string{{"所在地", rep("東京都千代田区")}, {"商号", "株式会社"}}},
			Title{Text: rep("抹消措置の完了証明書"), Sub: "副題"},
			Box{Lead: rep("判定"), Lines: []string{rep("理由。"), "b"}, Heavy: true},
			Heading{rep("記憶媒体")},
			Fields{[][]Field{{{"型番", rep("WDC WD10EZEX-00BN5A0 ")}}, {{"製造番号", rep("0123456789")}, {"容量", "1 TB"}}}},
			Grid{[]string{"a", "b"}, []float64{1, 3}, [][]string{{"1", rep(rep("長い文章を折り返す。"))}, {"\x01", "\U0001F600"}}},
			Para{Text: rep("本文。")}, List{[]string{rep("一"), "二"}}, Gap{5},
			Graph{Title: "速度", XUnit: "s", YUnit: "MB/s", Curves: []Curve{{"a", []Point{{0, 10}, {50, 120}, {100, 80}}}}},
			Graph{Title: "空"}, PageBreak{}, Para{Text: "終", Bold: true},
		},
	}
}

// TestNothingLeavesItsFrame draws every block at its longest and shortest.
func TestNothingLeavesItsFrame(t *testing.T) {
	s := need(t)
	wide := sample(true)
	wide.Landscape = true
	for name, doc := range map[string]Doc{"short": sample(false), "long": sample(true), "landscape": wide} {
		c, err := newCanvas(doc, s)
		if err != nil {
			t.Fatal(err)
		}
		run(doc, c, 9)
		if c.err != nil || len(c.overflow) > 0 {
			t.Errorf("%s: error %v, %d texts leave their frame, first %.1q", name, c.err, len(c.overflow), c.overflow)
		}
	}
}

func TestRenderIsPure(t *testing.T) {
	s := need(t)
	a, err := Render(sample(true), s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Render(sample(true), s)
	if err != nil || !bytes.Equal(a, b) {
		t.Fatalf("two renderings differ (%v)", err)
	}
}

// TestLandscape: the page lies on its long side, as a stranger measures it.
func TestLandscape(t *testing.T) {
	doc := sample(false)
	doc.Landscape = true
	b, err := Render(doc, need(t))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := tool(t, "pdfinfo", file); err != nil || !strings.Contains(string(out), "841.89 x 595.28") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestJudges asks qpdf, pdftotext and a QR reader.
func TestJudges(t *testing.T) {
	s := need(t)
	b, err := Render(sample(false), s)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := tool(t, "qpdf", "--check", file); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	text, err := tool(t, "pdftotext", "-raw", file, "-")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"抹消措置の完了証明書", "WDC WD10EZEX-00BN5A0", "訓", "1 / 2", "〓"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("pdftotext does not find %q", want)
		}
	}
	if out, err := tool(t, "pdftoppm", "-r", "200", "-png", "-f", "1", "-l", "1", file, filepath.Join(dir, "p")); err != nil {
		t.Fatalf("pdftoppm: %v\n%s", err, out)
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "p*.png"))
	f, err := os.Open(pages[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	res, err := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil || !strings.HasPrefix(res.GetText(), "massho:1:R8-1-S1-0001:") {
		t.Errorf("QR: %v %v", res, err)
	}
}

// tool runs an outside judge; without it the test skips, but never in CI.
func tool(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	return exec.Command(name, args...).CombinedOutput()
}
