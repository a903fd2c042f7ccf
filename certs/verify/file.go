package verify

import (
	"errors"
	"fmt"

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
	first    keys.Kind   // of the key that signed first: the stick's, or a person's
	signer   keys.Signer // who signed first
	made     Bound       // the latest moment at which the first signature can have been made
	attached map[string]pdf.File
	payload  []byte
	s        certs.Statement
	pack     *rules.Pack
}

// File checks one paper of any kind, alone. name is only shown.
func File(name string, file []byte, opt Options) Report {
	return Many([]Named{{Name: name, Data: file}}, opt)[0]
}

func newCheck(name string, file []byte, opt Options) *check {
	return &check{Report: Report{Type: "certificate", File: name}, opt: opt, file: file, first: keys.Stick}
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
	c.revisions()
	// What a revoked or expired key signed is still read, to say what it is.
	return c.signer.Cert != nil
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
	if c.payload, err = dsse.Open(env.Data, certs.PayloadType, c.doc.Signatures[0].Signer.PublicKey); err != nil {
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
