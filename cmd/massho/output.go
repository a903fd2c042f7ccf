package main

import (
	"encoding/json"
	"fmt"

	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// printJSON prints v as one line.
func (a *app) printJSON(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	_, err = fmt.Fprintf(a.out, "%s\n", b)
	return err
}

// note is a rule's note in the chosen language.
func (a *app) note(n rules.Note) string { return a.t(n.Ja, n.En) }

// outcomeLine is the JSON form of one outcome.
type outcomeLine struct {
	Type       string           `json:"type"` // "outcome"
	Serial     string           `json:"serial"`
	Number     string           `json:"number,omitempty"`
	File       string           `json:"file,omitempty"`
	Derivation rules.Derivation `json:"derivation"`
	Errors     []string         `json:"errors,omitempty"`
	Error      string           `json:"error,omitempty"`
}

// showOutcome prints how one drive ended: the outcome's word, what it reaches,
// the paper, and why it is not more.
func (a *app) showOutcome(o session.Outcome) error {
	d := o.Result.Derivation
	if a.json {
		line := outcomeLine{"outcome", o.Work.Plan.Target.Serial, o.Number, o.File, d, o.Result.Errors, ""}
		if o.Err != nil {
			line.Error = a.errorText(o.Err)
		}
		return a.printJSON(line)
	}
	fmt.Fprintf(a.out, "%-24s ", o.Work.Plan.Target.Serial)
	if !o.Begun {
		fmt.Fprintln(a.out, a.t("開始していません", "not begun"))
		return nil // the error itself is shown at the end
	}
	fmt.Fprintf(a.out, "%s  %s\n", d.Outcome.Label().In(a.lang), d.Paper.Label().In(a.lang))
	for _, e := range o.Result.Errors {
		fmt.Fprintf(a.out, "    × %s\n", e)
	}
	for _, n := range d.Reasons {
		fmt.Fprintf(a.out, "    ・%s\n", a.note(n))
	}
	if o.File != "" {
		fmt.Fprintf(a.out, "    %s %s\n", a.t("記録（読み戻し確認済み）", "record (read back)"), o.File)
	}
	return nil
}
