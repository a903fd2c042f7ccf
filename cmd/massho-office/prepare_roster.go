package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/roster"
	"github.com/massho/massho/wipe/rules"
)

// rosterOptions are how a roster of PCs becomes part of a case.
type rosterOptions struct {
	file, sheet       string
	columns, defaults map[string]string
}

func (o *rosterOptions) flags(c *cobra.Command, a *app) {
	f := c.Flags()
	f.StringVar(&o.file, "roster", "", a.t("端末の名簿（CSV: UTF-8・Shift_JIS、XLSX）。下書きの roster の代わりに使う", "roster of PCs (CSV in UTF-8 or Shift_JIS, XLSX), instead of the draft's"))
	f.StringVar(&o.sheet, "sheet", "", a.t("XLSX のシート名", "worksheet"))
	f.StringToStringVar(&o.columns, "column", nil, a.t("列の対応「number=見出し」（繰り返せる）。列: ", "COLUMN=HEADING; columns: ")+columnNames())
	f.StringToStringVar(&o.defaults, "default", nil, a.t("空欄の値「media=1」（繰り返せる）", "value for empty cells, e.g. media=1"))
}

func columnNames() string {
	cols, headings := roster.Columns()
	s := ""
	for i, c := range cols {
		s += fmt.Sprintf("%s（%s） ", c, headings[i][0])
	}
	return s
}

// addRoster reads the roster into the draft, and shows what was understood.
func (a *app) addRoster(o rosterOptions, draft *cases.Case) error {
	if o.file == "" {
		return nil
	}
	if len(draft.Roster) > 0 {
		return fail(exitInvalid, nil, "名簿は、下書きの roster と --roster のどちらか一方にしてください。", "Give the roster in the draft or with --roster, not both.")
	}
	pack, err := rules.Load(draft.RulePack.ID)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(o.file)
	if err != nil {
		return fail(exitInvalid, err, "名簿のファイルを読めません。", "The roster cannot be read.")
	}
	policy := draft.Policy
	policy.Signed = true
	list, err := a.readSheet(data, o.sheet, roster.Options{Purpose: roster.ForCase, Columns: columnsOf(o.columns), Defaults: columnsOf(o.defaults),
		Policy: policy, Pack: pack, Today: now()})
	if err != nil {
		return err
	}
	rows := map[rules.Row]int{}
	media := 0
	for _, e := range list.Entries {
		row, _, err := pack.Classify(e.Category, policy)
		if err != nil {
			return err // cannot happen: Read has classified it
		}
		rows[row]++
		media += e.ExpectedMedia
		draft.Roster = append(draft.Roster, e.Asset)
	}
	fmt.Fprintf(a.out, a.t("名簿 %d 台、媒体 %d 個（%s、見出し %d 行目）\n", "roster: %d PCs, %d media (%s, headings in row %d)\n"), len(list.Entries), media, list.Encoding, list.HeaderRow)
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(a.out, "  %s %d\n", row.Label().In(a.lang), rows[row])
	}
	return nil
}
