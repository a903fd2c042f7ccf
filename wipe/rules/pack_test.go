package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// A released pack never changes: certificates carry its hash. When this fails,
// put the pack back and make a new one with a new id.
var releasedPacks = map[string]string{
	"soumu-r7.3": "4fd9da6059782513f89f7d853905d432f0c0d4ef9bd7f10d1d3a4633bcfd9d23",
}

func TestReleasedPacksAreUnchanged(t *testing.T) {
	if ids := PackIDs(); len(ids) != len(releasedPacks) {
		t.Fatalf("%d packs, %d pinned", len(ids), len(releasedPacks))
	}
	files, err := os.ReadDir("packs")
	if err != nil || len(files) != len(releasedPacks) {
		t.Fatalf("%d pack files, %d pinned: %v", len(files), len(releasedPacks), err)
	}
	for id, want := range releasedPacks {
		p, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile("packs/" + id + ".json")
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if p.Hash() != want || hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s: hash %s, want %s", id, p.Hash(), want)
		}
	}
}

func TestLoad(t *testing.T) {
	for _, id := range []string{"", "soumu-r8", "../packs/soumu-r7.3", "soumu-r7.3.json"} {
		if _, err := Load(id); !errors.Is(err, ErrNoPack) {
			t.Errorf("Load(%q): %v", id, err)
		}
	}
	if p := Default(); p.ID != DefaultID || p.Edition != "令和7年3月4日" || !strings.Contains(p.NewerEdition.Ja, "より新しい版") || !strings.Contains(p.NewerEdition.En, "newer edition") {
		t.Errorf("default pack: %s %s %v", p.ID, p.Edition, p.NewerEdition)
	}
}

// The words that are legal terms, letter by letter.
func TestPackText(t *testing.T) {
	p := Default()
	for row, verb := range map[Row]string{Row1: "物理的に破壊", Row2: "抹消", Row3: "消去"} {
		r, ok := p.Row(row)
		if !ok || r.Verb != verb || !strings.Contains(r.Disposal, verb) {
			t.Errorf("row (%d): %q in %q", row, r.Verb, r.Disposal)
		}
	}
	for item, text := range map[string]string{
		"①": "物理的な方法による破壊", "②": "磁気的な方法による破壊",
		"③": "OS等からのアクセスが不可能な領域も含めた領域のデータ消去装置又はデータ消去ソフトウェアによる上書き消去",
		"④": "ブロック消去", "⑤": "暗号化消去",
	} {
		m, _ := p.Method(item)
		row2, _ := p.Row(Row2)
		if m.Text != text || !strings.Contains(row2.Disposal, item+text) {
			t.Errorf("%s: %q", item, m.Text)
		}
	}
	if r, _ := p.Row(Row1); strings.Join(r.Ways, "・") != "分解・粉砕・溶解・焼却・細断" || !strings.HasPrefix(r.Disposal, strings.Join(r.Ways, "・")) {
		t.Errorf("ways of row (1): %v", r.Ways)
	}
	if n := len(p.Table711.Rows); n != 4 {
		t.Errorf("表7-1-1 has %d rows", n)
	}
	if _, ok := p.Row(4); ok {
		t.Error("there is no row (4)")
	}
}

func TestMethodAllowed(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		item string
		m    MediumKind
		want bool
	}{
		{"②", MediumHDD, true}, {"②", MediumTape, true}, {"②", MediumFloppy, true},
		{"②", MediumSSD, false}, {"②", MediumUSBFlash, false}, {"②", MediumSD, false}, {"②", MediumEMMC, false},
		{"②", MediumSSHD, false}, {"②", MediumUnknown, false}, {"②", MediumOptical, false},
		{"①", MediumSSD, true}, {"⑥", MediumHDD, false}, {"①", "gramophone", false},
	} {
		ok, why := p.MethodAllowed(c.item, c.m)
		if ok != c.want || !ok && (why.Ja == "" || why.En == "") {
			t.Errorf("%s on %s: %v %v", c.item, c.m, ok, why)
		}
	}
}

// ParsePack refuses a table that the code could misread.
func TestParsePackRefuses(t *testing.T) {
	good, err := os.ReadFile("packs/soumu-r7.3.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new string }{
		{"schema", "massho/rule-pack/1", "massho/rule-pack/2"},
		{"unknown field", `"edition"`, `"editions"`},
		{"unknown technique", `"techniques": ["mmc-erase-sanitize"]`, `"techniques": ["trim"]`},
		{"unknown medium", `"media": ["emmc"]`, `"media": ["gramophone"]`},
		{"unknown condition", `"needs": ["device-evidence"]`, `"needs": ["hope"]`},
		{"no condition", `"needs": ["device-evidence"]`, `"needs": []`},
		{"claims row (1)", `"row": 2, "item": "④"`, `"row": 1, "item": "①"`},
		{"claims ②", `"row": 2, "item": "④"`, `"row": 2, "item": "②"`},
		{"claims Destroy", `"nist": "Purge"`, `"nist": "Destroy"`},
		{"device command as the host's word", `"item": "④", "nist": "Purge", "basis": "device-attested"`, `"item": "④", "nist": "Purge", "basis": "host-verified"`},
		{"label without a reason", `"why": {
        "code": "erase-unit`, `"whx": {
        "code": "erase-unit`},
		{"medium that stands for another", `"sshd": ["hdd", "ssd"]`, `"sshd": ["unknown"]`},
		{"row missing", `"row": 3,
        "label"`, `"row": 4,
        "label"`},
		{"method missing", `{"item": "④", "text": "ブロック消去"}`, `{"item": "⑥", "text": "ブロック消去"}`},
		{"refused without a reason", `"item": "①", "text"`, `"item": "①", "refusedOn": ["ssd"], "text"`},
		{"newer edition missing", `"ja": "本表は`, `"jp": "本表は`},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := bytes.Replace(good, []byte(c.old), []byte(c.new), 1)
			if bytes.Equal(bad, good) {
				t.Fatal("the pack has no such text to spoil")
			}
			if _, err := ParsePack(bad); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := ParsePack(append(slices.Clone(good), "{}"...)); err == nil {
		t.Error("trailing data accepted")
	}
}

// A pack handed out belongs to its caller.
func TestLoadIsFresh(t *testing.T) {
	a := Default()
	a.Claims[0].Needs = nil
	if b := Default(); len(b.Claims[0].Needs) == 0 {
		t.Error("one caller changed another's pack")
	}
}
