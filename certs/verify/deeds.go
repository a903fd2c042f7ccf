package verify

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/handover"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/summary"
	"github.com/massho/massho/wipe/rules"
)

// set is what was found of all files so far.
type set struct {
	opt          Options
	reports      []Report
	certificates []certificate
	notices      []noticeAt
	records      []recordAt
	summaries    []summaryAt
	bounds       []Bound
	doubtful     []noticeAt // sound but for the time of their signatures
}

// Papers with the index of their report and the authority of who signed them.
type (
	certificate struct {
		at int
		Opened
	}
	noticeAt struct {
		at   int
		root *x509.Certificate
		notice.Given
	}
	recordAt struct {
		at   int
		root *x509.Certificate
		hash string
		*destroy.Record
	}
	summaryAt struct {
		at int
		*summary.Summary
	}
)

// content makes an empty content of a kind; nil when this program knows none.
func (s *set) content(kind string) deed.Content {
	switch kind {
	case (&notice.Notice{}).Kind():
		return &notice.Notice{}
	case (&destroy.Record{}).Kind():
		return &destroy.Record{}
	case (&handover.Handover{}).Kind():
		return &handover.Handover{}
	case summary.Kind:
		return &summary.Summary{}
	}
	if f := s.opt.Kinds[kind]; f != nil {
		return f()
	}
	return nil
}

// deed checks a paper that the office issued itself.
func (s *set) deed(at int, f Named, kind string) {
	c := newCheck(f.Name, f.Data, s.opt)
	c.Type, c.Report.Kind, c.first = "deed", kind, keys.Staff
	content := s.content(kind)
	switch sound := c.integrity(); {
	case !sound:
	case content == nil:
		c.find(NotChecked, Consistency, "この種類の書面（"+kind+"）は、このプログラムでは調べられない", nil)
	default:
		c.content(content)
	}
	s.reports[at] = c.Report
	n, isNotice := content.(*notice.Notice)
	switch {
	case c.Code == Valid:
		s.keep(at, c, content)
	case isNotice && n.Number != "" && (c.Code == NeedsConfirmation || c.Code == RevokedUnbounded):
		s.doubtful = append(s.doubtful, noticeAt{at, c.signer.Root, notice.Given{Notice: *n, Hash: c.Hash}})
	}
}

// deedCodes is what each way of a deed being wrong is called here.
var deedCodes = map[error]Code{deed.ErrFiles: PageDiffers, deed.ErrPage: PageDiffers, deed.ErrForm: SchemaViolated, deed.ErrKind: SchemaViolated,
	deed.ErrSigner: UnknownSigner, deed.ErrTraining: TrainingMixed, fonts.ErrAbsent: NotChecked}

// content opens what the paper says and has its page drawn again.
func (c *check) content(content deed.Content) {
	o, err := deed.OpenWith(c.file, content, deed.Options{Trust: c.opt.Trust, Stamps: c.opt.Stamps, Now: c.opt.Now})
	if h := content.Base(); h.Number != "" {
		c.Number, c.Training, c.Hash, c.Title = h.Number, h.Training, o.Hash, content.Title()
	}
	for is, code := range deedCodes {
		if errors.Is(err, is) {
			c.find(code, Consistency, words[code], err)
			return
		}
	}
	// Doubts about keys were found with the revisions.
	if err != nil && !errors.Is(err, keys.ErrRevoked) && !errors.Is(err, keys.ErrExpired) {
		c.find(Altered, Integrity, words[Altered], err)
		return
	}
	c.ok(Consistency, "紙面は添付の記録から描き直したものと一致: "+content.Title())
	switch x := content.(type) {
	case *destroy.Record:
		c.Paper, c.Row, c.Serial, c.Asset = rules.PaperDestruction, x.Row, x.Medium.Serial, x.Asset.Number
		for _, d := range x.Deviations() {
			c.Remarks = append(c.Remarks, d.Ja)
		}
	case *notice.Notice:
		c.Serial, c.Asset = x.Target.Serial, x.Target.Asset
		c.Remarks = append(c.Remarks, fmt.Sprintf("%s（%s）について: %s", x.Target.Number, x.Target.Title, x.Reason))
		c.original(x, o)
	}
}

// original checks the paper that a reissue carries.
func (c *check) original(n *notice.Notice, o deed.Opened) {
	if n.Original == nil {
		return
	}
	first := Open("original.pdf", o.Files[n.Original.Name], c.opt)
	switch {
	case first.Hash != n.Target.Payload:
		c.find(RelationDiffers, Consistency, "再発行のもとの書面が、添付のものではない", nil)
		return
	case first.Code != Valid && first.Code != ClassificationUnsigned:
		c.find(first.Code, Consistency, "再発行のもとの書面が有効でない: "+words[first.Code], nil)
		return
	}
	if _, err := notice.Apply(first.Statement, n.Changes); err != nil {
		c.find(RelationDiffers, Consistency, "再発行の訂正が、もとの書面の記載と合わない", err)
		return
	}
	d := first.Statement.Derivation
	c.Paper, c.Row, c.Outcome, c.Basis = d.Paper, d.Row, d.Outcome, d.Basis
	c.ok(Corroboration, "もとの書面 "+first.Number+" は有効: "+first.Title)
}

// keep remembers a sound deed for what it says of other papers.
func (s *set) keep(at int, c *check, content deed.Content) {
	if role := c.signer.Holder.Role; role == certs.RoleWitness || role == certs.RoleValidator {
		for _, ref := range content.Subjects() {
			s.bounds = append(s.bounds, Bound{Payload: ref.Payload, At: c.made.At, By: "職員の書面 " + c.Number, root: c.signer.Root})
		}
	}
	switch x := content.(type) {
	case *notice.Notice:
		s.notices = append(s.notices, noticeAt{at, c.signer.Root, notice.Given{Notice: *x, Hash: c.Hash}})
	case *destroy.Record:
		s.records = append(s.records, recordAt{at, c.signer.Root, c.Hash, x})
	case *summary.Summary:
		s.summaries = append(s.summaries, summaryAt{at, x})
	}
}
