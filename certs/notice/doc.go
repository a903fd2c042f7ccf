// Package notice is what the office says of a paper after it was issued, as
// signed papers of their own that refer to it by hash:
//
//	却下 (reject)      it is not accepted
//	訂正 (correct)     some of its entries were wrong, and these are right
//	取消 (withdraw)    it counts no longer; also for a notice given by mistake
//	再発行 (reissue)   a paper with -R1 that carries the first and its corrections
//
// Nothing of these changes the first paper: its facts, what the rules derive
// from them, the medium and the times stay what the stick signed. Only entries
// that people typed or the 台帳 gave can be corrected (Fields), and the value
// before must be the paper's.
//
// StandingOf folds everything that was said into one word. A notice counts when
// a 確認職員 signed it; one that was withdrawn counts for nothing.
package notice

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/wipe/rules"
)

// Type is what a notice does.
type Type string

// The types.
const (
	Reject   Type = "reject"
	Correct  Type = "correct"
	Withdraw Type = "withdraw"
	Reissue  Type = "reissue"
)

var titles = map[Type]string{Reject: "却下通知書", Correct: "訂正通知書", Withdraw: "取消通知書", Reissue: "再発行証明書"}

// Notice is the content of the paper.
type Notice struct {
	deed.Head
	Type    Type     `json:"type"`
	Target  Target   `json:"target"`
	Reason  string   `json:"reason"`
	Changes []Change `json:"changes"`
	// Original names the first paper's file, attached to a reissue.
	Original *deed.FileRef `json:"original,omitempty"`
}

// Target is the paper that the notice is about, as it says itself.
type Target struct {
	deed.Ref
	Title  string `json:"title"`
	Serial string `json:"serial"` // of the medium
	Asset  string `json:"asset"`  // 管理番号
	// What the paper came to; empty for a destruction record.
	Row     rules.Row     `json:"row"`
	Reached rules.Row     `json:"reached"`
	Outcome rules.Outcome `json:"outcome"`
	Basis   rules.Basis   `json:"basis"`
}

// TargetOf is a certificate as the target of a notice.
func TargetOf(s certs.Statement, payload string, file []byte) Target {
	d := s.Derivation
	return Target{Ref: deed.Ref{Number: s.Number, Payload: payload, File: deed.SHA256(file)}, Title: d.Paper.Label().Ja,
		Serial: s.Medium.Serial, Asset: s.Asset.Number, Row: d.Row, Reached: d.Reached, Outcome: d.Outcome, Basis: d.Basis}
}

// Change is one corrected entry.
type Change struct {
	Field  string `json:"field"` // one of Fields
	Before string `json:"before"`
	After  string `json:"after"`
}

// AttachedOriginal is the name of the first paper inside a reissue.
const AttachedOriginal = "original.pdf"

// ErrChange says that an entry cannot be corrected, or was not what is said.
var ErrChange = errors.New("this entry cannot be corrected like that")

// Kind is the deed's kind.
func (n *Notice) Kind() string { return "notice/v1" }

// Title is the paper's title.
func (n *Notice) Title() string { return titles[n.Type] }

// Subjects is the paper that it is about.
func (n *Notice) Subjects() []deed.Ref { return []deed.Ref{n.Target.Ref} }

// Files is the first paper, for a reissue.
func (n *Notice) Files() []deed.FileRef {
	if n.Original == nil {
		return nil
	}
	return []deed.FileRef{*n.Original}
}

var reissueForm = regexp.MustCompile(`^(.+)-R([1-9][0-9]?)$`)

// Validate refuses what no notice may say.
func (n *Notice) Validate() error {
	switch {
	case titles[n.Type] == "":
		return fmt.Errorf("notice of type %q", n.Type)
	case !deed.Valid64(n.Target.Payload) || n.Target.Number == "":
		return errors.New("the paper is not named by number and hash")
	case strings.TrimSpace(n.Reason) == "":
		return errors.New("no reason is given")
	case n.Issuer.Role != certs.RoleValidator:
		return errors.New("only a 確認職員 rejects, corrects, withdraws or reissues")
	case (n.Type == Correct) && len(n.Changes) == 0:
		return fmt.Errorf("%w: no entry is named", ErrChange)
	case (n.Type == Reject || n.Type == Withdraw) && len(n.Changes) > 0:
		return fmt.Errorf("%w: a %s changes no entry", ErrChange, n.Type)
	case (n.Type == Reissue) != (n.Original != nil):
		return errors.New("a reissue, and nothing else, carries the first paper")
	case n.Original != nil && (n.Original.Name != AttachedOriginal || n.Original.SHA256 != n.Target.File):
		return errors.New("the attached paper is not the one that is reissued")
	}
	m := reissueForm.FindStringSubmatch(n.Number)
	if (n.Type == Reissue) != (m != nil) || m != nil && m[1] != FirstNumber(n.Target.Number) {
		return fmt.Errorf("number %s for a %s of %s", n.Number, n.Type, n.Target.Number)
	}
	seen := map[string]bool{}
	for _, c := range n.Changes {
		if _, ok := fields[c.Field]; !ok || seen[c.Field] || c.Before == c.After {
			return fmt.Errorf("%w: %s", ErrChange, c.Field)
		}
		seen[c.Field] = true
	}
	return nil
}

// FirstNumber is a number without -R1.
func FirstNumber(number string) string {
	if m := reissueForm.FindStringSubmatch(number); m != nil {
		return m[1]
	}
	return number
}
