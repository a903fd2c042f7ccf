package destroy

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// issued is a paper with one photograph.
func issued(t *testing.T, a sample.Authority, boss deed.Signer) []byte {
	t.Helper()
	r, files := stageB(t, a, boss, 1)
	file, err := deed.Issue(r, files, boss)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func open(file []byte, trust keys.Trust) error {
	var r Record
	_, err := deed.Open(file, &r, trust)
	return err
}

// TestNoByteMayChange flips bytes all over the file.
func TestNoByteMayChange(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	file := issued(t, a, staff(t, a, "v1", certs.RoleValidator, "確認 三郎"))
	step := len(file)/250 + 1
	for i := 0; i < len(file); i += step {
		bad := bytes.Clone(file)
		bad[i] ^= 4
		if open(bad, a.Trust()) == nil {
			t.Fatalf("byte %d (%q) changed, and it opens", i, file[i])
		}
	}
	for _, bad := range [][]byte{nil, file[:len(file)/2], append(bytes.Clone(file), '\n'), append(bytes.Clone(file), file...)} {
		if open(bad, a.Trust()) == nil {
			t.Errorf("%d bytes instead of %d open", len(bad), len(file))
		}
	}
}

// TestResigned: a signer who changes page or photograph and signs again is
// caught, because the page is drawn again from the signed content.
func TestResigned(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	boss := staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
	file := issued(t, a, boss)
	sections, err := pdf.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	resign := func(edit func(o *pdf.Object)) []byte {
		first := sections[0]
		first.Objects = append([]pdf.Object{}, first.Objects...)
		for i := range first.Objects {
			edit(&first.Objects[i])
		}
		out, err := pades.Sign(pdf.Append(nil, first), pades.Info{Field: "validator-1", Name: "確認 三郎", Reason: "x", Time: done}, boss.Pair, a.Root.Cert)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if err := open(resign(func(*pdf.Object) {}), a.Trust()); err != nil {
		t.Fatalf("signed again without a change: %v", err)
	}
	other := picture(t, 20, 20, nil)
	for name, c := range map[string]struct {
		edit func(o *pdf.Object)
		want error
	}{
		"photograph on the page": {func(o *pdf.Object) {
			if strings.Contains(o.Body, "/DCTDecode") {
				o.Stream = other
			}
		}, deed.ErrPage},
		"title":              {func(o *pdf.Object) { o.Body = strings.Replace(o.Body, "/Title <FEFF", "/Title <FEFF0041", 1) }, deed.ErrPage},
		"attachment renamed": {func(o *pdf.Object) { o.Body = strings.ReplaceAll(o.Body, "(photo-01.jpg)", "(photo-02.jpg)") }, deed.ErrFiles},
		"content renamed": {func(o *pdf.Object) {
			o.Body = strings.ReplaceAll(o.Body, "(statement.dsse.json)", "(statement.dsse.jsox)")
		}, deed.ErrForm},
	} {
		if err := open(resign(c.edit), a.Trust()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWhoMaySign(t *testing.T) {
	needFonts(t)
	a, other, drill := sample.New(t, false), sample.New(t, false), sample.New(t, true)
	boss := staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
	file := issued(t, a, boss)
	if err := open(file, other.Trust()); !errors.Is(err, keys.ErrUnknownSigner) {
		t.Errorf("another authority: %v", err)
	}
	list, err := keys.Revoke(a.Root, nil, boss.Pair.Cert, done)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := keys.ParseTrust(keys.EncodeCerts(a.Root.Cert), list)
	if err != nil {
		t.Fatal(err)
	}
	var r Record
	if o, err := deed.Open(file, &r, trust); !errors.Is(err, keys.ErrRevoked) || r.Number == "" || o.Hash == "" {
		t.Errorf("revoked: %v, %q", err, r.Number)
	}
	// A countersignature by a stick, or under another authority, spoils the paper.
	for name, p := range map[string]struct {
		pair keys.Pair
		root keys.Pair
		want error
	}{
		"stick":         {a.Stick, a.Root, deed.ErrSigner},
		"other's staff": {staff(t, other, "v1", certs.RoleValidator, "x").Pair, other.Root, keys.ErrUnknownSigner},
		"training":      {staff(t, drill, "v1", certs.RoleValidator, "x").Pair, drill.Root, keys.ErrUnknownSigner},
	} {
		both, err := pades.Sign(file, pades.Info{Field: "validator-2", Name: "x", Reason: "x", Time: done.Add(time.Hour)}, p.pair, p.root.Cert)
		if err != nil {
			t.Fatal(err)
		}
		if err := open(both, a.Trust()); !errors.Is(err, p.want) {
			t.Errorf("%s: %v, want %v", name, err, p.want)
		}
	}
	// A certificate is no deed, and a deed of another kind is refused.
	paper := a.Issue(t, a.Statement(rules.Row2))
	if err := open(paper, a.Trust()); err == nil || !strings.HasPrefix(deed.Kind(paper), "statement/") {
		t.Errorf("a certificate: %v, kind %q", err, deed.Kind(paper))
	}
}

// TestJudges asks programs that did not see our code.
func TestJudges(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	file := issued(t, a, staff(t, a, "v1", certs.RoleValidator, "確認 三郎"))
	path := t.TempDir() + "/d.pdf"
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, j := range []struct {
		args []string
		want string
	}{
		{[]string{"pdfsig", path}, "Signature is Valid"},
		{[]string{"pdftotext", "-layout", path, "-"}, "破壊の完了証明書"},
		{[]string{"qpdf", "--check", path}, "No syntax or stream encoding errors found"},
		{[]string{"pdfimages", "-list", path}, "jpeg"},
	} {
		if _, err := exec.LookPath(j.args[0]); err != nil {
			if os.Getenv("CI") != "" {
				t.Error(err)
			}
			continue
		}
		out, err := exec.Command(j.args[0], j.args[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), j.want) {
			t.Errorf("%s: %v\n%s", j.args[0], err, out)
		}
	}
}

func TestLabels(t *testing.T) {
	needFonts(t)
	hash := strings.Repeat("ab", 32)
	list := []Waiting{
		{Ref: deed.Ref{Number: "R8-012-U1-0001", Payload: hash}, Serial: "WD-WCC3F0000001", Model: "WDC WD10EZEX-00BN5A0", Asset: "B-0001", Row: rules.Row1, Due: done},
		{Ref: deed.Ref{Number: "R8-012-U1-0002", Payload: hash}, Serial: "ＷＤ2", Asset: "B-0002", Row: rules.Row2, InsideOnly: true, Training: true},
		{Ref: deed.Ref{Number: "R8-012-U1-0003", Payload: hash}, Serial: "TWIN", Row: rules.Row1},
		{Ref: deed.Ref{Number: "R8-012-U1-0004", Payload: hash}, Serial: "TWIN", Row: rules.Row1},
		{Ref: deed.Ref{Number: "R8-012-U1-0005", Payload: hash}, Row: rules.Row1},
	}
	file, err := Labels(list, "R8-012 令和8年度 庁内端末等廃棄", "massho-office 0.1.0", done)
	if err != nil {
		t.Fatal(err)
	}
	look(t, "labels", file)
	for name, c := range map[string]struct {
		input  string
		number string
		how    Identified
	}{
		"whole serial":      {"wd-wcc3f0000001", "R8-012-U1-0001", ByTyping},
		"width":             {"wd２", "R8-012-U1-0002", ByTyping},
		"its end":           {"0000001", "", ""},
		"two of one serial": {"TWIN", "", ""},
		"label":             {" massho:1:R8-012-U1-0004:" + hash + "\r\n", "R8-012-U1-0004", ByLabel},
		"label of another":  {"massho:1:R8-012-U1-0004:" + strings.Repeat("0", 64), "", ""},
		"nothing":           {"", "", ""},
	} {
		w, how, err := Find(list, c.input)
		if w.Ref.Number != c.number || how != c.how || (err != nil) != (c.number == "") {
			t.Errorf("%s: %s %s, %v", name, w.Ref.Number, how, err)
		}
	}
}

// TestPaperOutlivesTheKey: whoever leaves has their key revoked; what they signed
// before stays, where a colleague's signature shows that it was before.
func TestPaperOutlivesTheKey(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	first, second := staff(t, a, "w1", certs.RoleWitness, "渡邉 一郎"), staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
	op := staff(t, a, "op1", certs.RoleOperator, "髙橋 花子")
	alone := issued(t, a, first)
	countersign := func(by deed.Signer, field string, after time.Duration) []byte {
		b, err := pades.Sign(alone, pades.Info{Field: field, Name: "x", Reason: "x", Time: done.Add(after)}, by.Pair, a.Root.Cert)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		file    []byte
		revoked time.Duration
		want    error
	}{
		"nobody else signed":                {alone, 48 * time.Hour, keys.ErrRevoked},
		"a colleague signed before":         {countersign(second, "validator-1", time.Hour), 48 * time.Hour, nil},
		"a colleague signed after":          {countersign(second, "validator-1", 72*time.Hour), 48 * time.Hour, keys.ErrRevoked},
		"the contractor signed before":      {countersign(op, "operator-1", time.Hour), 48 * time.Hour, keys.ErrRevoked},
		"revoked before the paper was made": {countersign(second, "validator-1", time.Hour), -time.Hour, keys.ErrRevoked},
	} {
		list, err := keys.Revoke(a.Root, nil, first.Pair.Cert, done.Add(c.revoked))
		if err != nil {
			t.Fatal(err)
		}
		trust, err := keys.ParseTrust(keys.EncodeCerts(a.Root.Cert), list)
		if err != nil {
			t.Fatal(err)
		}
		var r Record
		if _, err := deed.OpenWith(c.file, &r, deed.Options{Trust: trust, Now: done.AddDate(1, 0, 0)}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
