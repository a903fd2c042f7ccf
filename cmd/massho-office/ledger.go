package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/ledger"
	"github.com/massho/massho/certs/roster"
)

type ledgerOptions struct {
	office
	cases             []string
	sheet             string
	columns, defaults map[string]string
	csv, csvUTF8      string
	xlsx, pdf         string
	all, again, json  bool
}

func (a *app) ledgerCommand() *cobra.Command {
	var o ledgerOptions
	c := &cobra.Command{
		Use:   a.t("ledger 備品台帳", "ledger FILE"),
		Short: a.t("備品台帳と証明書を照合する", "compare the 備品台帳 with the certificates"),
		Long: a.t(`備品台帳（CSV: UTF-8・Shift_JIS、または XLSX）の各行について、媒体のすべてが
証明書で説明できるかを示します。管理番号、機器の製造番号、媒体の製造番号で照合します
（全角・半角、大文字・小文字、ハイフンの違いは問いません）。台帳は書き換えません。
終了コード: 0 すべて完了 / 34 完了していないものがある / 35 破壊の期限超過がある / 31 食い違い・重複・検査で不合格`,
			`Says for every line of the 備品台帳 (CSV in UTF-8 or Shift_JIS, or XLSX) whether all of its media
are accounted for, by 管理番号, the PC's serial and the medium's serial; width, case and dashes
do not matter. The file is not changed.
Exit codes: 0 all covered / 34 something is open / 35 a destruction is overdue / 31 conflicts, doubles, failed checks`),
		RunE: func(_ *cobra.Command, args []string) error { return a.ledger(o, args) },
	}
	o.flags(c, a)
	f := c.Flags()
	f.StringSliceVar(&o.cases, "case", nil, a.t("案件番号（省略時はすべて）", "cases (default: all)"))
	f.StringVar(&o.sheet, "sheet", "", a.t("XLSX のシート名", "worksheet"))
	f.StringToStringVar(&o.columns, "column", nil, a.t("列の対応「number=見出し」（繰り返せる）", "column=HEADING, e.g. number=…"))
	f.StringToStringVar(&o.defaults, "default", nil, a.t("空欄の値「media=1」（繰り返せる）", "value for empty cells, e.g. media=1"))
	f.StringVar(&o.csv, "csv", "", a.t("CSV（Shift_JIS、Excel 用）の出力先", "write CSV in Shift_JIS, for Excel"))
	f.StringVar(&o.csvUTF8, "csv-utf8", "", a.t("CSV（UTF-8）の出力先", "write CSV in UTF-8"))
	f.StringVar(&o.xlsx, "xlsx", "", a.t("XLSX の出力先", "write XLSX"))
	f.StringVar(&o.pdf, "pdf", "", a.t("PDF の出力先", "write PDF"))
	f.BoolVar(&o.all, "all", false, a.t("完了した行も画面に出す", "show what is covered too"))
	f.BoolVar(&o.again, "again", false, a.t("書面をすべて検査し直す", "check every paper again"))
	f.BoolVar(&o.json, "json", false, a.t("1行1件のJSONで出す", "print one JSON object a line"))
	return c
}

func (a *app) ledger(o ledgerOptions, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if len(args) != 1 {
		path, err := a.ask(a.t("備品台帳のファイル", "file of the 備品台帳"), "", a.t("台帳のファイル", "FILE"))
		if err != nil {
			return err
		}
		args = []string{strings.Trim(path, `"`)}
	}
	list, err := a.readLedger(o, args[0])
	if err != nil {
		return err
	}
	papers, heading, err := a.allPapers(o)
	if err != nil {
		return err
	}
	heading.Source = filepath.Base(args[0])
	r := ledger.Reconcile(list.Entries, papers, ledger.Options{Today: now()})
	if err := a.showLedger(o, r); err != nil {
		return err
	}
	if err := a.writeLedger(o, r, heading); err != nil {
		return err
	}
	return a.ledgerEnd(o, r)
}

// readLedger reads the 台帳 and says what was doubtful about it.
func (a *app) readLedger(o ledgerOptions, path string) (roster.Roster, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return roster.Roster{}, fail(exitInvalid, err, "台帳のファイルを読めません。", "The ledger cannot be read.")
	}
	return a.readSheet(data, o.sheet, roster.Options{Purpose: roster.ForLedger, Columns: columnsOf(o.columns), Defaults: columnsOf(o.defaults), Today: now()})
}

// readSheet reads a sheet of PCs; problems are listed row by row.
func (a *app) readSheet(data []byte, sheet string, o roster.Options) (roster.Roster, error) {
	s, err := roster.Open(data, sheet)
	if err != nil {
		return roster.Roster{}, fail(exitInvalid, err, "この一覧は読み込めません。", "This list cannot be read.")
	}
	list, err := roster.Read(s, o)
	var problems roster.Problems
	switch {
	case errors.As(err, &problems):
		fmt.Fprintln(a.err, problems.Text(a.lang))
		return list, fail(exitInvalid, nil, fmt.Sprintf("一覧に %d 件の誤りがあります。上の行を直してください。", len(problems)), fmt.Sprintf("The list has %d faults; mend the rows above.", len(problems)))
	case err != nil:
		return list, err
	}
	if len(list.Warnings) > 0 {
		fmt.Fprintln(a.err, list.Warnings.Text(a.lang))
	}
	if len(list.Ignored) > 0 {
		fmt.Fprintln(a.err, a.t("使わなかった列: ", "columns not used: ")+strings.Join(list.Ignored, "、"))
	}
	return list, nil
}

func columnsOf(m map[string]string) map[roster.Column]string {
	out := map[roster.Column]string{}
	for k, v := range m {
		out[roster.Column(k)] = v
	}
	return out
}

// allPapers gathers the papers of the cases.
func (a *app) allPapers(o ledgerOptions) ([]ledger.Paper, ledger.Heading, error) {
	ids := o.cases
	h := ledger.Heading{Tool: "massho-office " + release, Printed: now()}
	if len(ids) == 0 {
		all, err := archive.Cases(o.dir)
		if err != nil {
			return nil, h, err
		}
		ids = all
	}
	var out []ledger.Paper
	for _, id := range ids {
		arc, err := a.open(&desk{office: o.office, caseID: id}, o.again)
		if err != nil {
			return nil, h, err
		}
		out = append(out, arc.Ledger()...)
		if until := arc.KeepUntil(); !until.IsZero() {
			fmt.Fprintf(a.err, a.t("案件 %s の書面は %s まで保存する（方針: %d年）\n", "case %s: keep its papers until %s (policy: %d years)\n"),
				id, until.In(jst).Format("2006-01-02"), arc.Case.Policy.RetentionYears)
		}
		h.Municipality = arc.Case.Municipality
	}
	h.Case = strings.Join(ids, "、")
	return out, h, nil
}

// ledgerLine is the JSON form of one line.
type ledgerLine struct {
	Type   string          `json:"type"` // "asset"
	Row    int             `json:"row,omitempty"`
	Asset  string          `json:"asset"`
	Status ledger.Status   `json:"status"`
	Days   int             `json:"days"`
	Media  []ledger.Medium `json:"media"`
	Why    []string        `json:"why,omitempty"`
}

func (a *app) showLedger(o ledgerOptions, r ledger.Report) error {
	if !o.json {
		return r.Text(a.out, a.lang, o.all)
	}
	for _, l := range r.Lines {
		x := ledgerLine{"asset", l.Entry.Row, l.Entry.Number, l.Status, l.Days, l.Media, nil}
		for _, f := range l.Findings {
			x.Why = append(x.Why, a.t(f.Ja, f.En))
		}
		if err := a.line(x); err != nil {
			return err
		}
	}
	return a.line(map[string]any{"type": "ledger", "counts": r.Counts, "worst": r.Worst(), "training": r.Drills})
}

// writeLedger writes the files that were asked for.
func (a *app) writeLedger(o ledgerOptions, r ledger.Report, h ledger.Heading) error {
	for _, f := range []struct {
		path string
		make func() ([]byte, error)
	}{
		{o.csv, func() ([]byte, error) {
			b, replaced, err := r.CSV()
			if len(replaced) > 0 {
				fmt.Fprintf(a.err, a.t("Shift_JIS にない文字 %q は〓にしました。--csv-utf8 か --xlsx なら、そのまま出せます。\n", "%q is not in Shift_JIS and became 〓; --csv-utf8 and --xlsx keep it.\n"), string(replaced))
			}
			return b, err
		}},
		{o.csvUTF8, r.CSVUTF8}, {o.xlsx, r.XLSX},
		{o.pdf, func() ([]byte, error) { return r.PDF(h) }},
	} {
		if f.path == "" {
			continue
		}
		b, err := f.make()
		if err != nil {
			return err
		}
		if err := a.writeOut(f.path, b); err != nil {
			return err
		}
	}
	return nil
}

// ledgerEnd is the last sentence and the exit code.
func (a *app) ledgerEnd(o ledgerOptions, r ledger.Report) error {
	say := func(ja, en string) {
		if !o.json {
			fmt.Fprintln(a.out, a.t(ja, en))
		}
	}
	bad := r.Counts[ledger.StatusConflict] + r.Counts[ledger.StatusInvalid] + r.Counts[ledger.StatusDouble]
	switch w := r.Worst(); {
	case bad > 0:
		say(fmt.Sprintf("食い違い・重複・不合格が %d 件あります。備考の書面を massho-office verify で調べ、要らない方を validate --withdraw で取り消してください。", bad),
			fmt.Sprintf("%d lines conflict, are double or fail their check: look at the papers named, and withdraw what is wrong.", bad))
		return exitWith(exitSerious)
	case r.Counts[ledger.StatusOverdue] > 0:
		say(fmt.Sprintf("破壊の完了証明書の期限を過ぎた機器が %d 台あります。受託者に督促してください。", r.Counts[ledger.StatusOverdue]), "A destruction is overdue: remind the contractor.")
		return exitWith(exitOverdue)
	case w != ledger.StatusCovered:
		say("完了していない機器があります。状態の列に従って、処理・受理・破壊を進めてください。", "Some PCs are not covered; go on by the status column.")
		return exitWith(exitOpen)
	}
	say("台帳のすべての機器が完了しています。", "Every PC of the ledger is covered.")
	return nil
}
