// Package wipe turns what was stored on a medium into an outcome that can be
// proved:
//
//	Category → Row → Plan → Run → Verify → Outcome
//
// NewPlan is a pure function: it looks at nothing and touches nothing. Runner.Run
// is the only place in this program that writes to a drive. It writes an intent
// to the journal before each act and the result after it, and it never judges:
// the facts it gathered go to rules.Derive, which says what they may claim.
//
// A run ends in one of five words: Verified, CompletedUnverified, Failed,
// Interrupted, NotSanitizable. There is no "success".
package wipe
