// Package tsa asks for RFC 3161 time stamps and checks them years later,
// offline. A time stamp says that the stamped bytes existed at a time, on the
// word of a time stamping authority (時刻認証局) that neither the stick's bearer
// nor the 団体 controls: it bounds the time of every signature under it from
// above.
//
//	req, nonce, err := tsa.Request(digest, rand.Reader)   // to be sent to the authority
//	token, err := tsa.FromReply(reply, digest, nonce)
//	stamp, err := tsa.Check(token, digest)                // anywhere, later
//	err = trust.Judge(stamp, now)
//
// Nothing here opens a connection or reads a clock. Whom to trust is the
// reader's choice, in PEM files of their own; it never comes from the paper.
package tsa

import (
	"crypto/x509"
	"errors"
	"time"
)

// The ways in which a time stamp is no good.
var (
	ErrReply   = errors.New("the time stamping authority's reply cannot be used")
	ErrToken   = errors.New("not a time stamp over these bytes")
	ErrUnknown = errors.New("the time stamping authority is not trusted")
	ErrExpired = errors.New("the time stamping authority's certificate was not valid then, or is no longer")
	ErrRevoked = errors.New("the time stamping authority's certificate was revoked")
)

// Stamp is a token whose signature holds, by a certificate for time stamping.
type Stamp struct {
	Time     time.Time     // as the authority says
	Accuracy time.Duration // of Time; 0: not said
	Serial   string        // decimal
	Policy   string        // object identifier
	Signer   *x509.Certificate
	Others   []*x509.Certificate // sent along; never trusted for that
}

// Latest is the last moment that Time can mean.
func (s Stamp) Latest() time.Time { return s.Time.Add(s.Accuracy) }
