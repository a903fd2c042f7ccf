package wipe

import "github.com/massho/massho/wipe/rules"

// promptAfter is the prompt for the physical destruction that must follow what a
// run really reached; nil when nothing must.
func (p Plan) promptAfter(d rules.Derivation, pack *rules.Pack, pol rules.Policy) *DestructionPrompt {
	switch d.Paper {
	case rules.PaperStageA:
		p.Disposition = DispositionAwaitDestruction
	case rules.PaperIncomplete:
		p.Disposition = DispositionKeepInside
		if d.Reached != rules.RowNone {
			p.Disposition = DispositionAwaitDestruction
		}
	default:
		return nil
	}
	return p.prompt(Input{Pack: pack, Policy: pol})
}
