package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/collect"
	"github.com/massho/massho/certs/keys"
)

type collectOptions struct {
	desk
	clear, json bool
	hand        handoverOptions
}

func (a *app) collectCommand() *cobra.Command {
	var o collectOptions
	c := &cobra.Command{
		Use:   "collect [USB…]",
		Short: a.t("USBを回収して照合し、庁内のフォルダへ写す", "collect the sticks of a case, compare them, copy them"),
		Long: a.t(`USBのドライブ（E:\ など）またはフォルダを、いくつでも指定します。
書面とジャーナルを検査して互いに照合し、庁内のフォルダへ写して読み戻し、機器ごとの不足を示します。
USBは、--clear を指定し、すべての写しを読み戻して確かめた後にだけ消去します（案件と番号は残します）。
USBを指定しなければ、これまでに回収したものを照合し直します。
終了コード: 0 不足なし / 30 不足・要確認あり / 31 重大（複製・番号の重複・改変） / 32 USBを消去しなかった`,
			`Names of drives or folders, as many as there are. Papers and journals are checked and
compared, copied into the office's folder and read back; what is missing is listed for each PC.
A stick is cleared only with --clear and only after every copy was read back; case and numbers stay.
Without a stick, what was collected so far is compared again.
Exit codes: 0 nothing missing / 30 gaps or doubts / 31 serious / 32 a stick was not cleared`),
		RunE: func(_ *cobra.Command, args []string) error { return a.collect(o, args) },
	}
	o.flags(c, a)
	c.Flags().BoolVar(&o.clear, "clear", false, a.t("写しを確かめた後、USBの記録を消す", "clear the sticks once every copy was read back"))
	c.Flags().BoolVar(&o.json, "json", false, a.t("結果を1行1件のJSONで出す", "print one JSON object a line"))
	o.hand.flags(c, a)
	return c
}

func (a *app) collect(o collectOptions, args []string) error {
	sticks, err := a.readSticks(&o.desk, args)
	if err != nil {
		return err
	}
	arc, err := a.open(&o.desk, false)
	if err != nil {
		return err
	}
	earlier, err := collect.Kept(arc.Dir)
	if err != nil {
		return err
	}
	report := collect.Examine(collect.Input{Case: arc.Case.Case, Sticks: append(earlier, sticks...), Issued: arc.Issued,
		Verify: arc.Verify()})
	places, err := a.keep(arc, report, sticks)
	if err != nil {
		return fail(exitError, err, "写せませんでした。USBは消去していません。", "The copies could not be made; no stick was cleared.")
	}
	if err := a.showReport(report, o.json); err != nil {
		return err
	}
	if err := a.receipt(&o.desk, arc, report, len(places) > 0); err != nil {
		return err
	}
	if err := a.handover(&o, arc, report); err != nil {
		return err
	}
	if o.clear {
		if err := a.clearAll(arc, report, places); err != nil {
			return err
		}
	}
	return a.collectEnd(report, o)
}

// readSticks reads what was named, and finds the case by it.
func (a *app) readSticks(d *desk, args []string) ([]collect.Stick, error) {
	var out []collect.Stick
	for _, dir := range args {
		st, err := os.Stat(dir)
		if err != nil || !st.IsDir() {
			return nil, fail(exitInvalid, err, "USBのドライブまたはフォルダがありません: "+dir, "There is no such drive or folder: "+dir)
		}
		s := collect.Read(dir, os.DirFS(dir))
		if d.caseID == "" {
			d.caseID = s.CaseID
		}
		out = append(out, s)
	}
	return out, nil
}

// keep copies every stick of the case, and the sound papers. It returns the
// place of each stick by the name it was given under.
func (a *app) keep(arc *archive.Archive, r collect.Report, sticks []collect.Stick) (map[string]string, error) {
	places := map[string]string{}
	for _, s := range sticks {
		if s.Cert == nil || s.CaseID != arc.Case.ID {
			continue
		}
		if _, err := arc.Trust.Check(s.Cert, s.Cert.NotBefore); err != nil && !errors.Is(err, keys.ErrRevoked) && !errors.Is(err, keys.ErrExpired) {
			continue // another authority's
		}
		place, err := collect.Keep(arc.Dir, s)
		if err != nil {
			return nil, err
		}
		places[s.Name] = place
	}
	_, err := collect.KeepPapers(arc.Dir, r)
	return places, err
}

// findingLine is the JSON form of one finding.
type findingLine struct {
	Type string `json:"type"` // "finding"
	collect.Finding
	Text string `json:"text"`
	Next string `json:"next,omitempty"`
}

// summaryLine ends the JSON form.
type summaryLine struct {
	Type   string               `json:"type"` // "collection"
	Case   string               `json:"case"`
	Papers int                  `json:"papers"`
	Runs   int                  `json:"runs"`
	Sticks []collect.StickState `json:"sticks"`
	Worst  string               `json:"worst"`
}

func (a *app) showReport(r collect.Report, asJSON bool) error {
	if asJSON {
		for _, f := range r.Findings {
			if err := a.line(findingLine{"finding", f, f.Text(a.lang), f.Next(a.lang)}); err != nil {
				return err
			}
		}
		return a.line(summaryLine{"collection", r.Case.ID, len(r.Papers), len(r.Runs), r.Sticks, r.Worst().Label().En})
	}
	fmt.Fprintf(a.out, a.t("案件 %s　書面 %d 件　実行 %d 件\n", "case %s, %d papers, %d runs\n"), r.Case.ID, len(r.Papers), len(r.Runs))
	for _, s := range r.Sticks {
		fmt.Fprintf(a.out, "  USB %-6s %s\n", s.ID, a.stickState(s))
	}
	for level := collect.Serious; level >= collect.Note; level-- {
		a.showLevel(r, level)
	}
	return nil
}

func (a *app) stickState(s collect.StickState) string {
	state := a.t("未回収", "not collected")
	switch {
	case len(s.Places) > 0:
		state = a.t("今回回収", "collected now")
	case s.Before:
		state = a.t("回収済み", "collected before")
	}
	return fmt.Sprintf(a.t("%s　書面 %d 件　番号 %d 個", "%s, %d papers, %d numbers"), state, s.Papers, s.Numbers)
}

// showLevel prints the findings of one level, with the next step after each
// kind.
func (a *app) showLevel(r collect.Report, level collect.Level) {
	var last collect.Code
	next := ""
	for _, f := range r.Findings {
		if f.Level != level {
			continue
		}
		if last != f.Code && next != "" {
			fmt.Fprintf(a.out, "      → %s\n", next)
		}
		fmt.Fprintf(a.out, "  [%s] %s\n", level.Label().In(a.lang), f.Text(a.lang))
		last, next = f.Code, f.Next(a.lang)
	}
	if next != "" {
		fmt.Fprintf(a.out, "      → %s\n", next)
	}
}

// line prints v as one line of JSON.
func (a *app) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s\n", b)
	return err
}

// receipt writes down what the office has in its hands now; signed, where
// somebody gave a key, it bounds the time of everything in it.
func (a *app) receipt(d *desk, arc *archive.Archive, r collect.Report, fresh bool) error {
	if !fresh {
		return nil
	}
	at := now()
	name := at.Format("20060102T150405Z")
	f := arc.Dir.Sub(archive.DirReceipts)
	if d.key == "" {
		b, err := json.MarshalIndent(collect.ReceiptOf(r, certs.Person{}, at), "", " ")
		if err != nil {
			return err
		}
		fmt.Fprintln(a.err, a.t("回収票は署名していません。--key で立会職員または確認職員の鍵を指定すると、USBを失ったときに書面の時刻の上限を示せます。",
			"The receipt is not signed. With --key (a witness's or validator's) it would bound the papers' time, should a stick be lost."))
		return f.KeepNew(name+".json", b)
	}
	by, person, err := a.signer(d, arc)
	if err != nil {
		return err
	}
	if person.Role == certs.RoleOperator {
		return fail(exitInvalid, nil, "回収票は、立会職員または確認職員の鍵で署名します。", "A receipt is signed by a witness or a validator.")
	}
	b, err := collect.SignReceipt(collect.ReceiptOf(r, person, at), by.Pair)
	if err != nil {
		return err
	}
	return f.KeepNew(name+".dsse.json", b)
}

// clearAll clears the sticks that were copied now.
func (a *app) clearAll(arc *archive.Archive, r collect.Report, places map[string]string) error {
	if r.Worst() == collect.Serious {
		return fail(exitSerious, nil, "重大な指摘があるため、USBは消去しません。説明がつくまで、そのまま保管してください。",
			"There is a serious finding: no stick was cleared. Keep them as they are until it is explained.")
	}
	for dir, place := range places {
		gone, err := collect.Clear(dir, arc.Dir, place)
		if err != nil {
			return fail(exitNotCleared, err, "USBを消去しませんでした: "+dir, "The stick was not cleared: "+dir)
		}
		fmt.Fprintf(a.out, a.t("%s: 写しを確かめ、%d ファイルを消しました。案件と番号は残してあります。\n", "%s: every copy was read back, %d files were deleted; case and numbers stay.\n"), dir, len(gone))
	}
	return nil
}

// collectEnd is the last sentence and the exit code.
func (a *app) collectEnd(r collect.Report, o collectOptions) error {
	next := a.t("次は: 書面を massho-office validate で確認し、massho-office ledger で台帳と照合してください。",
		"Next: look through the papers with massho-office validate, and compare with the ledger (massho-office ledger).")
	code := exitDone
	switch r.Worst() {
	case collect.Serious:
		next, code = a.t("重大な指摘があります。説明がつくまで、どの書面も受理せず、どのUSBも消さないでください。", "There is a serious finding. Accept no paper and clear no stick before it is explained."), exitSerious
	case collect.Gap, collect.Doubt:
		next, code = a.t("不足または確かめる点があります。上の → に従ってください。", "Something is missing or to be looked at; follow the arrows above."), exitGaps
	}
	if !o.json {
		fmt.Fprintln(a.out, next)
	}
	if code != exitDone {
		return exitWith(code)
	}
	return nil
}
