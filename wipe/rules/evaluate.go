package rules

// Derive is the one pure function that says what executed steps may claim. The
// planner asks it about a clean run, the runner about the run there was, the
// checker about the run that a paper tells of.
//
// Unknown words, contradictions and an unknown row are never an advantage:
// facts that do not validate claim nothing, a row that does not exist is row (1).
func (p *Pack) Derive(row Row, f Facts, pol Policy) Derivation {
	d := Derivation{
		Row: pol.RowFor(row), NIST: MethodNone, Basis: BasisNone,
		Items: []string{}, Reasons: []Note{}, NotClaimed: []Note{},
	}
	var why notes
	outcome, obstacles := p.obstacle(f, pol)
	if outcome == "" {
		outcome = p.claim(&d, &why, f, pol)
	}
	d.Outcome = outcome
	d.Paper = paperFor(d.Row, d.Reached)
	why.add(obstacles...)
	why.add(rowReasons(d)...)
	d.Reasons = append(d.Reasons, why...)
	d.NotClaimed = append(d.NotClaimed, p.notClaimed(d, f)...)
	return d
}

// claim fills what the steps reach and says whether that is a verified level.
func (p *Pack) claim(d *Derivation, why *notes, f Facts, pol Policy) Outcome {
	findings := make([]finding, 0, len(f.Steps))
	for i, s := range f.Steps {
		findings = append(findings, p.find(evidence{f, pol, s, i}))
	}
	byHost := false
	for _, g := range findings {
		byHost = byHost || g.table711 && g.basis == BasisHostVerified
		if g.row.stricterThan(d.Reached) {
			d.Reached = g.row
		}
		if g.nist == MethodPurge || d.NIST == MethodNone {
			d.NIST = g.nist
		}
		d.Table711 = d.Table711 || g.table711
	}
	for _, g := range findings {
		d.take(g, why)
	}
	if d.Table711 && !byHost {
		why.add(note("table711-device-attested", "表7-1-1の該当は、装置の自己申告 (SECURITY ERASE UNIT) に依拠する。",
			"That 表7-1-1 is met rests on the device's own word (SECURITY ERASE UNIT)."))
	}
	if d.Reached == RowNone {
		return OutcomeCompletedUnverified
	}
	return OutcomeVerified
}

// take adds what one step contributes to the level reached, and what it lacks
// for the level that the row asks.
func (d *Derivation) take(g finding, why *notes) {
	if g.row != RowNone && g.row == d.Reached {
		// The host's word stands only where it covers the NIST label as well.
		if g.basis == BasisHostVerified && g.nist == d.NIST {
			d.Basis = BasisHostVerified
		} else if d.Basis == BasisNone {
			d.Basis = BasisDeviceAttested
		}
		d.addItem(g.item)
	}
	why.add(g.reasons...)
	for _, m := range g.missing {
		if m.row.stricterThan(d.Reached) && target(d.Row).stricterThan(d.Reached) {
			why.add(m.why)
		}
	}
}

func (d *Derivation) addItem(item string) {
	for _, have := range d.Items {
		if have == item {
			return
		}
	}
	d.Items = append(d.Items, item)
}

// finding is what one step may claim. Its zero value claims nothing.
type finding struct {
	row      Row
	item     string
	nist     Method
	table711 bool
	basis    Basis
	reasons  []Note
	missing  []missing
}

// missing is a claim of that row which did not hold, and why.
type missing struct {
	row Row
	why Note
}

// find evaluates one step. A hybrid or unknown medium has what is weakest among
// the kinds that it may be.
func (p *Pack) find(e evidence) finding {
	var weakest finding
	for i, m := range p.Media[e.f.Medium] {
		g := p.findOn(e, m)
		if i == 0 {
			weakest = g
		} else {
			weakest = weakest.orWeaker(g)
		}
	}
	if weakest.nist == "" {
		weakest.nist = MethodNone
	}
	if weakest.row != RowNone {
		r := weakest.row.Label()
		weakest.reasons = append(weakest.reasons, noteStep("claim", e.step,
			r.Ja+" ["+weakest.item+"]", r.En+" ["+weakest.item+"]"))
	}
	return weakest
}

// findOn evaluates one step as if the medium were m.
func (p *Pack) findOn(e evidence, m MediumKind) finding {
	g := finding{nist: MethodNone}
	claims := p.ClaimsFor(e.step.Technique, m)
	if len(claims) == 0 {
		l := m.Label()
		g.missing = append(g.missing, missing{Row2, noteStep("technique-not-for-medium", e.step,
			l.Ja+"では認められる手法ではない。", "no accepted technique on "+l.En+".")})
	}
	for _, c := range claims {
		if ok, why := c.holds(e); ok {
			g.merge(c)
		} else {
			g.missing = append(g.missing, missing{c.Row, why})
		}
	}
	return g
}

// holds reports whether everything that the claim needs was shown.
func (c Claim) holds(e evidence) (bool, Note) {
	if e.pol.RequireHostVerified && c.Basis != BasisHostVerified {
		return false, note("policy-host-verified", "団体の方針により、装置の自己申告に依拠する結果は認めない。",
			"The policy accepts no result that rests on the device's own word.")
	}
	for _, n := range c.Needs {
		if ok, why := conditions[n](e); !ok {
			return false, why
		}
	}
	return true, Note{}
}

// merge adds a claim that holds.
func (g *finding) merge(c Claim) {
	if c.Row.stricterThan(g.row) {
		g.row, g.item, g.basis = c.Row, c.Item, c.Basis
	}
	if c.NIST == MethodPurge || g.nist == MethodNone {
		g.nist = c.NIST
	}
	g.table711 = g.table711 || c.Table711
	if c.Why != nil {
		g.reasons = append(g.reasons, *c.Why)
	}
}

// orWeaker keeps of two findings only what both may claim.
func (g finding) orWeaker(o finding) finding {
	if g.row.stricterThan(o.row) {
		g.row, g.item = o.row, o.item
	}
	if g.nist == MethodPurge || o.nist == MethodNone {
		g.nist = o.nist
	}
	if o.basis == BasisDeviceAttested {
		g.basis = o.basis
	}
	g.table711 = g.table711 && o.table711
	g.reasons = append(g.reasons, o.reasons...)
	g.missing = append(g.missing, o.missing...)
	return g
}

// stricterThan: (1) before (2) before (3) before none.
func (r Row) stricterThan(o Row) bool {
	return r != RowNone && (o == RowNone || r < o)
}

// target is the level that the run itself must reach for a row: of row (1)
// software does the 庁舎内 消去 at level (3) only.
func target(r Row) Row {
	if r == Row2 {
		return Row2
	}
	return Row3
}

// paperFor selects the paper that a level earns under a row.
func paperFor(row, reached Row) Paper {
	switch {
	case reached == RowNone:
		return PaperIncomplete
	case row == Row3:
		return PaperErasedRow3
	case row == Row2 && reached == Row2:
		return PaperErasedRow2
	}
	return PaperStageA
}
