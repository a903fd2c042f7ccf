package rules

// Pack is one edition of the rules: 図表41, 表7-1-1 and the claims table.
type Pack struct {
	ID string `json:"id"`
}

// Derive is the one pure function that says what executed steps may claim.
func (p *Pack) Derive(row Row, f Facts, pol Policy) Derivation {
	return Derivation{Row: row, NIST: MethodNone, Outcome: OutcomeCompletedUnverified, Basis: BasisNone, Paper: PaperIncomplete}
}

// Hash is the SHA-256 of the pack's bytes, in hex.
func (p *Pack) Hash() string { return "" }
