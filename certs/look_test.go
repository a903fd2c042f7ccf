package certs_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/wipe/rules"
)

// needFonts skips on a bare clone, but never in CI.
func needFonts(t testing.TB) {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// papers is every kind of paper, the longest and the emptiest.
func papers(a sample.Authority) map[string]certs.Statement {
	return map[string]certs.Statement{
		"row1-stage-a": a.Statement(rules.Row1), "row2": a.Statement(rules.Row2), "row3": a.Statement(rules.Row3),
		"longest-failed": a.Longest(), "emptiest": a.Empty(),
	}
}

// TestLook writes every paper to MASSHO_LOOK, for people to look at.
func TestLook(t *testing.T) {
	needFonts(t)
	dir := os.Getenv("MASSHO_LOOK")
	for _, c := range []struct {
		training   bool
		lang, mark string
	}{{false, "ja", ""}, {true, "ja", "-training"}, {true, "en", "-en"}} {
		a := sample.New(t, c.training)
		for name, s := range papers(a) {
			s.Layout.Lang = c.lang
			b := a.Issue(t, s)
			name += c.mark
			if dir == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name+".pdf"), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
