package certs

import (
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// LayoutVersion is the version of what document puts on the paper, together
// with page.Version. Every released version stays.
const LayoutVersion = 1

// QRText is what the QR code of a certificate says.
func QRText(number, payloadHash string) string { return "massho:1:" + number + ":" + payloadHash }

// document is the certificate's pages as a pure function of the Statement, the
// rule pack that it names and the hash of its payload.
func document(s *Statement, pack *rules.Pack, payloadHash string) page.Doc {
	d := page.Doc{
		Title:   s.Derivation.Paper.Label().Ja + " " + s.Number,
		Creator: join(" ", s.Tool.Name, s.Tool.Version),
		Created: s.Issued,
		Footer:  "証明書番号 " + s.Number + "　" + s.Derivation.Paper.Label().Ja + "\n記録のSHA-256 " + payloadHash,
	}
	if s.Training {
		d.Watermark = "訓練"
		d.Title = "訓練 " + d.Title
	}
	d.Blocks = append(d.Blocks, front(s, pack, payloadHash)...)
	d.Blocks = append(d.Blocks, page.PageBreak{})
	for _, part := range []func(*Statement, *rules.Pack) []page.Block{
		limitsPart, casePart, planPart, stepsPart, mediumPart, machinesPart, recordPart,
	} {
		d.Blocks = append(d.Blocks, part(s, pack)...)
	}
	d.Blocks = append(d.Blocks, checkPart(s, payloadHash)...)
	return d
}

// row is one row of a table with one or two fields.
func row(labelsAndValues ...string) []page.Field {
	var out []page.Field
	for i := 0; i+1 < len(labelsAndValues); i += 2 {
		out = append(out, page.Field{Label: labelsAndValues[i], Value: orUnknown(labelsAndValues[i+1])})
	}
	return out
}

func notes(ns []rules.Note) []string {
	var out []string
	for _, n := range ns {
		out = append(out, n.Ja)
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
