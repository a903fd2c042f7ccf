package deed

import (
	"fmt"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
)

// Options is what the reader of a deed brings along.
type Options struct {
	Trust  keys.Trust
	Stamps tsa.Trust // time stamping authorities; may be empty
	Now    time.Time // zero: nothing bounds the signatures from above
}

// Signed is one signature that holds, and who made it. With a Doubt it counts
// for nothing: its key was out of its term or revoked, and nothing shows that
// the signature is older than that.
type Signed struct {
	pades.Signature
	By    keys.Signer
	Doubt error
}

// signersOf judges the revisions from the last to the first: a time stamp, and a
// signature of the 団体's own people, bounds from above the time of everything
// under it, and with it whether a key that was revoked later could still be
// used (EN 319 102-1 §5.6.2). So a paper outlives the key of who left the office.
func signersOf(doc *pades.Document, opt Options) ([]Signed, error) {
	latest := opt.Now
	if latest.IsZero() {
		latest = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	out := make([]Signed, len(doc.Signatures))
	next := len(out)
	for i := len(doc.Revisions) - 1; i >= 0; i-- {
		switch r := doc.Revisions[i]; {
		case r.Stamp != nil:
			latest = stampBound(*r.Stamp, opt.Stamps, latest)
		case r.Signature != nil:
			s, err := judge(*r.Signature, opt.Trust, latest)
			if err != nil {
				return nil, err
			}
			next--
			out[next] = s
			if own := s.By.Holder.Role == certs.RoleWitness || s.By.Holder.Role == certs.RoleValidator; own && s.Doubt == nil && s.Time.Before(latest) {
				latest = s.Time
			}
		}
	}
	for _, s := range out[1:] {
		if !s.By.Root.Equal(out[0].By.Root) {
			return nil, fmt.Errorf("%w: signatures under two authorities", keys.ErrUnknownSigner)
		}
	}
	return out, nil
}

func judge(sig pades.Signature, trust keys.Trust, latest time.Time) (Signed, error) {
	s, err := trust.Check(sig.Signer, sig.Time)
	switch {
	case s.Cert == nil:
		return Signed{}, err
	case s.Holder.Kind != keys.Staff:
		return Signed{}, fmt.Errorf("%w: %s signs no papers of the office", ErrSigner, s.Holder.Kind)
	}
	out := Signed{Signature: sig, By: s}
	switch {
	case sig.Time.Before(s.Cert.NotBefore) || sig.Time.After(s.Cert.NotAfter):
		out.Doubt = fmt.Errorf("%w: %s", keys.ErrExpired, sig.Name)
	case !s.Revoked.IsZero() && (!sig.Time.Before(s.Revoked) || !latest.Before(s.Revoked)):
		out.Doubt = fmt.Errorf("%w: %s", keys.ErrRevoked, sig.Name)
	}
	return out, nil
}

// stampBound lowers the bound if a time stamp counts. One that does not takes
// nothing away.
func stampBound(s pades.Stamp, trust tsa.Trust, latest time.Time) time.Time {
	got, err := tsa.Check(s.Token, s.Digest)
	if err != nil || trust.Judge(got, latest) != nil || !got.Latest().Before(latest) {
		return latest
	}
	return got.Latest()
}
