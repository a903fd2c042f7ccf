// Package fonts holds the fonts of the certificates' pages.
//
// The files are embedded at build time and not committed: a program built from
// a bare clone compiles, and Load says how to build it with fonts. The same
// fonts are needed to check a page later, so a Statement names their hashes.
package fonts

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed ttf
var files embed.FS

// ErrAbsent means that the program was built without fonts.
var ErrAbsent = errors.New("this program was built without fonts, so it can neither print nor check a page; " +
	"build it with `make build` (or run `certs/fonts/fetch.sh .cache/fonts certs/fonts/ttf` first)")

// Font is one TrueType font.
type Font struct {
	Name   string // as a Statement names it
	Data   []byte
	SHA256 string // hex, of Data

	mu    sync.Mutex
	sfnt  *sfnt.Font
	buf   sfnt.Buffer
	cache map[rune]glyph
}

type glyph struct {
	has     bool
	advance float64 // em
}

// Set is the fonts of one layout. Fallback holds kanji that Regular lacks and
// none that it has.
type Set struct {
	Regular, Bold, Fallback *Font
}

var load = sync.OnceValues(func() (*Set, error) { return open(files) })

// Load returns the embedded fonts, or ErrAbsent.
func Load() (*Set, error) { return load() }

// Available is nil when the program can print, else it says how to build one
// that can.
func Available() error {
	_, err := Load()
	return err
}

func open(fsys fs.FS) (*Set, error) {
	var s Set
	var err error
	if s.Regular, err = read(fsys, "BIZUDPGothic-Regular.ttf"); err != nil {
		return nil, err
	}
	if s.Bold, err = read(fsys, "BIZUDPGothic-Bold.ttf"); err != nil {
		return nil, err
	}
	if s.Fallback, err = read(fsys, "MasshoFallback.ttf.gz"); err != nil {
		return nil, err
	}
	return &s, nil
}

func read(fsys fs.FS, name string) (*Font, error) {
	b, err := fs.ReadFile(fsys, "ttf/"+name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("font %s: %w", name, ErrAbsent)
	}
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	if base, ok := bytes.CutSuffix([]byte(name), []byte(".gz")); ok {
		name = string(base)
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
		if b, err = io.ReadAll(z); err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
	}
	sum := sha256.Sum256(b)
	f := &Font{Name: name, Data: b, SHA256: hex.EncodeToString(sum[:]), cache: map[rune]glyph{}}
	if f.sfnt, err = sfnt.Parse(b); err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	return f, nil
}

// Has reports whether the font can draw r.
func (f *Font) Has(r rune) bool { return f.glyph(r).has }

// Advance is the width of r in em, 0 when the font cannot draw it.
func (f *Font) Advance(r rune) float64 { return f.glyph(r).advance }

func (f *Font) glyph(r rune) glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.cache[r]
	if ok {
		return g
	}
	if i, err := f.sfnt.GlyphIndex(&f.buf, r); err == nil && i != 0 {
		em := fixed.I(int(f.sfnt.UnitsPerEm()))
		if adv, err := f.sfnt.GlyphAdvance(&f.buf, i, em, font.HintingNone); err == nil {
			g = glyph{has: true, advance: float64(adv) / float64(em)}
		}
	}
	f.cache[r] = g
	return g
}

// Pick returns the font that draws r in the given weight, or nil when none
// does. The fallback has one weight.
func (s *Set) Pick(r rune, bold bool) *Font {
	f := s.Regular
	if bold {
		f = s.Bold
	}
	switch {
	case f.Has(r):
		return f
	case s.Fallback.Has(r):
		return s.Fallback
	}
	return nil
}

// Missing returns the runes of text that cannot be drawn, each once, in order.
// Control characters cannot; a line feed can.
func (s *Set) Missing(text string) (missing []rune) {
	seen := map[rune]bool{}
	for _, r := range text {
		if r == '\n' || seen[r] {
			continue
		}
		seen[r] = true
		if unicode.IsControl(r) || s.Pick(r, false) == nil || s.Pick(r, true) == nil {
			missing = append(missing, r)
		}
	}
	return missing
}

// NeedsFallback reports whether text holds a rune that only Fallback draws.
func (s *Set) NeedsFallback(text string) bool {
	for _, r := range text {
		if s.Pick(r, false) == s.Fallback || s.Pick(r, true) == s.Fallback {
			return true
		}
	}
	return false
}

// Missing is Set.Missing of the embedded fonts. It is what a case's names are
// checked with when it is loaded, long before anything is printed.
func Missing(text string) ([]rune, error) {
	s, err := Load()
	if err != nil {
		return nil, err
	}
	return s.Missing(text), nil
}
