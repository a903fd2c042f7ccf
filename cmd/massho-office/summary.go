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
	"github.com/massho/massho/certs/summary"
	"github.com/massho/massho/certs/verify"
)

// dirSummary holds a case's summaries.
const dirSummary = "summary"

type summaryOptions struct {
	desk
	lang string
}

func (a *app) summaryCommand() *cobra.Command {
	var o summaryOptions
	c := &cobra.Command{
		Use:   "summary",
		Short: a.t("案件全体の総括表（媒体ごとに1行）を作り、署名する", "make and sign the summary of a whole case, one line a medium"),
		Long: a.t(`回収した書面、受理・却下などの通知、破壊の完了証明書から、案件全体の総括表 (PDF) を作ります。
書面が変わったら、もう一度実行すると新しい番号の総括表になります。前のものは残ります。`,
			`Makes one table of the whole case from the papers collected, what was said of them, and
certificates of destruction. Run it again after a change: it gets a new number, and the
former one stays.`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.summary(o) },
	}
	o.flags(c, a)
	c.Flags().StringVar(&o.lang, "paper-lang", "ja", a.t("総括表の言語 (ja | en)", "language of the paper (ja | en)"))
	return c
}

func (a *app) summary(o summaryOptions) error {
	if o.lang != "ja" && o.lang != "en" {
		return fail(exitUsage, nil, "--paper-lang は ja か en です。", "--paper-lang is ja or en.")
	}
	arc, err := a.open(&o.desk, false)
	if err != nil {
		return err
	}
	s := &summary.Summary{Missing: []summary.Missing{}}
	if s.Lines, err = summaryLines(arc); err != nil {
		return fail(exitInvalid, err, "書面を読めません。", "A paper cannot be read.")
	}
	s.Missing = summaryMissing(arc, s.Lines)
	by, person, err := a.signer(&o.desk, arc)
	if err != nil {
		return err
	}
	out := arc.Dir.Sub(dirSummary)
	number, err := out.Next(arc.Case.ID+"-T", ".pdf")
	if err != nil {
		return err
	}
	s.Head = head(arc, number, person)
	s.Case.Place, s.Layout.Lang = arc.Case.Place, o.lang
	file, err := deed.Issue(s, nil, by)
	if err != nil {
		return err
	}
	if err := out.Fill(number+".pdf", file); err != nil {
		return err
	}
	n := s.Count()
	missing := 0
	for _, m := range s.Missing {
		missing += m.Expected - m.Found
	}
	_, err = fmt.Fprintf(a.out, a.t("総括表を作りました（読み戻し確認済み）: %s\n完了 %d、破壊待ち %d、未完了 %d、無効 %d、見つからない媒体 %d。\n次は: 破壊待ちと未完了があれば massho-office destroy、なければ massho-office timestamp でタイムスタンプを加えてください。\n",
		"The summary was made and read back: %s\n%d complete, %d await destruction, %d not complete, %d void, %d media missing.\nNext: massho-office destroy for what waits; else massho-office timestamp.\n"),
		out.Path(number+".pdf"), n[summary.Done], n[summary.Waiting], n[summary.Incomplete], n[summary.Void], missing)
	return err
}

// summaryLines has a line for each certificate, and for each medium that was
// destroyed without one.
func summaryLines(arc *archive.Archive) ([]summary.Line, error) {
	lines := []summary.Line{}
	for _, p := range arc.Papers {
		file, err := os.ReadFile(p.File)
		if err != nil {
			return nil, err
		}
		ref := deed.Ref{Number: p.Number, Payload: p.Hash, File: deed.SHA256(file)}
		var l summary.Line
		switch {
		case p.Kind == archive.Certificate:
			l = summary.LineOf(verify.Open(p.File, file, arc.Verify()).Statement, p.Hash, ref.File)
			l.Destroyed, l.Due = destruction(arc, p), arc.Due(p)
		case p.Kind == archive.Destruction && p.Of == "":
			var r destroy.Record
			if _, err := deed.OpenWith(file, &r, arc.Deeds()); err != nil {
				return nil, err
			}
			l = summary.LineOfDestruction(&r, ref)
		default:
			continue
		}
		l.Asset, l.Standing, l.Trouble = p.Asset, p.Standing, p.Trouble
		reissued(arc, p, &l)
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(x, y summary.Line) int { return strings.Compare(x.Number, y.Number) })
	return lines, nil
}

// destruction is the record of the destruction of a paper's medium that counts.
func destruction(arc *archive.Archive, p archive.Paper) *deed.Ref {
	for _, d := range arc.Papers {
		if d.Kind == archive.Destruction && d.Of == p.Hash && p.Hash != "" && d.Sound && (d.Standing == notice.Unseen || d.Standing == notice.Accepted) {
			return &deed.Ref{Number: d.Number, Payload: d.Hash, File: d.Checked.File}
		}
	}
	return nil
}

// reissued lets the reissue of a paper speak for it.
func reissued(arc *archive.Archive, p archive.Paper, l *summary.Line) {
	if p.Standing != notice.Superseded {
		return
	}
	for _, n := range arc.Notices {
		if n.Type != notice.Reissue || n.Target.Payload != p.Hash {
			continue
		}
		l.Reissued = &deed.Ref{Number: n.Number, Payload: n.Hash}
		l.Standing = notice.Unseen
		for _, q := range arc.Ledger() {
			if q.Hash == n.Hash {
				l.Standing, l.Asset = notice.Standing(q.Standing), q.Asset
			}
		}
	}
}

// summaryMissing compares the lines with the roster: a medium counts when a
// paper that is not void is about it.
func summaryMissing(arc *archive.Archive, lines []summary.Line) []summary.Missing {
	seen := map[string]map[string]bool{}
	for _, l := range lines {
		if l.State() == summary.Void {
			continue
		}
		if seen[l.Asset] == nil {
			seen[l.Asset] = map[string]bool{}
		}
		seen[l.Asset][l.Serial] = true
	}
	out := []summary.Missing{}
	for _, a := range arc.Case.Roster {
		if n := len(seen[a.Number]); n < a.ExpectedMedia {
			host := certs.Machine{Maker: a.HostMaker, Model: a.HostModel, Serial: a.HostSerial}
			out = append(out, summary.Missing{Asset: a.Number, Host: deed.MachineName(host), Expected: a.ExpectedMedia, Found: n})
		}
	}
	return out
}
