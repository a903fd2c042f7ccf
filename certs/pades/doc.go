// Package pades signs a PDF of certs/pdf as PAdES (ETSI EN 319 142-1, baseline
// B-B): SubFilter ETSI.CAdES.detached, ECDSA P-256, ESSCertIDv2, one incremental
// update for each signature. The first signature, the stick's, certifies the
// document with DocMDP P=2: afterwards only signatures may be added.
//
// What may be added is not judged by looking at it. Check reads the parameters
// out of a revision, writes that revision again with the same code, and
// compares bytes: whatever Sign would not have written is refused.
package pades

import (
	"errors"
	"time"
)

// Info is what a signature says of itself besides its certificate.
type Info struct {
	Field  string    // name of the signature field, ASCII: "stick", "operator-1", …
	Name   string    // who signs, for people
	Reason string    // why, for people
	Time   time.Time // claimed
}

// reserved is the room for one CMS in bytes; 3 KB would do for a short chain.
const reserved = 8192

// The ways a revision can be wrong.
var (
	ErrUnsigned = errors.New("no signature")
	ErrAltered  = errors.New("altered after it was signed")
	ErrForeign  = errors.New("a revision that no signature of ours makes")
)
