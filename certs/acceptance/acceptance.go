// Package acceptance is the 確認職員's part: to see what is doubtful about a
// paper, and to accept it by a countersignature.
//
// Accepting is validation in the words of SP 800-88: a person of the 団体 says
// that this result is enough for this medium. No program does it. A paper that
// fails its check cannot be accepted, one that reports an incomplete erasure
// neither; everything else that Doubts names must have been put before the
// person, and the signature's reason names it.
package acceptance

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/wipe/rules"
)

// The ways in which a paper cannot be accepted.
var (
	ErrRole     = errors.New("only a 確認職員 accepts")
	ErrUnsound  = errors.New("the paper does not pass its check")
	ErrAlready  = errors.New("it is accepted already")
	ErrStanding = errors.New("it was rejected, withdrawn or reissued")
)

// Request is one paper to be accepted.
type Request struct {
	File     []byte
	Number   string
	Doubts   []rules.Note    // as they were shown
	Standing notice.Standing // as it is
	Fields   []string        // names of the signature fields that it has
	By       deed.Signer
	At       time.Time
}

// Accept countersigns and returns the longer file.
func Accept(r Request) ([]byte, error) {
	h, err := keys.HolderOf(r.By.Pair.Cert)
	if err != nil {
		return nil, err
	}
	switch {
	case h.Kind != keys.Staff || h.Role != certs.RoleValidator:
		return nil, fmt.Errorf("accept %s: %w: the key is of %s %s", r.Number, ErrRole, h.Kind, h.Role)
	case r.Standing == notice.Accepted:
		return nil, fmt.Errorf("accept %s: %w", r.Number, ErrAlready)
	case r.Standing != notice.Unseen:
		return nil, fmt.Errorf("accept %s: %w (%s)", r.Number, ErrStanding, r.Standing.Ja())
	}
	if _, err := (keys.Trust{Roots: roots(r.By)}).Check(r.By.Pair.Cert, r.At); err != nil {
		return nil, fmt.Errorf("accept %s: %w", r.Number, err)
	}
	info := pades.Info{Field: field(h.Role, r.Fields), Name: r.By.Pair.Cert.Subject.CommonName, Reason: reason(r), Time: r.At.Truncate(time.Second)}
	return pades.Sign(r.File, info, r.By.Pair, r.By.Root)
}

// reason names what was doubtful and seen: it stands in the signature.
func reason(r Request) string {
	s := notice.AcceptReason + r.Number
	if len(r.Doubts) == 0 {
		return s
	}
	var codes []string
	for _, d := range r.Doubts {
		codes = append(codes, d.Code)
	}
	return s + fmt.Sprintf(" 留意事項%d件を確認（%s）", len(codes), strings.Join(codes, ", "))
}

// field is the next free name for a role: validator-1, validator-2, …
func field(role string, taken []string) string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", role, n)
		free := true
		for _, t := range taken {
			free = free && t != name
		}
		if free {
			return name
		}
	}
}
