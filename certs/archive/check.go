package archive

import (
	"errors"
	"slices"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/acceptance"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/rules"
)

// examine checks one paper for good.
func (a *Archive) examine(name string, file []byte, kind Kind) Checked {
	switch kind {
	case Destruction:
		return a.destruction(file)
	case NoticePaper:
		return a.notice(file)
	}
	o := verify.Open(name, file, a.Verify())
	s := o.Statement
	c := Checked{Code: o.Code, Number: o.Number, Hash: o.Hash, Title: o.Title, Training: o.Training, Issued: s.Issued,
		Sound: acceptance.Sound(o.Report),
		Paper: o.Report.Paper, Row: o.Row, Reached: s.Derivation.Reached, Outcome: o.Outcome, Asset: o.Asset, Host: hostSerial(s.Host),
		Medium: o.Serial, Model: s.Medium.Model}
	if d := s.Destruction; d != nil {
		c.InsideOnly, c.Deadline = d.InsideOnly, d.Deadline
	}
	if !c.Sound {
		c.Trouble = o.Verdict()
	}
	for _, sig := range o.Signatures {
		by, _ := a.Trust.Check(sig.Signer, sig.Time) // whether it counts, the check has said
		sound := slices.ContainsFunc(o.Signers, func(s verify.Signed) bool { return s.Field == sig.Field })
		c.Signatures = append(c.Signatures, signature(sig, by, sound))
	}
	return c
}

func hostSerial(m certs.Machine) string {
	if m.SerialPlaceholder {
		return ""
	}
	return m.Serial
}

func signature(sig pades.Signature, by keys.Signer, sound bool) Signature {
	return Signature{sig.Field, sig.Name, string(by.Holder.Kind), by.Holder.ID, by.Holder.Role, sig.Reason, sig.Time, sound}
}

// deedOf fills in what all deeds have in common.
func (a *Archive) deedOf(c deed.Content, o deed.Opened, err error) Checked {
	h := c.Base()
	out := Checked{Number: h.Number, Hash: o.Hash, Title: c.Title(), Training: h.Training, Issued: h.Issued, Sound: err == nil}
	if err != nil {
		out.Trouble = err.Error()
	}
	if h.Case.ID != a.Case.ID && h.Number != "" {
		out.Sound, out.Trouble = false, "別の案件の書面（"+h.Case.ID+"）"
	}
	for _, s := range o.Signers {
		out.Signatures = append(out.Signatures, signature(s.Signature, s.By, s.Doubt == nil))
	}
	return out
}

func (a *Archive) destruction(file []byte) Checked {
	var r destroy.Record
	o, err := deed.OpenWith(file, &r, a.Deeds())
	c := a.deedOf(&r, o, err)
	if c.Number == "" {
		return c
	}
	c.Paper, c.Row, c.Asset, c.Host, c.Medium, c.Model = rules.PaperDestruction, r.Row, r.Asset.Number, hostSerial(r.Host), r.Medium.Serial, r.Medium.Model
	if r.StageA != nil {
		c.Of = r.StageA.Payload
	}
	return c
}

func (a *Archive) notice(file []byte) Checked {
	var n notice.Notice
	o, err := deed.OpenWith(file, &n, a.Deeds())
	c := a.deedOf(&n, o, err)
	if c.Number == "" {
		return c
	}
	c.Type, c.Target, c.Change = n.Type, n.Target.Payload, n.Changes
	c.Medium, c.Asset, c.Row, c.Reached, c.Outcome = n.Target.Serial, n.Target.Asset, n.Target.Row, n.Target.Reached, n.Target.Outcome
	return c
}

// ErrNotHere says that a paper is not in the folder.
var ErrNotHere = errors.New("no such paper in this case")

// Find is the paper of that number.
func (a *Archive) Find(number string) (Paper, error) {
	for _, p := range a.Papers {
		if p.Number == number {
			return p, nil
		}
	}
	return Paper{}, ErrNotHere
}

// ByHash is the paper with that payload.
func (a *Archive) ByHash(hash string) (Paper, error) {
	for _, p := range a.Papers {
		if p.Hash == hash && hash != "" {
			return p, nil
		}
	}
	return Paper{}, ErrNotHere
}
