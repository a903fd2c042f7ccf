package certs

import (
	"strconv"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// LayoutVersion is the version of what document puts on the paper, together
// with page.Version. Every released version stays: what a later one changed
// asks p.since.
//
// Version 2 added English, what Statement 2 added, and for each person place
// and date of what they did.
const LayoutVersion = 2

// QRText is what the QR code of a certificate says.
func QRText(number, payloadHash string) string { return "massho:1:" + number + ":" + payloadHash }

// paper is one certificate being laid out.
type paper struct {
	*Statement
	tongue
	pack *rules.Pack
	hash string // of the payload, hex
}

// since reports whether the paper's layout has what version v brought.
func (p *paper) since(v int) bool { return p.Layout.Version >= v }

// document is the certificate's pages as a pure function of the Statement, the
// rule pack that it names and the hash of its payload.
func document(s *Statement, pack *rules.Pack, payloadHash string) page.Doc {
	p := &paper{s, tongue(s.Layout.Lang), pack, payloadHash}
	title := p.label(s.Derivation.Paper.Label())
	d := page.Doc{
		Title:   title + " " + s.Number,
		Creator: p.join(" ", s.Tool.Name, s.Tool.Version),
		Created: s.Issued,
		Footer: p.t("証明書番号 ", "Certificate no. ") + s.Number + "　" + title + "\n" +
			p.t("記録のSHA-256 ", "SHA-256 of the record ") + payloadHash,
	}
	if s.Training {
		d.Watermark = p.t("訓練", "TRAINING")
		d.Title = d.Watermark + " " + d.Title
	}
	d.Blocks = append(d.Blocks, p.front()...)
	d.Blocks = append(d.Blocks, page.PageBreak{})
	for _, part := range []func() []page.Block{
		p.limitsPart, p.casePart, p.planPart, p.stepsPart, p.mediumPart, p.machinesPart, p.recordPart, p.checkPart,
	} {
		d.Blocks = append(d.Blocks, part()...)
	}
	return d
}

// row is one row of a table with one or two fields.
func (g tongue) row(labelsAndValues ...string) []page.Field {
	var out []page.Field
	for i := 0; i+1 < len(labelsAndValues); i += 2 {
		out = append(out, page.Field{Label: labelsAndValues[i], Value: g.orUnknown(labelsAndValues[i+1])})
	}
	return out
}

func (g tongue) notes(ns []rules.Note) []string {
	var out []string
	for _, n := range ns {
		out = append(out, n.In(string(g)))
	}
	return out
}

// list is a list, or one word when there is nothing to list.
func list(items []string, none string) page.Block {
	if len(items) == 0 {
		items = []string{none}
	}
	return page.List{Items: items}
}

// numbered counts from 1.
func numbered(i int) string { return strconv.Itoa(i + 1) }
