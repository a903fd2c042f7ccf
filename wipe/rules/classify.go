package rules

import (
	"errors"
	"fmt"
)

// ErrNotAnswered says that a question of the classification was left open.
// 不明 is an answer; silence is not.
var ErrNotAnswered = errors.New("rules: classification not answered")

// ErrNotAnAnswer says that an answer is none of the words there are.
var ErrNotAnAnswer = errors.New("rules: not an answer of the classification")

// ClassifyError is a question that stops the classification, in both languages.
type ClassifyError struct {
	Field string // "system", "residentInfo" or "confidentiality"
	Note  Note   // what is missing and what to do
	err   error
}

// Error is the English form.
func (e *ClassifyError) Error() string { return fmt.Sprintf("%v: %s: %s", e.err, e.Field, e.Note.En) }

// Unwrap gives ErrNotAnswered or ErrNotAnAnswer.
func (e *ClassifyError) Unwrap() error { return e.err }

// Classify says which row of 図表41 applies, and why: the 系 first, then
// 自治体機密性, then the policy, which may only be stricter. An answer of 不明
// leads to the strictest row that is still possible; a *ClassifyError says
// which question was not answered.
func (p *Pack) Classify(c Category, pol Policy) (Row, []Note, error) {
	if err := pol.Validate(); err != nil {
		return RowNone, nil, err
	}
	row, why, err := classify(c)
	if err != nil {
		return RowNone, nil, err
	}
	out := []Note{why}
	if strict := pol.RowFor(row); strict != row {
		l := strict.Label()
		out = append(out, note("policy-minimum-row", "団体の方針により"+l.Ja+"として扱う。", "The policy treats it as "+l.En+"."))
		row = strict
	}
	return row, out, nil
}

func classify(c Category) (Row, Note, error) {
	switch {
	case c.System == "":
		return RowNone, Note{}, notAnswered("system", "どの系で使われたかが未回答です。「不明」も選べます。",
			"which 系 it served is not answered; \"unknown\" is an answer")
	case !c.System.valid():
		return RowNone, Note{}, notAWord("system", string(c.System))
	case c.Confidentiality != "" && !c.Confidentiality.valid():
		return RowNone, Note{}, notAWord("confidentiality", string(c.Confidentiality))
	case !c.ResidentInfo.valid():
		return RowNone, Note{}, notAWord("residentInfo", string(c.ResidentInfo))
	case c.System == SystemUnknown:
		return Row1, note("system-unknown", "系が不明のため、最も厳しい分類とする。", "The 系 is unknown: the strictest row."), nil
	}
	if c.System == SystemMyNumber {
		switch c.ResidentInfo {
		case "":
			return RowNone, Note{}, notAnswered("residentInfo", "住民情報を保存していたかが未回答です。「不明」も選べます。",
				"whether 住民情報 was stored is not answered; \"unknown\" is an answer")
		case AnswerYes:
			return Row1, note("mynumber-resident", "マイナンバー利用事務系の領域において住民情報を保存する記憶媒体。", "It held 住民情報 in the マイナンバー利用事務系."), nil
		case AnswerUnknown:
			return Row1, note("resident-unknown", "マイナンバー利用事務系で、住民情報の有無が不明のため、最も厳しい分類とする。",
				"マイナンバー利用事務系, and whether it held 住民情報 is unknown: the strictest row."), nil
		}
	}
	return classifyLabel(c.Confidentiality)
}

// classifyLabel is the rest of the table, once row (1) is excluded.
func classifyLabel(c Confidentiality) (Row, Note, error) {
	l := c.Label()
	switch c {
	case Conf1:
		return Row3, note("confidentiality", l.Ja+"に該当する情報を保存する記憶媒体。", "It held "+l.En+"."), nil
	case Conf2, Conf3A, Conf3B, Conf3C:
		return Row2, note("confidentiality", l.Ja+" (自治体機密性2以上) に該当する情報を保存する記憶媒体。", "It held "+l.En+" (2 or above)."), nil
	case ConfUnknown:
		return Row2, note("confidentiality-unknown", "自治体機密性が不明のため、厳しい方の分類とする。", "The 自治体機密性 is unknown: the stricter row."), nil
	}
	return RowNone, Note{}, notAnswered("confidentiality", "自治体機密性が未回答です。「不明」も選べます。",
		"the 自治体機密性 is not answered; \"unknown\" is an answer")
}

// RowFor gives the stricter of a row and the policy's minimum. A row that does
// not exist is row (1).
func (p Policy) RowFor(row Row) Row {
	if row < Row1 || row > Row3 {
		return Row1
	}
	if p.MinimumRow.stricterThan(row) && p.MinimumRow >= Row1 {
		return p.MinimumRow
	}
	return row
}

func notAnswered(field, ja, en string) error {
	return &ClassifyError{field, note("not-answered", ja, en), ErrNotAnswered}
}

func notAWord(field, got string) error {
	return &ClassifyError{field, notef("not-an-answer", "「%s」は回答の選択肢にありません。", "%q is none of the answers", got), ErrNotAnAnswer}
}
