package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
)

// Bound is the latest moment at which something can have been made.
type Bound struct {
	Payload string // hash of the payload that it is about, hex
	At      time.Time
	By      string // on whose word, for people

	root *x509.Certificate // of the authority whose word it is; nil: the reader's own knowledge
}

// skew is how far the station's clock may be wrong without a word.
const skew = 15 * time.Minute

// judged is what was found of one revision.
type judged struct {
	signed   *Signed
	ok       string
	findings []Finding
}

func (j *judged) find(code Code, ja string, detail error) {
	f := Finding{Code: code, Part: Integrity, Ja: ja}
	if detail != nil {
		f.Detail = detail.Error()
	}
	j.findings = append(j.findings, f)
}

// revisions judges all revisions from the last to the first: each time stamp,
// and each signature of the 団体's own people, bounds from above the time of
// everything under it, and with it whether the keys there could still be used
// (the past signature validation of EN 319 102-1 §5.6.2).
func (c *check) revisions() {
	trust := c.withStored()
	if s, err := trust.Check(c.doc.Signatures[0].Signer, c.doc.Signatures[0].Time); err == nil || s.Cert != nil {
		c.signer = s
	}
	latest := Bound{At: c.opt.Now}
	results := make([]judged, len(c.doc.Revisions))
	for i := len(results) - 1; i >= 0; i-- {
		switch r := c.doc.Revisions[i]; {
		case r.Stamp != nil:
			results[i], latest = c.stamp(*r.Stamp, latest)
		case r.Signature != nil && i == 0:
			results[i], latest = c.signature(c.first, *r.Signature, c.outside(latest), trust)
		case r.Signature != nil:
			results[i], latest = c.signature(keys.Staff, *r.Signature, latest, trust)
		}
	}
	for _, j := range results {
		for _, f := range j.findings {
			c.Findings = append(c.Findings, f)
			c.Code = Worse(c.Code, f.Code)
		}
		if j.signed != nil {
			c.Signers = append(c.Signers, *j.signed)
		}
		if j.ok != "" {
			c.ok(Integrity, j.ok)
		}
	}
	c.made = latest
}

// withStored is the reader's trust, and the revocation lists in the paper that
// a trusted root signed. A list can only take away.
func (c *check) withStored() keys.Trust {
	t := keys.Trust{Roots: c.opt.Trust.Roots, Lists: append([]*x509.RevocationList{}, c.opt.Trust.Lists...)}
	for _, s := range c.doc.Stores {
		for _, l := range s.Lists {
			for _, root := range t.Roots {
				if l.CheckSignatureFrom(root) == nil {
					t.Lists = append(t.Lists, l)
					break
				}
			}
		}
	}
	return t
}

// outside is the lowest of latest and what else is known of the record's time.
func (c *check) outside(latest Bound) Bound {
	hash := peekHash(c.doc.First)
	for _, b := range c.opt.Bounds {
		if b.Payload == hash && hash != "" && b.At.Before(latest.At) && (b.root == nil || b.root == c.signer.Root) {
			latest = b
		}
	}
	return latest
}

// stamp looks into a DocTimeStamp, and lowers the bound if it counts.
func (c *check) stamp(s pades.Stamp, latest Bound) (judged, Bound) {
	var j judged
	got, err := tsa.Check(s.Token, s.Digest)
	if err != nil {
		j.find(Altered, "タイムスタンプがこの書面のものではない", err)
		return j, latest
	}
	name := got.Signer.Subject.CommonName
	trust := c.opt.Stamps
	for _, store := range c.doc.Stores {
		trust.Others = append(append([]*x509.Certificate{}, trust.Others...), store.Certs...)
		trust.Lists = append(append([]*x509.RevocationList{}, trust.Lists...), store.Lists...)
	}
	c.Stamps = append([]Stamped{{Field: s.Field, Time: got.Time.Format(time.RFC3339), Authority: name}}, c.Stamps...)
	if err := trust.Judge(got, latest.At); err != nil {
		why := map[error]string{tsa.ErrUnknown: "信頼する時刻認証局に含まれない", tsa.ErrExpired: "時刻認証局の証明書の期間が終わっている",
			tsa.ErrRevoked: "時刻認証局の証明書は失効している"}
		for is, ja := range why {
			if errors.Is(err, is) {
				j.ok = fmt.Sprintf("タイムスタンプ %s（%s）は、時刻の上限には用いない: %s", jst(got.Time), name, ja)
			}
		}
		return j, latest
	}
	c.Stamps[0].Counts = true
	j.ok = fmt.Sprintf("タイムスタンプ %s（%s）", jst(got.Time), name)
	if got.Latest().Before(latest.At) {
		latest = Bound{At: got.Latest(), By: "タイムスタンプ " + name}
	}
	return j, latest
}

// signature judges one signature by a key of a kind, made no later than latest, and lowers the
// bound if the 団体's own people signed. A contractor's word bounds nothing.
func (c *check) signature(want keys.Kind, sig pades.Signature, latest Bound, trust keys.Trust) (judged, Bound) {
	var j judged
	s, err := trust.Check(sig.Signer, sig.Time)
	if s.Cert == nil {
		j.find(UnknownSigner, "信頼する認証局の鍵ではない: "+sig.Name, err)
		return j, latest
	}
	switch {
	case s.Holder.Kind != want:
		j.find(UnknownSigner, "この署名をする立場の鍵ではない: "+sig.Name, nil)
	case s.Root != c.signer.Root:
		j.find(UnknownSigner, "ほかの署名とは別の認証局による: "+sig.Name, nil)
	case !inTerm(s, sig.Time):
		j.find(Revoked, "鍵の期間外に署名されている: "+sig.Name, fmt.Errorf("%w: signed %s, valid %s to %s", keys.ErrExpired, rfc(sig.Time), rfc(s.Cert.NotBefore), rfc(s.Cert.NotAfter)))
	case !s.Revoked.IsZero() && !sig.Time.Before(s.Revoked):
		j.find(Revoked, "鍵の失効（"+jst(s.Revoked)+"）より後に署名されている: "+sig.Name, err)
	case !s.Revoked.IsZero() && !latest.At.Before(s.Revoked):
		j.find(RevokedUnbounded, "鍵は "+jst(s.Revoked)+" に失効しており、それより前に署名されたことを示すものがない: "+sig.Name, err)
	case latest.At.After(s.Cert.NotAfter):
		j.find(NeedsConfirmation, "鍵の期間は "+jst(s.Cert.NotAfter)+" に終わっており、署名の時刻の上限を示すものがない: "+sig.Name, nil)
	case latest.By != "" && sig.Time.After(latest.At.Add(skew)):
		j.find(NeedsConfirmation, "署名の時刻（"+jst(sig.Time)+"）が、その上限（"+jst(latest.At)+"、"+latest.By+"）より後である: "+sig.Name, nil)
	}
	if len(j.findings) > 0 {
		return j, latest
	}
	j.signed = &Signed{Field: sig.Field, Name: sig.Name, Kind: string(s.Holder.Kind), Time: sig.Time.Format(time.RFC3339), Issuer: s.Root.Subject.CommonName}
	j.ok = fmt.Sprintf("署名 %s（%s、%s）。発行: %s", sig.Name, sig.Field, sig.Time.Format("2006-01-02 15:04:05 -07:00"), s.Root.Subject.CommonName)
	if latest.By != "" {
		j.signed.NotAfter, j.signed.BoundBy = latest.At.UTC().Format(time.RFC3339), latest.By
		j.ok += fmt.Sprintf("。時刻の上限: %s（%s）", jst(latest.At), latest.By)
	}
	if own := s.Holder.Role == certs.RoleWitness || s.Holder.Role == certs.RoleValidator; own && sig.Time.Before(latest.At) {
		latest = Bound{At: sig.Time, By: "職員 " + sig.Name + " の署名"}
	}
	return j, latest
}

func inTerm(s keys.Signer, at time.Time) bool {
	for _, c := range []*x509.Certificate{s.Cert, s.Root} {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return false
		}
	}
	return true
}

func rfc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func jst(t time.Time) string {
	return t.In(time.FixedZone("JST", 9*60*60)).Format("2006-01-02 15:04:05 JST")
}
