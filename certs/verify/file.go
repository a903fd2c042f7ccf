package verify

import (
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// check is one file under examination.
type check struct {
	Report
	opt      Options
	file     []byte
	doc      *pades.Document
	signer   keys.Signer // the stick
	attached map[string]attachment
	payload  []byte
	s        certs.Statement
	pack     *rules.Pack
}

// File checks one certificate. name is only shown.
func File(name string, file []byte, opt Options) Report {
	c := &check{Report: Report{Type: "certificate", File: name}, opt: opt, file: file}
	c.run()
	return c.Report
}

func (c *check) run() {
	if !c.integrity() {
		return
	}
	if !c.statement() {
		return
	}
	c.Number, c.Hash, c.Training = c.s.Number, certs.Hash(c.payload), c.s.Training || c.signer.Training
	d := c.s.Derivation
	c.Paper, c.Title, c.Row, c.Outcome, c.Basis = d.Paper, d.Paper.Label().Ja, d.Row, d.Outcome, d.Basis
	c.Serial, c.Asset = c.s.Medium.Serial, c.s.Asset.Number
	c.belongs()
	if c.rulePack() {
		c.outcome()
		c.page()
	}
	c.corroborate()
	if c.opt.Complete && c.Paper != rules.PaperErasedRow2 && c.Paper != rules.PaperErasedRow3 {
		c.find(Incomplete, Consistency, "この書面は完了を証明しない: "+c.Title, nil)
	}
}

// integrity checks every revision and every signer.
func (c *check) integrity() bool {
	doc, err := pades.Check(c.file)
	var at *pdf.Error
	switch {
	case errors.As(err, &at) && at.Offset == 0:
		c.find(Unreadable, Integrity, words[Unreadable], err)
	case errors.Is(err, pades.ErrUnsigned):
		c.find(Unsigned, Integrity, words[Unsigned], nil)
	case err != nil:
		c.find(Altered, Integrity, words[Altered], err)
	}
	if err != nil {
		return false
	}
	c.doc = doc
	good := true
	for i, sig := range doc.Signatures {
		s, err := c.opt.Trust.Check(sig.Signer, sig.Time)
		if i == 0 {
			c.signer = s
		}
		if !c.judge(i, sig, s, err) {
			good = false
			continue
		}
		c.Signers = append(c.Signers, Signed{sig.Field, sig.Name, string(s.Holder.Kind), sig.Time.Format(time.RFC3339), s.Root.Subject.CommonName})
		c.ok(Integrity, fmt.Sprintf("署名 %s（%s、%s）。発行: %s", sig.Name, sig.Field, sig.Time.Format("2006-01-02 15:04:05 -07:00"), s.Root.Subject.CommonName))
	}
	c.terms()
	// What a revoked or expired key signed is still read, to say what it is.
	return good || c.signer.Cert != nil
}

func (c *check) judge(i int, sig pades.Signature, s keys.Signer, err error) bool {
	switch {
	case errors.Is(err, keys.ErrRevoked):
		c.find(Revoked, Integrity, "鍵は失効している: "+sig.Name, err)
	case errors.Is(err, keys.ErrExpired):
		c.find(Revoked, Integrity, "鍵の期間外に署名されている: "+sig.Name, err)
	case err != nil:
		c.find(UnknownSigner, Integrity, "信頼する認証局の鍵ではない: "+sig.Name, err)
	case i == 0 && s.Holder.Kind != keys.Stick, i > 0 && s.Holder.Kind != keys.Staff:
		c.find(UnknownSigner, Integrity, "この署名をする立場の鍵ではない: "+sig.Name, nil)
	case s.Root != c.signer.Root:
		c.find(UnknownSigner, Integrity, "ほかの署名とは別の認証局による: "+sig.Name, nil)
	default:
		return true
	}
	return false
}

// terms asks for confirmation where the stick's term is over and nobody else
// bounds the time of its signature from above.
func (c *check) terms() {
	if c.signer.Cert == nil || !c.opt.Now.After(c.signer.Cert.NotAfter) {
		return
	}
	for _, sig := range c.doc.Signatures[1:] {
		s, err := c.opt.Trust.Check(sig.Signer, sig.Time)
		if err == nil && !sig.Time.After(c.signer.Cert.NotAfter) && !c.opt.Now.After(s.Cert.NotAfter) {
			return
		}
	}
	c.find(NeedsConfirmation, Integrity, fmt.Sprintf("USBの鍵の期間は %s に終わっており、署名の時刻の上限を示すものがない",
		c.signer.Cert.NotAfter.Format("2006-01-02")), nil)
}

// statement opens the attached record with the same key that signed the file.
func (c *check) statement() bool {
	var err error
	if c.attached, err = attachments(c.doc.First); err != nil {
		c.find(PageDiffers, Consistency, "添付を取り出せない", err)
		return false
	}
	env, ok := c.attached[certs.AttachedStatement]
	if !ok {
		c.find(PageDiffers, Consistency, "もとの記録が添付されていない", nil)
		return false
	}
	if c.payload, err = dsse.Open(env.data, certs.PayloadType, c.doc.Signatures[0].Signer.PublicKey); err != nil {
		c.find(PageDiffers, Consistency, "添付の記録は、書面に署名した鍵によるものではない", err)
		return false
	}
	if c.s, err = certs.ParsePayload(c.payload); err != nil {
		c.find(SchemaViolated, Consistency, words[SchemaViolated], err)
		return false
	}
	c.ok(Consistency, fmt.Sprintf("記録の書式は正しい（Statement %d）", c.s.SchemaVersion))
	return true
}
