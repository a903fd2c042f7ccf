package verify

import (
	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
)

// Opened is a certificate that was checked, with what lies in it: the office
// goes on working with it. What could not be read is zero; what Code finds
// fault with is nobody's to rely on.
type Opened struct {
	Report
	Statement  certs.Statement
	Payload    []byte // as signed
	Journal    []byte // as attached
	Case       []byte // as attached
	Signatures []pades.Signature
	Stick      keys.Signer // who signed first
}

// Open checks one certificate as File does and returns what it holds.
func Open(name string, file []byte, opt Options) Opened {
	c := newCheck(name, file, opt)
	c.run()
	return c.opened()
}

func (c *check) opened() Opened {
	o := Opened{Report: c.Report, Statement: c.s, Payload: c.payload, Stick: c.signer,
		Journal: c.attached[certs.AttachedJournal].Data, Case: c.attached[certs.AttachedCase].Data}
	if c.doc != nil {
		o.Signatures = c.doc.Signatures
	}
	return o
}
