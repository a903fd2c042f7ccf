package cases

import "errors"

// The ways in which a case file can be no good. Load wraps one of them and the
// cause; each names the next step. Nothing of a case that failed is used.
var (
	ErrDamaged       = errors.New("the case file is damaged or is no case file: copy it again from the office, or prepare the stick anew (massho-office prepare)")
	ErrUnsigned      = errors.New("the case file is not signed: have it signed in the office (massho-office prepare)")
	ErrAltered       = errors.New("the case file was altered after it was signed: do not use this stick; ask the office for another one")
	ErrUnknownSigner = errors.New("the case was signed with a key that the authority's root does not vouch for: check that case and root.pem belong together")
	ErrExpired       = errors.New("the case's term has ended, or the clock is wrong: check the clock, then ask the office for a new case")
	ErrRulePack      = errors.New("the case names a rule pack that this program does not have: use the program of the case, or prepare the case anew")
)
