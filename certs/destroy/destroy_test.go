package destroy

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
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

var done = sample.Day.Add(72 * time.Hour)

// staff is a person of the office with a key.
func staff(t testing.TB, a sample.Authority, id, role, name string) deed.Signer {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: id, Role: role}, CommonName: name, Organisation: "試験市 情報政策課", Title: "主任",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(3, 0, 0)}, &a.Root)
	if err != nil {
		t.Fatal(err)
	}
	return deed.Signer{Pair: p, Root: a.Root.Cert}
}

// picture is a photograph of w × h, with the given Exif block.
func picture(t testing.TB, w, h int, exif []byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8((x / 40 % 2) * 200), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	if exif == nil {
		return b.Bytes()
	}
	app1 := append([]byte{0xFF, 0xE1, byte((len(exif) + 8) >> 8), byte(len(exif) + 8)}, append([]byte("Exif\x00\x00"), exif...)...)
	return append(append(append([]byte{}, b.Bytes()[:2]...), app1...), b.Bytes()[2:]...)
}

// stageB is a full record for the row (1) medium of sample.
func stageB(t testing.TB, a sample.Authority, by deed.Signer, photos int) (*Record, map[string][]byte) {
	t.Helper()
	s := a.Statement(rules.Row1)
	payload, err := certs.Payload(s)
	if err != nil {
		t.Fatal(err)
	}
	h, err := keys.HolderOf(by.Pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	issuer := certs.Person{Role: h.Role, ID: h.ID, Name: by.Pair.Cert.Subject.CommonName, Organisation: "試験市 情報政策課", Title: "主任", Contact: "内線 321"}
	r := &Record{
		Head:     deed.Head{Number: "R8-012-D0001", Issued: done, Case: s.Case, Issuer: issuer, Tool: certs.Tool{Name: "massho-office", Version: "0.1.0"}},
		RulePack: certs.RulePackRef{ID: rules.DefaultID, Edition: rules.Default().Edition, Source: rules.Default().Source, Hash: rules.Default().Hash()},
		Policy:   s.Policy, Category: s.Classification.Category, Row: rules.Row1,
		Medium: Medium{Model: s.Medium.Model, Serial: s.Medium.Serial, Kind: s.Medium.Kind, How: ByTyping, Typed: strings.ToLower(s.Medium.Serial)},
		Asset:  s.Asset, Host: s.Host,
		StageA: &StageA{Ref: deed.Ref{Number: s.Number, Payload: certs.Hash(payload)}, Title: s.Derivation.Paper.Label().Ja, Paper: s.Derivation.Paper,
			Issued: s.Issued, Outcome: s.Derivation.Outcome, Reached: s.Derivation.Reached},
		Method: &Method{Item: "①", Way: "粉砕", Device: "例示工業 SHRED-9000", Detail: "粒径 10 mm 以下"},
		Place:  "株式会社 例示データ消去 処理センター（例県例市1-1）", Performed: done.Add(-2 * time.Hour),
		Performer: certs.Person{Name: "𠮷野 次郎", Organisation: "株式会社 例示データ消去", Title: "処理責任者", Contact: "03-0000-0000"},
		Watch:     Watch{Kind: WatchCamera, Person: certs.Person{Name: "渡邉 一郎", Organisation: "試験市 情報政策課", Title: "主査", Contact: "内線 123"}, Reference: "監視カメラ 2番 録画 20261124-01"},
		Deadline:  done.AddDate(0, 0, 20),
	}
	files := map[string][]byte{}
	for i := range photos {
		w, hh := 400, 300
		if i%2 == 1 {
			w, hh = 300, 500
		}
		p, jpg, err := Shrink(picture(t, w, hh, exifBlock('I', i%3 == 0)), []string{"製造番号ラベル", "破砕前", "破砕後の破片"}[i%3], i+1)
		if err != nil {
			t.Fatal(err)
		}
		r.Photos = append(r.Photos, p)
		files[p.File] = jpg
	}
	return r, files
}

func notErased(r *Record, reason Reason) {
	r.StageA, r.Inside, r.Place = nil, true, "試験市役所 地下1階 作業室"
	r.NotErased = &NotErased{Reason: reason, Detail: "電源を入れても回転しない。別の機器でも認識されない。", Approver: r.Issuer}
	r.Watch.Kind, r.Watch.Reference = WatchWitness, ""
}

func look(t *testing.T, name string, file []byte) {
	t.Helper()
	if dir := os.Getenv("MASSHO_LOOK"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestIssueAndOpen(t *testing.T) {
	needFonts(t)
	for _, training := range []bool{false, true} {
		a := sample.New(t, training)
		boss := staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
		for name, edit := range map[string]func(*Record){
			"row1": func(*Record) {},
			"label": func(r *Record) {
				r.Medium.How, r.Medium.Typed = ByLabel, certs.QRText(r.StageA.Number, r.StageA.Payload)
			},
			"row2-magnetic": func(r *Record) {
				r.Row, r.Method = rules.Row2, &Method{Item: "②", Device: "例示磁気 DG-1", FieldStrength: "1.0 T (10,000 Oe)"}
			},
			"no-answer": func(r *Record) { notErased(r, ReasonNoAnswer) },
			"no-medium": func(r *Record) {
				notErased(r, ReasonNoMedium)
				r.Method, r.Medium = nil, Medium{Kind: rules.MediumUnknown, How: ByPhoto}
			},
			"late-outside": func(r *Record) {
				notErased(r, ReasonTakenOut)
				r.Inside, r.Watch, r.Deadline, r.Medium.Serial, r.Medium.How, r.Medium.Typed = false, Watch{Kind: WatchNone}, done.AddDate(0, 0, -1), "", ByPhoto, ""
			},
		} {
			r, files := stageB(t, a, boss, 3)
			edit(r)
			file, err := deed.Issue(r, files, boss)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if training {
				name += "-training"
			}
			look(t, "destroy-"+name, file)
			var got Record
			o, err := deed.Open(file, &got, a.Trust())
			if err != nil || !certs.SameJSON(got, *r) || got.Training != training || len(o.Signers) != 1 || deed.Kind(file) != "destruction/v1" {
				t.Errorf("%s: %v, kind %q", name, err, deed.Kind(file))
			}
			again, err := deed.Issue(r, files, boss)
			if err != nil || !bytes.Equal(file, again) {
				t.Errorf("%s: not the same bytes twice (%v)", name, err)
			}
		}
	}
}

func TestCountersigned(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	op, boss := staff(t, a, "op1", certs.RoleOperator, "髙橋 花子"), staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
	r, files := stageB(t, a, op, 1)
	file, err := deed.Issue(r, files, op)
	if err != nil {
		t.Fatal(err)
	}
	both, err := pades.Sign(file, pades.Info{Field: "validator-1", Name: "確認 三郎", Reason: "受理", Time: done.Add(time.Hour)}, boss.Pair, a.Root.Cert)
	if err != nil {
		t.Fatal(err)
	}
	var got Record
	o, err := deed.Open(both, &got, a.Trust())
	if err != nil || len(o.Signers) != 2 || o.Signers[1].By.Holder.Role != certs.RoleValidator {
		t.Errorf("%d signers, %v", len(o.Signers), err)
	}
}

func TestRefused(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	boss, op := staff(t, a, "v1", certs.RoleValidator, "確認 三郎"), staff(t, a, "op1", certs.RoleOperator, "髙橋 花子")
	for name, c := range map[string]struct {
		by   deed.Signer
		edit func(*Record)
		want error
	}{
		"a hole":        {boss, func(r *Record) { r.Method.Way = "穴開け" }, ErrWay},
		"② for row (1)": {boss, func(r *Record) { r.Method = &Method{Item: "②", Device: "d", FieldStrength: "1 T"} }, ErrWay},
		"② for flash": {boss, func(r *Record) {
			r.Row, r.Medium.Kind, r.Method = rules.Row2, rules.MediumSSD, &Method{Item: "②", Device: "d", FieldStrength: "1 T"}
		}, ErrWay},
		"② for an unknown kind": {boss, func(r *Record) {
			r.Row, r.Medium.Kind, r.Method = rules.Row2, rules.MediumUnknown, &Method{Item: "②", Device: "d", FieldStrength: "1 T"}
		}, ErrWay},
		"② without field strength":      {boss, func(r *Record) { r.Row, r.Method = rules.Row2, &Method{Item: "②", Device: "d"} }, ErrWay},
		"overwriting is no destruction": {boss, func(r *Record) { r.Method.Item = "③" }, ErrWay},
		"another serial":                {boss, func(r *Record) { r.Medium.Typed = "WD-OTHER" }, ErrMedium},
		"the end of the serial":         {boss, func(r *Record) { r.Medium.Typed = r.Medium.Serial[4:] }, ErrMedium},
		"another label":                 {boss, func(r *Record) { r.Medium.How, r.Medium.Typed = ByLabel, "massho:1:x:y" }, ErrMedium},
		"photograph only, with serial":  {boss, func(r *Record) { r.Medium.How = ByPhoto }, ErrMedium},
		"no place":                      {boss, func(r *Record) { r.Place = " " }, deed.ErrForm},
		"no photograph":                 {boss, func(r *Record) { r.Photos = nil }, deed.ErrForm},
		"nobody named who watched":      {boss, func(r *Record) { r.Watch.Person.Name = "" }, deed.ErrForm},
		"before it was erased":          {boss, func(r *Record) { r.StageA.Issued = r.Performed.AddDate(0, 0, 2) }, deed.ErrForm},
		"after the paper":               {boss, func(r *Record) { r.Performed = done.AddDate(0, 0, 2) }, deed.ErrForm},
		"neither Stage A nor reason":    {boss, func(r *Record) { r.StageA = nil }, deed.ErrForm},
		"not erased, without staff":     {op, func(r *Record) { notErased(r, ReasonNoAnswer) }, errNeedsStaff},
		"failed erasure, without staff": {op, func(r *Record) { r.StageA.Paper = rules.PaperIncomplete }, errNeedsStaff},
		"another's approval":            {boss, func(r *Record) { notErased(r, ReasonNoAnswer); r.NotErased.Approver.Name = "他人" }, errNeedsStaff},
		"unknown reason":                {boss, func(r *Record) { notErased(r, "bored") }, deed.ErrForm},
		"another rule pack":             {boss, func(r *Record) { r.RulePack.Hash = strings.Repeat("0", 64) }, deed.ErrForm},
		"somebody else's key":           {op, func(r *Record) { r.Issuer.ID = "v1" }, deed.ErrSigner},
	} {
		r, files := stageB(t, a, c.by, 1)
		c.edit(r)
		if len(r.Photos) == 0 {
			files = nil
		}
		if _, err := deed.Issue(r, files, c.by); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	r, files := stageB(t, a, boss, 1)
	files["photo-01.jpg"] = append(bytes.Clone(files["photo-01.jpg"]), 0)
	if _, err := deed.Issue(r, files, boss); !errors.Is(err, deed.ErrFiles) {
		t.Errorf("another photograph: %v", err)
	}
	stick := deed.Signer{Pair: a.Stick, Root: a.Root.Cert}
	r, files = stageB(t, a, boss, 1)
	if _, err := deed.Issue(r, files, stick); !errors.Is(err, deed.ErrSigner) {
		t.Errorf("a stick's key: %v", err)
	}
}

func TestDeviations(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	boss := staff(t, a, "v1", certs.RoleValidator, "確認 三郎")
	for name, c := range map[string]struct {
		edit func(*Record)
		want string
	}{
		"none":                  {func(*Record) {}, ""},
		"nobody watched":        {func(r *Record) { r.Watch.Kind = WatchNone }, ""},
		"policy wants both":     {func(r *Record) { r.Watch.Kind, r.Policy.WitnessAndCertificate = WatchNone, true }, "no-watch"},
		"late":                  {func(r *Record) { r.Deadline = done.AddDate(0, 0, -1) }, "late"},
		"on the last day":       {func(r *Record) { r.Deadline = done }, ""},
		"inside only, outside":  {func(r *Record) { r.StageA.InsideOnly = true }, "outside no-staff"},
		"not erased, as asked":  {func(r *Record) { notErased(r, ReasonNoAnswer) }, "not-erased"},
		"not erased, by camera": {func(r *Record) { notErased(r, ReasonNoAnswer); r.Watch.Kind = WatchCamera }, "not-erased no-staff"},
		"failed erasure":        {func(r *Record) { r.StageA.Paper, r.StageA.Reached = rules.PaperIncomplete, rules.RowNone }, "not-completed outside no-staff"},
	} {
		r, _ := stageB(t, a, boss, 1)
		c.edit(r)
		var got []string
		for _, n := range r.Deviations() {
			got = append(got, n.Code)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}
