package collect

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/acceptance"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/strict"
	"github.com/massho/massho/certs/verify"
)

// ReceiptType is the DSSE payload type of a signed receipt.
const ReceiptType = "application/vnd.massho.receipt+json"

// Receipt says what the office had in its hands at a time: the upper bound of
// the time of everything in it. What a stick signed before it was lost stays
// good where a receipt names it.
type Receipt struct {
	SchemaVersion int          `json:"schemaVersion"`
	CaseID        string       `json:"caseID"`
	At            time.Time    `json:"at"`
	By            certs.Person `json:"by"`
	Sticks        []string     `json:"sticks"`
	Papers        []deed.Ref   `json:"papers"`
	Journals      []JournalRef `json:"journals"`
}

// JournalRef names the state of a journal.
type JournalRef struct {
	Run     string `json:"run"`
	Head    string `json:"head"` // hash of its last record, hex
	Records int    `json:"records"`
}

// ErrReceipt says that a receipt is nobody's word.
var ErrReceipt = errors.New("a receipt that no staff key of this authority signed, or a damaged one")

// ReceiptOf lists what a report has.
func ReceiptOf(r Report, by certs.Person, at time.Time) Receipt {
	out := Receipt{SchemaVersion: 1, CaseID: r.Case.ID, At: at.UTC().Truncate(time.Second), By: by,
		Sticks: []string{}, Papers: []deed.Ref{}, Journals: []JournalRef{}}
	for _, s := range r.Sticks {
		if len(s.Places) > 0 || s.Before {
			out.Sticks = append(out.Sticks, s.ID)
		}
	}
	for _, p := range r.Papers {
		if p.Hash != "" {
			out.Papers = append(out.Papers, deed.Ref{Number: p.Number, Payload: p.Hash, File: p.SHA256})
		}
	}
	for _, run := range r.Runs {
		out.Journals = append(out.Journals, JournalRef{run.ID.String(), run.Log.Head().String(), len(run.Log.Records)})
	}
	return out
}

// SignReceipt signs a receipt with a person's key.
func SignReceipt(r Receipt, by keys.Pair) ([]byte, error) {
	payload, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return dsse.Sign(ReceiptType, payload, by.Key)
}

// OpenReceipt checks a signed receipt against the certificates of staff. Who
// signed must be of the authority, and not revoked.
func OpenReceipt(file []byte, staff []*x509.Certificate, trust keys.Trust) (Receipt, error) {
	for _, cert := range staff {
		payload, err := dsse.Open(file, ReceiptType, cert.PublicKey)
		if err != nil {
			continue
		}
		var r Receipt
		if err := strict.Decode(payload, &r); err != nil {
			return Receipt{}, fmt.Errorf("%w: %w", ErrReceipt, err)
		}
		s, err := trust.Check(cert, r.At)
		if err != nil || s.Holder.Kind != keys.Staff || s.Holder.Role == certs.RoleOperator {
			return Receipt{}, fmt.Errorf("%w (%s)", ErrReceipt, cert.Subject.CommonName)
		}
		return r, nil
	}
	return Receipt{}, ErrReceipt
}

// Bounded reports whether the only thing wrong with a paper is that its stick's
// key was revoked, and a receipt shows that the paper was in the office before
// that.
func Bounded(o verify.Opened, trust keys.Trust, receipts []Receipt) bool {
	revoked := false
	for _, f := range o.Findings {
		if f.Code == verify.Revoked || f.Code == verify.RevokedUnbounded {
			revoked = true
			continue
		}
		if !acceptance.Sound(verify.Report{Code: f.Code, Findings: []verify.Finding{f}}) {
			return false
		}
	}
	if !revoked || o.Stick.Cert == nil || len(o.Signatures) == 0 {
		return false
	}
	at, ok := revokedAt(trust, o.Stick)
	signed := o.Signatures[0].Time
	if !ok || signed.Before(o.Stick.Cert.NotBefore) || signed.After(o.Stick.Cert.NotAfter) {
		return false
	}
	return slices.ContainsFunc(receipts, func(r Receipt) bool {
		return r.At.Before(at) && slices.ContainsFunc(r.Papers, func(p deed.Ref) bool { return p.Payload == o.Hash })
	})
}

// revokedAt is when a signer's key was revoked, by the newest list of its root.
func revokedAt(trust keys.Trust, s keys.Signer) (time.Time, bool) {
	var at time.Time
	newest := -1
	for i, l := range trust.Lists {
		if l.CheckSignatureFrom(s.Root) == nil && (newest < 0 || l.Number.Cmp(trust.Lists[newest].Number) > 0) {
			newest = i
		}
	}
	if newest < 0 {
		return at, false
	}
	for _, e := range trust.Lists[newest].RevokedCertificateEntries {
		if e.SerialNumber.Cmp(s.Cert.SerialNumber) == 0 {
			return e.RevocationTime, true
		}
	}
	return at, false
}
