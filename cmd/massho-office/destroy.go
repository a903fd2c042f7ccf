package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

type destroyOptions struct {
	desk
	list                                  bool
	labels                                string
	way, device, field, detail            string
	magnetic                              bool
	place, performed, performer           string
	inside                                bool
	witness, camera, recording, reference string
	photos                                []string
	notErased, why, asset, model, of      string
}

func (a *app) destroyCommand() *cobra.Command {
	var o destroyOptions
	c := &cobra.Command{
		Use:   a.t("destroy 製造番号|QRラベル", "destroy SERIAL|LABEL"),
		Short: a.t("破壊の完了証明書を作る", "make the 破壊の完了証明書 of a medium"),
		Long: a.t(`媒体の製造番号をすべて入力するか、貼ったQRラベルを読み取って指定します。庁舎内消去記録と照合し、
写真（JPEG・PNG、位置情報は取り除きます）を付けた証明書に、本人の鍵で署名します。
消去できなかった媒体は --not-erased に理由（no-answer 応答なし、taken-out 取り出し済み、no-boot 起動不可、
no-medium 媒体なし）を指定します。この場合は、承認する職員（立会職員・確認職員）の鍵で署名します。
--list は破壊待ちの一覧と期限、--labels は貼るためのQRラベルを出します。
終了コード: 0 作成した / 35 --list で期限を過ぎたものがある`,
			`Names the medium by its whole serial, or by what a scanner reads off its label; compares with the
record of its erasure; and signs the certificate with its photographs (JPEG, PNG; positions left out).
A medium that could not be erased needs --not-erased with the reason (no-answer, taken-out, no-boot,
no-medium) and the key of the witness or validator who approves.
--list shows what waits and until when, --labels makes the QR labels.
Exit codes: 0 made / 35 with --list: something is overdue`),
		RunE: func(_ *cobra.Command, args []string) error { return a.destroy(o, args) },
	}
	o.desk.flags(c, a)
	o.moreFlags(c, a)
	return c
}

func (o *destroyOptions) moreFlags(c *cobra.Command, a *app) {
	f := c.Flags()
	f.BoolVar(&o.list, "list", false, a.t("破壊待ちの媒体を一覧する", "list the media that wait"))
	f.StringVar(&o.labels, "labels", "", a.t("QRラベルのPDFの出力先", "write a PDF of QR labels"))
	f.StringVar(&o.way, "way", "", a.t("①の方法: 分解・粉砕・溶解・焼却・細断", "①: 分解, 粉砕, 溶解, 焼却 or 細断"))
	f.BoolVar(&o.magnetic, "magnetic", false, a.t("②磁気的な方法（フラッシュには使えない）", "②, magnetic (not for flash)"))
	f.StringVar(&o.device, "device", "", a.t("使用した装置", "machine used"))
	f.StringVar(&o.field, "field", "", a.t("②の磁界の強さ（単位とともに）", "②: field strength with unit"))
	f.StringVar(&o.detail, "detail", "", a.t("粒径などの詳細", "grain size and such"))
	f.StringVar(&o.place, "place", "", a.t("破壊した場所", "place"))
	f.BoolVar(&o.inside, "inside", false, a.t("場所は庁舎内である", "the place is in the 庁舎"))
	f.StringVar(&o.performed, "performed", "", a.t("破壊した日時", "when"))
	f.StringVar(&o.performer, "performer", "", a.t("実施者「氏名,所属,職名,連絡先」", "who: name,organisation,title,contact"))
	f.StringVar(&o.witness, "witness", "", a.t("立ち会った職員「氏名,所属,職名,連絡先」", "staff who were there"))
	f.StringVar(&o.camera, "camera", "", a.t("カメラで監視した者", "who watched live by camera"))
	f.StringVar(&o.recording, "recording", "", a.t("カメラ映像の記録を確認した者", "who looked through the recording"))
	f.StringVar(&o.reference, "reference", "", a.t("カメラ・録画の番号", "reference of camera or recording"))
	f.StringArrayVar(&o.photos, "photo", nil, a.t("写真「ファイル=説明」（繰り返せる）", "photograph FILE=CAPTION (repeatable)"))
	f.StringVar(&o.notErased, "not-erased", "", "no-answer | taken-out | no-boot | no-medium")
	f.StringVar(&o.why, "why", "", a.t("消去できなかった事情", "what happened, with --not-erased"))
	f.StringVar(&o.asset, "asset", "", a.t("管理番号（--not-erased のとき）", "管理番号, with --not-erased"))
	f.StringVar(&o.model, "model", "", a.t("媒体の型番（--not-erased のとき）", "model of the medium, with --not-erased"))
	f.StringVar(&o.of, "kind", "", a.t("媒体の種別 hdd・ssd など（--not-erased のとき）", "kind of medium: hdd, ssd, … with --not-erased"))
}

func (a *app) destroy(o destroyOptions, args []string) error {
	arc, err := a.open(&o.desk, false)
	if err != nil {
		return err
	}
	waiting := arc.Waiting()
	if o.list || o.labels != "" {
		return a.waiting(o, arc, waiting)
	}
	input := ""
	if len(args) > 0 {
		input = args[0]
	}
	if input == "" && o.notErased == "" {
		if input, err = a.ask(a.t("媒体の製造番号（全桁）またはQRラベル", "serial of the medium, or its label"), "", a.t("製造番号", "SERIAL")); err != nil {
			return err
		}
	}
	if err := o.complete(a); err != nil {
		return err
	}
	by, person, err := a.signer(&o.desk, arc)
	if err != nil {
		return err
	}
	r, err := o.record(arc, waiting, input, person)
	if err != nil {
		return err
	}
	files, err := o.pictures(r)
	if err != nil {
		return err
	}
	return a.issueDestruction(arc, r, files, by, person)
}

// complete asks for what is missing.
func (o *destroyOptions) complete(a *app) error {
	photo := strings.Join(o.photos, "")
	asks := []missingFlag{
		{&o.place, a.t("場所", "place"), "--place"},
		{&o.performed, a.t("日時（2026-11-21 または 2026-11-21 15:00）", "when (2026-11-21 or 2026-11-21 15:00)"), "--performed"},
		{&o.performer, a.t("実施者（氏名,所属,職名,連絡先）", "who (name,organisation,title,contact)"), "--performer"},
		{&photo, a.t("写真のファイル（ファイル=説明）", "photograph (FILE=CAPTION)"), "--photo"},
	}
	if !o.magnetic && o.notErased != string(destroy.ReasonNoMedium) {
		asks = append(asks, missingFlag{&o.way, a.t("方法（分解・粉砕・溶解・焼却・細断）", "way (分解, 粉砕, 溶解, 焼却, 細断)"), "--way"})
	}
	if err := a.askAll(asks); err != nil {
		return err
	}
	if len(o.photos) == 0 {
		o.photos = []string{photo}
	}
	return nil
}

func (a *app) issueDestruction(arc *archive.Archive, r *destroy.Record, files map[string][]byte, by deed.Signer, person certs.Person) error {
	path, err := issueInto(arc.Dir.Sub(archive.DirDestruction), arc.Case.ID+"-D", "%04d", 9999, func(number string) ([]byte, error) {
		r.Head = head(arc, number, person)
		return deed.Issue(r, files, by)
	})
	if err != nil {
		return fail(exitInvalid, err, "この内容では証明書を作れません。", "No certificate can be made of this.")
	}
	for _, d := range r.Deviations() {
		fmt.Fprintf(a.out, "・%s: %s\n", d.Code, d.In(a.lang))
	}
	_, err = fmt.Fprintf(a.out, a.t("%s %s を作りました: %s\n次は: 確認職員が massho-office validate %s --accept で受理してください。\n",
		"%s %s was made: %s\nNext: have it accepted (massho-office validate %s --accept).\n"), r.Title(), r.Number, path, r.Number)
	return err
}

// waiting lists what waits for its destruction, and makes the labels.
func (a *app) waiting(o destroyOptions, arc *archive.Archive, list []destroy.Waiting) error {
	overdue := 0
	for _, w := range list {
		due := a.t("期限 なし", "no date")
		if !w.Due.IsZero() {
			due = a.t("期限 ", "due ") + w.Due.In(jst).Format("2006-01-02")
			if now().After(w.Due.AddDate(0, 0, 1)) {
				overdue++
				due += a.t(" 超過", " overdue")
			}
		}
		where := ""
		if w.InsideOnly {
			where = a.t("  庁舎外へ持ち出さない", "  must not leave")
		}
		fmt.Fprintf(a.out, "%-20s %-24s %s %-12s %s  %s%s\n", w.Ref.Number, w.Serial, a.t("管理番号", "asset"), w.Asset, w.Row.Label().In(a.lang), due, where)
	}
	fmt.Fprintf(a.out, a.t("破壊待ち %d 個、うち期限超過 %d 個\n", "%d media wait, %d overdue\n"), len(list), overdue)
	if o.labels != "" {
		file, err := destroy.Labels(list, arc.Case.ID+" "+arc.Case.Title, "massho-office "+release, now())
		if err != nil {
			return err
		}
		if err := a.writeOut(o.labels, file); err != nil {
			return err
		}
	}
	if overdue > 0 {
		return exitWith(exitOverdue)
	}
	return nil
}

// record fills in what the flags and the case say.
func (o *destroyOptions) record(arc *archive.Archive, waiting []destroy.Waiting, input string, by certs.Person) (*destroy.Record, error) {
	c := arc.Case
	pack, err := rules.Load(c.RulePack.ID)
	if err != nil {
		return nil, err
	}
	r := &destroy.Record{RulePack: certs.RulePackRef{ID: pack.ID, Edition: pack.Edition, Source: pack.Source, Hash: pack.Hash()}, Policy: c.Policy,
		Place: o.place, Inside: o.inside, Performer: typedPerson(o.performer, "")}
	if r.Performed, err = moment(o.performed); err != nil {
		return nil, err
	}
	r.Performed = r.Performed.UTC()
	if err := o.watch(r); err != nil {
		return nil, err
	}
	if o.notErased != "" {
		return r, o.withoutErasure(arc, pack, r, input, by)
	}
	w, how, err := destroy.Find(waiting, input)
	if err != nil {
		return nil, fail(exitInvalid, err, "破壊待ちの媒体に、この製造番号・ラベルのものはありません。--list で確かめてください。", "No medium that waits has this serial or label; see --list.")
	}
	r.Medium = destroy.Medium{How: how, Typed: strings.TrimSpace(input)}
	r.Deadline = w.Due
	r.Method = o.method()
	return r, stageA(arc, r, w)
}

// method is ① unless --magnetic asks for ②.
func (o *destroyOptions) method() *destroy.Method {
	m := &destroy.Method{Item: "①", Way: o.way, Device: o.device, FieldStrength: o.field, Detail: o.detail}
	if o.magnetic {
		m.Item = "②"
	}
	return m
}

func (o *destroyOptions) watch(r *destroy.Record) error {
	r.Watch = destroy.Watch{Kind: destroy.WatchNone, Reference: o.reference}
	n := 0
	for kind, who := range map[destroy.WatchKind]string{destroy.WatchWitness: o.witness, destroy.WatchCamera: o.camera, destroy.WatchRecording: o.recording} {
		if who != "" {
			n++
			r.Watch.Kind, r.Watch.Person = kind, typedPerson(who, certs.RoleWitness)
		}
	}
	if n > 1 {
		return fail(exitUsage, nil, "--witness、--camera、--recording は一つだけ指定してください。", "Give one of --witness, --camera, --recording.")
	}
	return nil
}

// stageA takes over what the record of the erasure says.
func stageA(arc *archive.Archive, r *destroy.Record, w destroy.Waiting) error {
	p, err := arc.Find(w.Ref.Number)
	if err != nil {
		return err
	}
	s, err := statementOf(arc, p)
	if err != nil {
		return err
	}
	if s, err = notice.Apply(s, notice.Corrections(p.Hash, arc.Notices)); err != nil {
		return err
	}
	d := s.Derivation
	r.Category, r.Row, r.Asset, r.Host = s.Classification.Category, d.Row, s.Asset, s.Host
	r.Medium.Maker, r.Medium.Model, r.Medium.Serial, r.Medium.Kind = s.Medium.Maker, s.Medium.Model, s.Medium.Serial, s.Medium.Kind
	r.StageA = &destroy.StageA{Ref: w.Ref, Title: w.Title, Paper: d.Paper, Issued: s.Issued, Outcome: d.Outcome, Reached: d.Reached, InsideOnly: w.InsideOnly}
	return nil
}

// withoutErasure fills in a medium that could not be erased: the roster says
// whose it was and what it held.
func (o *destroyOptions) withoutErasure(arc *archive.Archive, pack *rules.Pack, r *destroy.Record, serial string, by certs.Person) error {
	i := slices.IndexFunc(arc.Case.Roster, func(x caseAsset) bool { return serials.AssetKey(x.Number) == serials.AssetKey(o.asset) })
	if o.asset == "" || i < 0 {
		return fail(exitInvalid, nil, "--asset に、名簿にある管理番号を指定してください。", "Give --asset, a 管理番号 of the roster.")
	}
	x := arc.Case.Roster[i]
	r.Category = x.Category
	for _, m := range x.Media {
		if serials.Same(m.Serial, serial) && m.Category != nil {
			r.Category = *m.Category
		}
	}
	var err error
	if r.Row, _, err = pack.Classify(r.Category, arc.Case.Policy); err != nil {
		return err
	}
	r.Asset = certs.Asset{Number: x.Number, RosterIndex: i, InRoster: true, Section: x.Section, Lease: x.Lease, ExpectedMedia: x.ExpectedMedia}
	r.Host = certs.Machine{Maker: x.HostMaker, Model: x.HostModel, Serial: x.HostSerial, Source: "roster"}
	r.NotErased = &destroy.NotErased{Reason: destroy.Reason(o.notErased), Detail: o.why, Approver: by}
	r.Medium = destroy.Medium{Model: o.model, Serial: serial, Kind: rules.MediumKind(o.of), How: destroy.ByTyping, Typed: serial}
	if r.Medium.Kind == "" {
		r.Medium.Kind = rules.MediumUnknown
	}
	if serial == "" {
		r.Medium.How = destroy.ByPhoto
	}
	if r.NotErased.Reason != destroy.ReasonNoMedium {
		r.Method = o.method()
	}
	return nil
}

// pictures scales the photographs.
func (o *destroyOptions) pictures(r *destroy.Record) (map[string][]byte, error) {
	files := map[string][]byte{}
	for i, arg := range o.photos {
		path, caption, _ := strings.Cut(arg, "=")
		data, err := os.ReadFile(strings.Trim(path, `"`))
		if err != nil {
			return nil, fail(exitInvalid, err, "写真を読めません: "+path, "The photograph cannot be read: "+path)
		}
		p, small, err := destroy.Shrink(data, caption, i+1)
		if err != nil {
			return nil, fail(exitInvalid, err, "写真を使えません: "+path, "The photograph cannot be used: "+path)
		}
		r.Photos = append(r.Photos, p)
		files[p.File] = small
	}
	return files, nil
}
