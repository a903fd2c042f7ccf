package notice

import (
	"slices"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/keys"
)

// Standing is what the office has said of a paper, in one word.
type Standing string

// The standings.
const (
	Unseen     Standing = "unseen"
	Accepted   Standing = "accepted"
	Rejected   Standing = "rejected"
	Withdrawn  Standing = "withdrawn"
	Superseded Standing = "superseded" // by a reissue
)

var standings = map[Standing]string{Unseen: "未確認", Accepted: "受理", Rejected: "却下", Withdrawn: "取消", Superseded: "再発行済み"}

// Ja is the standing as people read it.
func (s Standing) Ja() string { return standings[s] }

// AcceptReason begins the reason of a countersignature that accepts.
const AcceptReason = "確認・受理 "

// Signature is what matters of one signature of a paper.
type Signature struct {
	By     keys.Signer
	Field  string
	Reason string
	Sound  bool // by a key that the authority issued, in its term, not revoked
}

// Accepts reports whether a signature accepts the paper of that number.
func (s Signature) Accepts(number string) bool {
	want := AcceptReason + number
	return s.Sound && s.By.Holder.Kind == keys.Staff && s.By.Holder.Role == certs.RoleValidator &&
		len(s.Reason) >= len(want) && s.Reason[:len(want)] == want && (len(s.Reason) == len(want) || s.Reason[len(want)] == ' ')
}

// Given is a notice whose signatures hold.
type Given struct {
	Notice
	Hash string // of its payload
}

// Live leaves out notices that were withdrawn. Withdrawing a withdrawal brings
// the first back; a circle cannot be, since each names the other's hash.
func Live(all []Given) []Given {
	gone := map[string]bool{}
	var dead func(g Given) bool
	dead = func(g Given) bool {
		for _, w := range all {
			if w.Type == Withdraw && w.Target.Payload == g.Hash && w.Hash != g.Hash && !dead(w) {
				return true
			}
		}
		return false
	}
	for _, g := range all {
		gone[g.Hash] = dead(g)
	}
	return slices.DeleteFunc(slices.Clone(all), func(g Given) bool { return gone[g.Hash] })
}

// StandingOf folds what was said of the paper with that payload. live are the
// notices that Live left. The strongest word counts: withdrawn, superseded,
// rejected, accepted.
func StandingOf(number, payload string, sigs []Signature, live []Given) Standing {
	s := Unseen
	for _, sig := range sigs {
		if sig.Accepts(number) {
			s = Accepted
		}
	}
	order := []Standing{Unseen, Accepted, Rejected, Superseded, Withdrawn}
	for _, g := range live {
		if g.Target.Payload != payload {
			continue
		}
		now := map[Type]Standing{Reject: Rejected, Reissue: Superseded, Withdraw: Withdrawn}[g.Type]
		if slices.Index(order, now) > slices.Index(order, s) {
			s = now
		}
	}
	return s
}

// Corrections are the changes that live notices make to the paper, in the order
// in which they were issued.
func Corrections(payload string, live []Given) (out []Change) {
	mine := slices.DeleteFunc(slices.Clone(live), func(g Given) bool { return g.Target.Payload != payload || g.Type != Correct })
	slices.SortStableFunc(mine, func(a, b Given) int { return a.Issued.Compare(b.Issued) })
	for _, g := range mine {
		out = append(out, g.Changes...)
	}
	return out
}
