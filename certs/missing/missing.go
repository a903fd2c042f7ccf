// Package missing is the form in which the console records media that the case
// expects and that are not there (見つからない媒体): a note in a journal of the
// stick, so that it is hash-chained, mirrored and collected like everything
// else.
//
//	log.Append(journal.TypeNote, missing.New(media…))
//
// A journal that holds nothing but such notes belongs to no drive and needs no
// paper.
package missing

import (
	"encoding/json"
	"errors"

	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Kind marks the note among others.
const Kind = "missing-media"

// Note is the payload.
type Note struct {
	Kind  string   `json:"kind"` // Kind
	By    string   `json:"by"`   // who said so
	Media []Medium `json:"media"`
}

// Medium is one medium, or several without serial, of one PC.
type Medium struct {
	Asset  string `json:"asset"`            // 管理番号
	Serial string `json:"serial,omitempty"` // empty: the case gives only a number of media
	Count  int    `json:"count"`
	Reason Reason `json:"reason"`
}

// Reason is why a medium is not there.
type Reason string

// The reasons.
const (
	NotFound      Reason = "not-found"
	RemovedBefore Reason = "removed-before"
	OtherStation  Reason = "other-station"
	Unreadable    Reason = "unreadable"
	Welded        Reason = "welded"
	RosterWrong   Reason = "roster-wrong"
)

var labels = map[Reason]rules.Label{
	NotFound:      {Ja: "見つからない", En: "cannot be found"},
	RemovedBefore: {Ja: "先に取り外されていた", En: "was taken out before"},
	OtherStation:  {Ja: "別の作業機・別の日に処理する", En: "is done at another station or on another day"},
	Unreadable:    {Ja: "付いているが認識されない", En: "is there but not recognised"},
	Welded:        {Ja: "基板に固定されていて取り外せない", En: "is soldered and cannot be taken out"},
	RosterWrong:   {Ja: "名簿の誤り（はじめから存在しない）", En: "the roster is wrong: it never existed"},
}

// Label is the reason as people read it; an unknown one is shown as it is.
func (r Reason) Label() rules.Label {
	if l, ok := labels[r]; ok {
		return l
	}
	return rules.Label{Ja: string(r), En: string(r)}
}

// New is the note about media.
func New(by string, media ...Medium) Note { return Note{Kind, by, media} }

// ErrForm says that a note of this kind is not in the form of this package.
var ErrForm = errors.New("missing: a note about missing media that cannot be read")

// Of lists what a journal says is missing. The last word on one PC and serial
// counts.
func Of(log *journal.Log) ([]Medium, error) {
	var out []Medium
	var bad error
	for _, r := range log.Records {
		var n Note
		if r.Type != journal.TypeNote || json.Unmarshal(r.Payload, &n) != nil || n.Kind != Kind {
			continue
		}
		for _, m := range n.Media {
			if m.Count < 1 || m.Asset == "" {
				bad = ErrForm
				continue
			}
			out = add(out, m)
		}
	}
	return out, bad
}

func add(list []Medium, m Medium) []Medium {
	for i, old := range list {
		if old.Asset == m.Asset && old.Serial == m.Serial {
			list[i] = m
			return list
		}
	}
	return append(list, m)
}
