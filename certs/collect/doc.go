// Package collect brings the sticks of a case together in the office.
//
//	sticks = append(sticks, collect.Read("E:\\", os.DirFS("E:\\"), at)) // what lies on one stick
//	report := collect.Examine(collect.Input{Case: …, Sticks: sticks, …})
//	err := collect.Keep(report, folder)                                 // copies, read back
//	err = collect.Clear("E:\\", folder, …)                              // on request, later
//
// Examine is pure. It knows a record by what it says and by its hash, never by
// the stick that carries it: any stick of the case may carry another's, and the
// office's copies of earlier collections are examined again with the new ones.
// It checks every paper (certs/verify), joins the copies of every journal
// (journal.Merge), matches runs, papers and numbers with one another, and counts
// the media of every PC of the roster.
//
// Every finding has a Code. Its Level says what it means:
//
//	serious  somebody or something has made two stories of one; accept nothing
//	         of it before it is explained
//	gap      something that must be there is not
//	doubt    to be looked at
//	note     happened, and is in order
package collect

import (
	"slices"

	"github.com/massho/massho/wipe/rules"
)

// Level is how bad a finding is.
type Level int

// The levels, worst last.
const (
	Note Level = iota
	Doubt
	Gap
	Serious
)

var levelLabels = []rules.Label{{Ja: "参考", En: "note"}, {Ja: "要確認", En: "doubt"}, {Ja: "不足", En: "gap"}, {Ja: "重大", En: "serious"}}

// Label is the level as people read it.
func (l Level) Label() rules.Label { return levelLabels[l] }

// Code is the kind of a finding.
type Code string

// Finding is one thing that was found. What does not apply is empty.
type Finding struct {
	Code   Code   `json:"code"`
	Level  Level  `json:"level"`
	Stick  string `json:"stick,omitempty"`
	Number string `json:"number,omitempty"` // of a paper
	Run    string `json:"run,omitempty"`
	Asset  string `json:"asset,omitempty"`  // 管理番号
	Medium string `json:"medium,omitempty"` // serial
	Detail string `json:"detail,omitempty"`
}

// kind is what a code means and what to do.
type kind struct {
	level      Level
	text, next rules.Label
}

// Codes lists every code there is, in order.
func Codes() (out []Code) {
	for c := range kinds {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Text is the finding in "ja" or "en": what, where, detail.
func (f Finding) Text(lang string) string {
	s := kinds[f.Code].text.In(lang)
	between := map[string][2]string{
		"ja": {"USB", "媒体 "}, "en": {"stick ", "medium "},
	}[lang]
	where := ""
	for _, part := range [][2]string{{between[0], f.Stick}, {"", f.Asset}, {"", f.Number}, {between[1], f.Medium}, {"", short(f.Run)}} {
		if part[1] != "" {
			where += " " + part[0] + part[1]
		}
	}
	if where != "" {
		s += ":" + where
	}
	if f.Detail != "" {
		s += " (" + f.Detail + ")"
	}
	return s
}

// Next is what to do about it; empty for what is in order.
func (f Finding) Next(lang string) string { return kinds[f.Code].next.In(lang) }

// short is enough of a run's id to find it.
func short(run string) string {
	if len(run) > 8 {
		return run[:8]
	}
	return run
}
