package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/acceptance"
	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/folder"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/rules"
)

type validateOptions struct {
	desk
	all                               bool
	accept, reject, withdraw, reissue bool
	correct                           []string
	reason                            string
	seen                              []string
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	c := &cobra.Command{
		Use:   a.t("validate [証明書番号…]", "validate [NUMBER…]"),
		Short: a.t("書面を確認し、受理・却下・訂正・取消・再発行する", "accept, reject, correct, withdraw or reissue papers"),
		Long: a.t(`番号だけを指定すると、書面ごとに、確かめるべき点を示します。
受理 (--accept) は、確認職員の署名を書面に加えます。確かめるべき点のある書面は、その符号を
--seen で挙げたとき（または画面で一つずつ答えたとき）だけ受理します。
却下・訂正・取消・再発行は、もとの書面をハッシュで指す、署名された書面になります。理由 (--reason) が要ります。
訂正できる項目: `, `With numbers alone, lists what is doubtful about each paper.
--accept countersigns. A paper with doubts is accepted only when --seen names their codes, or
when somebody at the terminal says so, one by one. Rejection, correction, withdrawal and reissue
become signed papers of their own, which refer to the first by hash; they need --reason.
Entries that can be corrected: `) + fieldNames() + a.t(`
終了コード: 0 すべて済んだ / 33 済まなかったものがある`, `
Exit codes: 0 all done / 33 some were not`),
		RunE: func(_ *cobra.Command, args []string) error { return a.validate(o, args) },
	}
	o.flags(c, a)
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, a.t("まだ何も決まっていないすべての書面", "every paper on which nothing was decided"))
	f.BoolVar(&o.accept, "accept", false, a.t("受理する", "accept"))
	f.BoolVar(&o.reject, "reject", false, a.t("却下する", "reject"))
	f.BoolVar(&o.withdraw, "withdraw", false, a.t("取り消す（書面、または誤って出した通知）", "withdraw a paper, or a notice given by mistake"))
	f.BoolVar(&o.reissue, "reissue", false, a.t("再発行する（--correct と併せられる）", "reissue (with --correct, corrected)"))
	f.StringArrayVar(&o.correct, "correct", nil, a.t("訂正「項目=正しい値」（繰り返せる）", "correction ENTRY=VALUE (repeatable)"))
	f.StringVar(&o.reason, "reason", "", a.t("理由", "reason"))
	f.StringSliceVar(&o.seen, "seen", nil, a.t("確かめた点の符号（コンマ区切り）", "codes of the doubts that were looked at"))
	return c
}

func fieldNames() string {
	var out []string
	for _, f := range notice.Fields() {
		out = append(out, f[0])
	}
	return strings.Join(out, ", ")
}

// act is what is asked for; only one thing at a time.
func (o validateOptions) act() (notice.Type, error) {
	var out []notice.Type
	for t, on := range map[notice.Type]bool{"accept": o.accept, notice.Reject: o.reject, notice.Withdraw: o.withdraw, notice.Reissue: o.reissue,
		notice.Correct: len(o.correct) > 0 && !o.reissue} {
		if on {
			out = append(out, t)
		}
	}
	if len(out) > 1 {
		return "", fail(exitUsage, nil, "受理・却下・訂正・取消・再発行は、一つずつ指定してください。", "Accept, reject, correct, withdraw, reissue: one at a time.")
	}
	if len(out) == 0 {
		return "", nil
	}
	return out[0], nil
}

func (a *app) validate(o validateOptions, args []string) error {
	act, err := o.act()
	if err != nil {
		return err
	}
	arc, err := a.open(&o.desk, false)
	if err != nil {
		return err
	}
	papers, err := a.chosen(o, arc, args, act)
	if err != nil {
		return err
	}
	if act == "" {
		return a.showDoubts(arc, papers)
	}
	by, person, err := a.signer(&o.desk, arc)
	if err != nil {
		return err
	}
	if act != "accept" && o.reason == "" {
		if o.reason, err = a.ask(a.t("理由", "reason"), "", "--reason"); err != nil {
			return err
		}
	}
	failed := 0
	for _, p := range papers {
		if act == "accept" {
			err = a.acceptOne(o, arc, p, by)
		} else {
			err = a.notify(o, arc, p, act, by, person)
		}
		if err != nil {
			failed++
			fmt.Fprintf(a.out, "× %s %s\n", p.Number, a.why(err))
		}
	}
	return a.validateEnd(len(papers), failed)
}

func (a *app) why(err error) string {
	var c *coded
	if !errors.As(err, &c) {
		return err.Error()
	}
	text := a.t(c.ja, c.en)
	if c.cause != nil {
		text += " (" + c.cause.Error() + ")"
	}
	return text
}

func (a *app) validateEnd(all, failed int) error {
	fmt.Fprintf(a.out, a.t("%d 件のうち %d 件が済みました。\n", "%[2]d of %[1]d are done.\n"), all, all-failed)
	if failed > 0 {
		fmt.Fprintln(a.out, a.t("次は: × の理由を見て、確かめた点を --seen で挙げるか、却下してください。", "Next: look at the reasons above; name what you looked at with --seen, or reject."))
		return exitWith(exitNotDone)
	}
	fmt.Fprintln(a.out, a.t("次は: massho-office ledger で台帳と照合してください。", "Next: compare with the ledger (massho-office ledger)."))
	return nil
}

// chosen are the papers that were named, or all that are undecided. A notice
// can be named to be withdrawn.
func (a *app) chosen(o validateOptions, arc *archive.Archive, args []string, act notice.Type) ([]archive.Paper, error) {
	var out []archive.Paper
	for _, arg := range args {
		number := strings.TrimSuffix(filepathBase(arg), ".pdf")
		p, err := arc.Find(number)
		if err != nil && act == notice.Withdraw {
			p, err = noticeAsPaper(arc, number)
		}
		if err != nil {
			return nil, fail(exitInvalid, err, number+" という書面は、この案件にありません。massho-office collect で回収したか確かめてください。", "There is no paper "+number+" in this case; was it collected?")
		}
		out = append(out, p)
	}
	if len(args) == 0 && (o.all || act == "") {
		for _, p := range arc.Papers {
			// A report of a failure is nothing to accept: it is shown, and the
			// medium is erased again or destroyed.
			if p.Standing == notice.Unseen && (act != "accept" || p.Paper != rules.PaperIncomplete) {
				out = append(out, p)
			}
		}
		return out, nil
	}
	if len(out) == 0 {
		return nil, fail(exitUsage, nil, "書面の番号を指定するか、--all を指定してください。", "Name the papers, or give --all.")
	}
	return out, nil
}

// filepathBase takes the name off a path of any system: numbers may be given as
// dropped files.
func filepathBase(s string) string {
	s = strings.Trim(s, `"`)
	return s[strings.LastIndexAny(s, `/\`)+1:]
}

func noticeAsPaper(arc *archive.Archive, number string) (archive.Paper, error) {
	for _, n := range arc.Notices {
		if n.Number == number {
			return archive.Paper{File: arc.Dir.Sub(archive.DirNotices).Path(number + ".pdf"), Checked: archive.Checked{Kind: archive.NoticePaper,
				Sound: true, Number: number, Hash: n.Hash, Title: n.Title(), Medium: n.Target.Serial, Asset: n.Target.Asset}, Asset: n.Target.Asset}, nil
		}
	}
	return archive.Paper{}, archive.ErrNotHere
}

// doubts is what must be seen before p is accepted.
func doubts(arc *archive.Archive, p archive.Paper) ([]rules.Note, []byte, error) {
	file, err := os.ReadFile(p.File)
	if err != nil {
		return nil, nil, err
	}
	if deed.SHA256(file) != p.Checked.File {
		return nil, nil, folder.ErrChanged
	}
	if p.Kind == archive.Destruction {
		var r destroy.Record
		if _, err := deed.OpenWith(file, &r, arc.Deeds()); err != nil {
			return nil, nil, err
		}
		first, err := arc.ByHash(p.Of)
		notes, bad := acceptance.DestructionDoubts(&r, first.Standing, err == nil && first.Sound)
		return notes, file, bad
	}
	o := verify.Open(p.File, file, arc.Verify())
	notes, err := acceptance.Doubts(o)
	return notes, file, err
}

// showDoubts lists the papers with what is doubtful.
func (a *app) showDoubts(arc *archive.Archive, papers []archive.Paper) error {
	for _, p := range papers {
		fmt.Fprintf(a.out, "%s  %s  %s %s  %s %s  [%s]\n", p.Number, p.Title, a.t("管理番号", "asset"), p.Asset, a.t("媒体", "medium"), p.Medium, p.Standing.Ja())
		notes, _, err := doubts(arc, p)
		if err != nil {
			fmt.Fprintf(a.out, "  × %s\n", err)
			continue
		}
		for _, n := range notes {
			fmt.Fprintf(a.out, "  ・%s: %s\n", n.Code, n.In(a.lang))
		}
		if len(notes) == 0 {
			fmt.Fprintln(a.out, a.t("  ○ 確かめるべき点はありません。", "  ○ nothing doubtful"))
		}
	}
	_, err := fmt.Fprintln(a.out, a.t("次は: 受理するなら --accept --seen 符号,符号 --key 鍵、しないなら --reject --reason 理由 --key 鍵。",
		"Next: --accept --seen CODE,CODE --key KEY, or --reject --reason WHY --key KEY."))
	return err
}

// acceptOne countersigns one paper, once everything doubtful was seen.
func (a *app) acceptOne(o validateOptions, arc *archive.Archive, p archive.Paper, by deed.Signer) error {
	notes, file, err := doubts(arc, p)
	if err != nil {
		return err
	}
	if err := a.haveSeen(o, p, notes); err != nil {
		return err
	}
	var fields []string
	for _, s := range p.Signatures {
		fields = append(fields, s.Field)
	}
	signed, err := acceptance.Accept(acceptance.Request{File: file, Number: p.Number, Doubts: notes, Standing: p.Standing, Fields: fields, By: by, At: now()})
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(signed, file) {
		return folder.ErrChanged
	}
	dir, name := splitPath(p.File)
	if err := folder.At(dir).Extend(name, signed); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "○ %s %s\n", p.Number, a.t("受理しました", "accepted"))
	return err
}

func splitPath(p string) (dir, name string) {
	i := strings.LastIndexAny(p, `/\`)
	return p[:max(i, 0)], p[i+1:]
}

// haveSeen wants every doubt to be named by --seen, or agreed to on the spot.
func (a *app) haveSeen(o validateOptions, p archive.Paper, notes []rules.Note) error {
	var open []string
	for _, n := range notes {
		if !slices.Contains(o.seen, n.Code) {
			open = append(open, n.Code)
		}
	}
	if len(open) == 0 {
		return nil
	}
	fmt.Fprintf(a.out, "%s  %s  %s\n", p.Number, p.Title, p.Medium)
	for _, n := range notes {
		fmt.Fprintf(a.out, "  ・%s: %s\n", n.Code, n.In(a.lang))
	}
	flag := "--seen " + strings.Join(open, ",")
	answer, err := a.ask(a.t("確かめたうえで受理しますか（はい／いいえ）", "accept, having seen this? (yes/no)"), "", flag)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"はい", "yes", "y"}, strings.ToLower(answer)) {
		return fail(exitNotDone, nil, "受理しませんでした。", "It was not accepted.")
	}
	return nil
}

// notify makes a rejection, correction, withdrawal or reissue.
func (a *app) notify(o validateOptions, arc *archive.Archive, p archive.Paper, typ notice.Type, by deed.Signer, person certs.Person) error {
	file, err := os.ReadFile(p.File)
	if err != nil {
		return err
	}
	n := &notice.Notice{Type: typ, Reason: o.reason, Target: notice.Target{Ref: deed.Ref{Number: p.Number, Payload: p.Hash, File: deed.SHA256(file)},
		Title: p.Title, Serial: p.Medium, Asset: p.Asset}}
	if p.Kind == archive.Certificate {
		s := verify.Open(p.File, file, arc.Verify()).Statement
		n.Target = notice.TargetOf(s, p.Hash, file)
		if n.Changes, err = o.changes(s); err != nil {
			return err
		}
	} else if len(o.correct) > 0 || typ == notice.Reissue {
		return fail(exitInvalid, nil, "訂正・再発行できるのは消去の書面だけです。取り消して、作り直してください。", "Only certificates can be corrected or reissued; withdraw this and make another.")
	}
	files := map[string][]byte{}
	series, form, last := arc.Case.ID+"-N", "%04d", 9999
	if typ == notice.Reissue {
		series, form, last = notice.FirstNumber(p.Number)+"-R", "%d", 99
		n.Original = &deed.FileRef{Name: notice.AttachedOriginal, MIME: "application/pdf", SHA256: deed.SHA256(file), Desc: "もとの書面"}
		files[notice.AttachedOriginal] = file
	}
	path, err := issueInto(arc.Dir.Sub(archive.DirNotices), series, form, last, func(number string) ([]byte, error) {
		n.Head = head(arc, number, person)
		return deed.Issue(n, files, by)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "○ %s %s → %s\n", p.Number, n.Title(), path)
	return err
}

// changes reads --correct.
func (o validateOptions) changes(s certs.Statement) ([]notice.Change, error) {
	if len(o.correct) == 0 {
		return nil, nil
	}
	right := map[string]string{}
	for _, c := range o.correct {
		name, value, ok := strings.Cut(c, "=")
		if !ok {
			return nil, fail(exitUsage, nil, "--correct は「項目=正しい値」の形で指定してください。", "--correct ENTRY=VALUE")
		}
		right[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return notice.Changed(s, right)
}
