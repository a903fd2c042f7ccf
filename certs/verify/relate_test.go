package verify

import (
	"bytes"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/certs/summary"
	"github.com/massho/massho/wipe/rules"
)

// desk is an office with papers of every kind.
type desk struct {
	t     *testing.T
	a     sample.Authority
	files map[string][]byte
}

func (d *desk) staff(id, role string, days int) deed.Signer {
	d.t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Staff, ID: id, Role: role}, CommonName: "確認 三郎",
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(0, 0, days)}, &d.a.Root)
	if err != nil {
		d.t.Fatal(err)
	}
	return deed.Signer{Pair: p, Root: d.a.Root.Cert}
}

func (d *desk) head(number, id, role string, day int) deed.Head {
	return deed.Head{Number: number, Issued: sample.Day.AddDate(0, 0, day), Case: d.a.Statement(rules.Row2).Case, Tool: certs.Tool{Name: "massho-office"},
		Issuer: certs.Person{Role: role, ID: id, Name: "確認 三郎"}}
}

// put issues a deed under a name.
func (d *desk) put(name string, c deed.Content, files map[string][]byte, days int) {
	d.t.Helper()
	h := c.Base()
	b, err := deed.Issue(c, files, d.staff(h.Issuer.ID, h.Issuer.Role, days))
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	d.files[name] = b
}

// about is a notice about a certificate.
func (d *desk) about(number string, typ notice.Type, of string) *notice.Notice {
	d.t.Helper()
	s := parsed(d.t, d.files[of])
	return &notice.Notice{Head: d.head(number, "v1", certs.RoleValidator, 2), Type: typ, Reason: "理由", Target: notice.TargetOf(s, d.hash(of), d.files[of])}
}

func (d *desk) hash(of string) string { return File(of, d.files[of], options(d.a)).Hash }

// record is the destruction of a Stage A's medium.
func (d *desk) record(number, of, serial string) (*destroy.Record, map[string][]byte) {
	d.t.Helper()
	s := parsed(d.t, d.files[of])
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil); err != nil {
		d.t.Fatal(err)
	}
	photo, jpg, err := destroy.Shrink(b.Bytes(), "破片", 1)
	if err != nil {
		d.t.Fatal(err)
	}
	r := &destroy.Record{Head: d.head(number, "w1", certs.RoleWitness, 2), RulePack: s.RulePack, Policy: s.Policy, Category: s.Classification.Category, Row: s.Classification.Row,
		Medium: destroy.Medium{Serial: serial, Kind: s.Medium.Kind, How: destroy.ByTyping, Typed: serial}, Asset: s.Asset, Host: s.Host,
		StageA: &destroy.StageA{Ref: deed.Ref{Number: s.Number, Payload: d.hash(of)}, Title: "x", Paper: s.Derivation.Paper, Issued: s.Issued,
			Outcome: s.Derivation.Outcome, Reached: s.Derivation.Reached},
		Method: &destroy.Method{Item: "①", Way: "粉砕", Device: "SHRED"}, Place: "工場", Performed: sample.Day.AddDate(0, 0, 1), Performer: certs.Person{Name: "𠮷野"},
		Watch: destroy.Watch{Kind: destroy.WatchCamera, Person: certs.Person{Name: "渡邉"}}, Photos: []destroy.Photo{photo}}
	return r, map[string][]byte{photo.File: jpg}
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, a: sample.New(t, false), files: map[string][]byte{}}
	stageA, two := d.a.Statement(rules.Row1), d.a.Statement(rules.Row2)
	d.files["A"], d.files["2"] = d.a.Issue(t, stageA), d.a.Issue(t, two)

	d.put("reject", d.about("R8-012-N0001", notice.Reject, "2"), nil, 90)
	back := d.about("R8-012-N0002", notice.Withdraw, "2")
	back.Target.Ref = deed.Ref{Number: "R8-012-N0001", Payload: d.hash("reject")}
	d.put("reject withdrawn", back, nil, 90)
	d.put("reject, key over", d.about("R8-012-N0003", notice.Reject, "2"), nil, 3)
	fix := d.about("R8-012-N0004", notice.Correct, "2")
	fix.Changes = []notice.Change{{Field: "asset.number", Before: two.Asset.Number, After: "B-0099"}}
	d.put("correct", fix, nil, 90)
	wrong := d.about("R8-012-N0005", notice.Correct, "2")
	wrong.Changes = []notice.Change{{Field: "asset.number", Before: "ZZZ", After: "B-0099"}}
	d.put("correct what it does not say", wrong, nil, 90)
	for name, before := range map[string]string{"reissue": two.Asset.Number, "reissue of what it does not say": "ZZZ"} {
		n := d.about(two.Number+"-R1", notice.Reissue, "2")
		n.Changes = []notice.Change{{Field: "asset.number", Before: before, After: "B-0099"}}
		n.Original = &deed.FileRef{Name: notice.AttachedOriginal, MIME: "application/pdf", SHA256: deed.SHA256(d.files["2"]), Desc: "もとの書面"}
		d.put(name, n, map[string][]byte{notice.AttachedOriginal: d.files["2"]}, 90)
	}

	r, photos := d.record("R8-012-D0001", "A", stageA.Medium.Serial)
	d.put("destroyed", r, photos, 90)
	r, photos = d.record("R8-012-D0002", "A", "SOMETHING-ELSE")
	d.put("destroyed another", r, photos, 90)
	gone := d.about("R8-012-N0006", notice.Withdraw, "A")
	gone.Target.Ref = deed.Ref{Number: "R8-012-D0001", Payload: d.hash("destroyed")}
	d.put("destruction withdrawn", gone, nil, 90)

	line := func(name string) summary.Line {
		return summary.LineOf(parsed(t, d.files[name]), d.hash(name), deed.SHA256(d.files[name]))
	}
	done := line("A")
	done.Destroyed = &deed.Ref{Number: "R8-012-D0001", Payload: d.hash("destroyed")}
	sum := &summary.Summary{Head: d.head("R8-012-T0001", "w1", certs.RoleWitness, 2), Lines: []summary.Line{done, line("2")}, Missing: []summary.Missing{}}
	d.put("summary", sum, nil, 90)
	lie := line("2")
	lie.Outcome = rules.OutcomeFailed
	d.put("summary that lies", &summary.Summary{Head: d.head("R8-012-T0002", "w1", certs.RoleWitness, 2), Lines: []summary.Line{lie}, Missing: []summary.Missing{}}, nil, 90)
	done.Destroyed = &deed.Ref{Number: "R8-012-D0001", Payload: strings.Repeat("0", 64)}
	d.put("summary of another destruction", &summary.Summary{Head: d.head("R8-012-T0003", "w1", certs.RoleWitness, 2), Lines: []summary.Line{done}, Missing: []summary.Missing{}}, nil, 90)

	d.put("plain", &plain{Head: d.head("R8-012-X0001", "v1", certs.RoleValidator, 2)}, nil, 90)
	return d
}

// plain is a kind of deed that the checker does not know by itself.
type plain struct{ deed.Head }

func (p *plain) Kind() string          { return "plain/v1" }
func (p *plain) Title() string         { return "無地" }
func (p *plain) Validate() error       { return nil }
func (p *plain) Subjects() []deed.Ref  { return nil }
func (p *plain) Files() []deed.FileRef { return nil }
func (p *plain) Blocks(string, map[string][]byte) []page.Block {
	return []page.Block{page.Title{Text: "無地"}}
}

// TestRelations: what papers say of one another.
func TestRelations(t *testing.T) {
	needFonts(t)
	d := newDesk(t)
	flipped := bytes.Clone(d.files["reject"])
	flipped[6000] ^= 1
	d.files["reject, altered"] = flipped
	other := &desk{t: t, a: sample.New(t, false), files: map[string][]byte{"2": d.files["2"]}}
	foreign := d.about("R8-012-N0007", notice.Reject, "2")
	other.put("x", foreign, nil, 90)
	d.files["reject by another authority"] = other.files["x"]
	both := keys.Trust{Roots: append(d.a.Trust().Roots, other.a.Root.Cert)}
	known := map[string]func() deed.Content{"plain/v1": func() deed.Content { return &plain{} }}

	for _, c := range []struct {
		name  string
		files string // separated by |
		opt   func(*Options)
		want  []Code // of each file
		says  string
	}{
		{"rejected", "2|reject", nil, []Code{Superseded, Valid}, "R8-012-N0001 により却下された"},
		{"the order does not matter", "reject|2", nil, []Code{Valid, Superseded}, ""},
		{"another paper was rejected", "A|reject", nil, []Code{Valid, Valid}, ""},
		{"the rejection was withdrawn", "2|reject|reject withdrawn", nil, []Code{Valid, Superseded, Valid}, "この通知は取り消された"},
		{"an altered rejection", "2|reject, altered", nil, []Code{Valid, Altered}, ""},
		{"rejected by another authority", "2|reject by another authority", func(o *Options) { o.Trust = both }, []Code{Valid, Valid}, ""},
		{"rejected by a key that is over", "2|reject, key over", func(o *Options) { o.Now = sample.Day.AddDate(0, 0, 10) }, []Code{NeedsConfirmation, NeedsConfirmation}, "要確認の通知 R8-012-N0003"},
		{"corrected", "2|correct", nil, []Code{Valid, Valid}, "訂正: 管理番号 「B-0002」→「B-0099」"},
		{"corrected what it does not say", "2|correct what it does not say", nil, []Code{RelationDiffers, Valid}, "訂正が、この書面の記載と合わない"},
		{"issued again", "2|reissue", nil, []Code{Superseded, Valid}, "もとの書面 R8-012-S1-0002 は有効"},
		{"issued again, alone", "reissue", nil, []Code{Valid}, ""},
		{"issued again with another entry", "reissue of what it does not say", nil, []Code{RelationDiffers}, "再発行の訂正が"},
		{"two under one number", "reissue|reissue of what it does not say", nil, []Code{DuplicateNumber, DuplicateNumber}, ""},

		{"Stage A alone", "A", complete, []Code{Incomplete}, "この書面は完了を証明しない"},
		{"Stage A and its destruction", "A|destroyed", complete, []Code{Valid, Valid}, "破壊の完了証明書 R8-012-D0001 がある"},
		{"Stage A and the destruction of another medium", "A|destroyed another", complete, []Code{Incomplete, RelationDiffers}, "別の媒体の破壊である"},
		{"destruction withdrawn", "A|destroyed|destruction withdrawn", complete, []Code{Incomplete, Superseded, Valid}, ""},
		{"destruction of another paper", "2|destroyed", complete, []Code{Valid, Valid}, ""},

		{"summary", "summary|A|2|destroyed", nil, []Code{Valid, Valid, Valid, Valid}, "総括表の 2 行のうち 2 行を、手元の書面と比べた"},
		{"summary alone", "summary", nil, []Code{Valid}, ""},
		{"summary that lies", "summary that lies|2", nil, []Code{RelationDiffers, Valid}, "総括表の R8-012-S1-0002 の行が"},
		{"summary of another destruction", "summary of another destruction|A|destroyed", nil, []Code{RelationDiffers, Valid, Valid}, ""},
		{"summary with a rejected paper", "summary|2|reject", nil, []Code{Valid, Superseded, Valid}, "R8-012-S1-0002: 後の書面により"},

		{"a kind that nobody knows", "plain", nil, []Code{NotChecked}, "plain/v1"},
		{"a kind that the program knows", "plain", func(o *Options) { o.Kinds = known }, []Code{Valid}, "無地"},
		{"stick lost, nothing else", "A", lost(t, d), []Code{RevokedUnbounded}, ""},
		{"stick lost after the witness signed about it", "A|destroyed", lost(t, d), []Code{Valid, Valid}, "職員の書面 R8-012-D0001"},
	} {
		o := options(d.a)
		o.Now = sample.Day.AddDate(0, 0, 3)
		if c.opt != nil {
			c.opt(&o)
		}
		var files []Named
		for _, name := range strings.Split(c.files, "|") {
			if d.files[name] == nil {
				t.Fatalf("no %q", name)
			}
			files = append(files, Named{Name: name, Data: d.files[name]})
		}
		text := ""
		for i, r := range Many(files, o) {
			text += r.Text()
			if r.Code != c.want[i] {
				t.Errorf("%s: %s is %d, want %d\n%s", c.name, r.File, r.Code, c.want[i], r.Text())
			}
		}
		if !strings.Contains(text, c.says) {
			t.Errorf("%s: it does not say %q\n%s", c.name, c.says, text)
		}
	}
}

func complete(o *Options) { o.Complete = true }

// lost: the stick was lost ten days on, and it is later than that.
func lost(t *testing.T, d *desk) func(*Options) {
	list := revocation(t, d.a, sample.Day.AddDate(0, 0, 10))
	return func(o *Options) {
		o.Trust.Lists, o.Now = append(o.Trust.Lists, list), sample.Day.Add(15*24*time.Hour)
	}
}
