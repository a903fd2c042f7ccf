package collect

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/certs"
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

// Bounds is what receipts say of when papers existed, for the check.
func Bounds(receipts []Receipt) (out []verify.Bound) {
	for _, r := range receipts {
		for _, p := range r.Papers {
			out = append(out, verify.Bound{Payload: p.Payload, At: r.At, By: "回収票 " + r.By.Name})
		}
	}
	return out
}
