package verifycmd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/verify"
)

// TestClicked: what a clerk does who drops files on the program's icon and has
// never seen a terminal.
func TestClicked(t *testing.T) {
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	vectors := filepath.Join("..", "..", "..", "certs", "verify", "testdata", "v1")
	root, paper := filepath.Join(vectors, "root.pem"), filepath.Join(vectors, "row2.pdf")
	config := t.TempDir()
	for _, c := range []struct {
		name, typed string
		args        []string
		want        verify.Code
		says        string
	}{
		{"started with nothing", "\n", nil, verify.Usage, "調べるファイルかフォルダを指定してください"},
		{"a paper, and nobody is trusted yet", "\n", []string{paper}, verify.Usage, "root.pem は団体の担当から受け取ります"},
		{"a root, and no", "\n", []string{root}, verify.Usage, "加えませんでした"},
		{"a root, and the window closed", "", []string{root}, verify.Usage, "加えませんでした"},
		{"a root, and yes", "yes\n", []string{root}, verify.Valid, "信頼に加えました"},
		{"a paper", "\n", []string{paper}, verify.Valid, "row2.pdf: 有効"},
		{"a folder", "\n", []string{vectors}, verify.Valid, "2 件のうち 2 件が有効"},
		{"root and paper together", "\n", []string{root, paper}, verify.Unreadable, "root.pem: 読めない"},
	} {
		var out bytes.Buffer
		code := Run(c.args, Env{Prog: "massho-verify", In: strings.NewReader(c.typed), Out: &out, Err: &out,
			Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), ConfigDir: config, Clicked: true})
		if code != int(c.want) || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %d, want %d and %q\n%s", c.name, code, c.want, c.says, &out)
		}
		if !strings.HasSuffix(out.String(), "Enter キーで終わります。") {
			t.Errorf("%s: the window vanishes before anybody can read it", c.name)
		}
	}
}

// TestNotClicked: a terminal is never kept waiting.
func TestNotClicked(t *testing.T) {
	var out bytes.Buffer
	Run(nil, Env{Prog: "massho-verify", Out: &out, Err: &out})
	if strings.Contains(out.String(), "Enter") {
		t.Error("it waits in a terminal")
	}
}
