package fonts

import (
	"errors"
	"os"
	"testing"
	"testing/fstest"
)

// need skips on a bare clone, but never in CI.
func need(t *testing.T) *Set {
	t.Helper()
	s, err := Load()
	if errors.Is(err, ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMissing(t *testing.T) {
	s := need(t)
	for _, c := range []struct{ name, text, want string }{
		{"kanji of both weights", "○○市長 様　髙﨑①㈱", ""},
		{"name kanji beyond the BMP", "𠮷野", ""},
		{"no glyph anywhere", "a\U0001F600b\U0001F600", "\U0001F600"},
		{"control character", "a\tb", "\t"},
		{"line feed is layout", "a\nb", ""},
	} {
		if got := string(s.Missing(c.text)); got != c.want {
			t.Errorf("%s: missing %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPick(t *testing.T) {
	s := need(t)
	if s.Pick('漢', true) != s.Bold || s.Pick('漢', false) != s.Regular || s.Pick('𠮷', true) != s.Fallback {
		t.Error("wrong font picked")
	}
	if !s.NeedsFallback("𠮷") || s.NeedsFallback("吉") {
		t.Error("NeedsFallback is wrong")
	}
}

func TestBareClone(t *testing.T) {
	_, err := open(fstest.MapFS{"ttf/README.md": {Data: []byte("x")}})
	if !errors.Is(err, ErrAbsent) {
		t.Fatalf("%v, want ErrAbsent", err)
	}
}
