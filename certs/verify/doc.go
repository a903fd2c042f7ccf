// Package verify checks a certificate with nothing but the file and the
// reader's trust root: no network, no device, no stick.
//
// Three questions are kept apart:
//
//   - Integrity: who signed this file, and was a byte changed since?
//   - Consistency: is the page the attached Statement drawn again; does the
//     Statement follow its schema; do the rules derive the same outcome?
//   - Corroboration: do the signed case and the journal say the same?
//
// Each finding has a Code, which is also the exit code of massho-verify. The
// worst finding of all files decides; the order of the codes below is the order
// of badness, worst first, after Valid.
//
//	 0  valid: the paper is what it says, whatever it says of the medium
//	 1  another error (an output could not be written)
//	 2  usage: no file named, no trust root named
//	 3  a trust file cannot be read
//	10  unreadable: not a certificate of massho, or none found
//	11  unsigned
//	12  altered after it was signed, or a revision that nobody of ours makes
//	13  unknown signer: no trusted authority issued the key, or it is another stick's
//	14  revoked, or signed outside the key's term
//	15  attachment and page differ
//	16  the Statement does not follow its schema
//	17  the rule pack is unknown to this program
//	18  the outcome is not what the rules derive
//	19  training and real things are mixed
//	20  the signed case does not support the Statement
//	21  the journal does not support the Statement
//	22  two different papers carry one number
//	23  the classification is not signed (分類は作業者の申告)
//	24  needs confirmation (要確認): the key's term is over, and nothing bounds the
//	    time of the signature from above; or its time is later than its bound
//	25  not complete, asked for with --complete: waiting for destruction, or a
//	    report of an incomplete erasure
//	26  superseded: rejected, corrected, withdrawn or issued again by a later paper
//	27  not checked: this program lacks the fonts or the layout of the page
//	28  camera: no journal here holds the code
//	29  needs confirmation (要確認): the key was revoked, and nothing shows that the
//	    signature was made before
//	30  papers that refer to one another disagree
//
// A record of Stage A, a report of an incomplete erasure and a paper of
// training are valid papers: they end with 0 and say what they are in their
// first line. Who wants to know whether the medium is done asks for Complete.
package verify

import (
	"time"

	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/tsa"
)

// Code is the kind of a finding and the exit code of the program.
type Code int

// The codes. They are stable.
const (
	Valid                  Code = 0
	Failure                Code = 1
	Usage                  Code = 2
	TrustUnreadable        Code = 3
	Unreadable             Code = 10
	Unsigned               Code = 11
	Altered                Code = 12
	UnknownSigner          Code = 13
	Revoked                Code = 14
	PageDiffers            Code = 15
	SchemaViolated         Code = 16
	RulePackUnknown        Code = 17
	OutcomeDiffers         Code = 18
	TrainingMixed          Code = 19
	CaseDiffers            Code = 20
	JournalDiffers         Code = 21
	DuplicateNumber        Code = 22
	ClassificationUnsigned Code = 23
	NeedsConfirmation      Code = 24
	Incomplete             Code = 25
	Superseded             Code = 26
	NotChecked             Code = 27
	CodeNotFound           Code = 28
	RevokedUnbounded       Code = 29
	RelationDiffers        Code = 30
)

// Worse returns the worse of two codes: the smaller one that is not Valid.
func Worse(a, b Code) Code {
	switch {
	case a == Valid:
		return b
	case b == Valid:
		return a
	}
	return min(a, b)
}

// Part is one of the three questions.
type Part string

// The questions.
const (
	Integrity     Part = "integrity"
	Consistency   Part = "consistency"
	Corroboration Part = "corroboration"
)

// Options is what the reader brings along.
type Options struct {
	Trust    keys.Trust
	Stamps   tsa.Trust // time stamping authorities; may be empty
	Bounds   []Bound   // what else is known of when a record existed
	Now      time.Time // to see whether a signer's term is over
	Complete bool      // a paper that waits for destruction is not enough, unless Many has its destruction too
	// Kinds makes empty contents of further deeds, by kind.
	Kinds map[string]func() deed.Content
}
