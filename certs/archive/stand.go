package archive

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/handover"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/ledger"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/wipe/rules"
)

// left is when a medium left the 庁舎, by the 受渡票 that lists its paper.
type left struct {
	at  time.Time
	due time.Time
}

// loadHandovers reads what was handed over. The lists lie beside the papers as
// JSON, because a 受渡票 may be signed by hand only.
func (a *Archive) loadHandovers() error {
	a.left = map[string]left{}
	f := a.Dir.Sub(DirHandover)
	names, err := f.Names(".json")
	for _, n := range names {
		b, e := f.Read(n)
		if e != nil {
			return e
		}
		var h handover.Handover
		if e := json.Unmarshal(b, &h); e != nil {
			a.fault(f.Path(n), e)
			continue
		}
		for _, it := range h.Leaves {
			a.left[it.Number] = left{h.At, h.Deadline}
		}
	}
	return err
}

// signatures of a paper in the form that the standing is read from.
func (c Checked) signatures() (out []notice.Signature) {
	for _, s := range c.Signatures {
		out = append(out, notice.Signature{Field: s.Field, Reason: s.Reason, Sound: s.Sound,
			By: keys.Signer{Holder: keys.Holder{Kind: keys.Kind(s.Kind), ID: s.ID, Role: s.Role}}})
	}
	return out
}

// stand folds the notices into the standing of every paper.
func (a *Archive) stand() {
	var given []notice.Given
	for _, c := range a.checked {
		if c.Kind == NoticePaper && c.Sound {
			given = append(given, givenOf(c))
		}
	}
	a.Notices = notice.Live(given)
	for i := range a.Papers {
		p := &a.Papers[i]
		p.Standing = notice.StandingOf(p.Number, p.Hash, p.signatures(), a.Notices)
		p.Asset, p.Host = corrected(p.Checked, notice.Corrections(p.Hash, a.Notices))
	}
	slices.SortStableFunc(a.Papers, func(x, y Paper) int { return strings.Compare(x.Number, y.Number) })
}

func givenOf(c Checked) notice.Given {
	var n notice.Notice
	n.Number, n.Issued, n.Type, n.Changes = c.Number, c.Issued, c.Type, c.Change
	n.Target = notice.Target{Ref: deed.Ref{Payload: c.Target}, Serial: c.Medium, Asset: c.Asset}
	return notice.Given{Notice: n, Hash: c.Hash}
}

// corrected is what of a paper lists go by, after its corrections.
func corrected(c Checked, changes []notice.Change) (asset, host string) {
	asset, host = c.Asset, c.Host
	for _, ch := range changes {
		switch ch.Field {
		case "asset.number":
			asset = ch.After
		case "host.serial":
			host = ch.After
		}
	}
	return asset, host
}

// Due is until when the destruction of a paper's medium must be shown.
func (a *Archive) Due(p Paper) time.Time {
	l := a.left[p.Number]
	if !l.due.IsZero() {
		return l.due
	}
	return ledger.Deadline(p.Deadline, a.Case.Policy.DestructionDays, l.at)
}

// Ledger is the papers in the form that the ledger compares. A reissue takes
// the place of its first paper.
func (a *Archive) Ledger() []ledger.Paper {
	var out []ledger.Paper
	again := map[string]string{} // payload of the first → of its reissue
	for _, p := range a.Papers {
		out = append(out, ledger.Paper{Number: p.Number, Hash: p.Hash, Kind: p.Paper, Row: p.Row, Asset: p.Asset, HostSerial: p.Host, Medium: p.Medium,
			Issued: p.Issued, Training: p.Training, Sound: p.Sound, Trouble: p.Trouble, Standing: ledger.Standing(p.Standing), Deadline: a.Due(p), Of: p.Of})
		if p.Standing != notice.Superseded {
			continue
		}
		for _, n := range a.Notices {
			if n.Type != notice.Reissue || n.Target.Payload != p.Hash {
				continue
			}
			r := out[len(out)-1]
			r.Number, r.Hash, r.Standing = n.Number, n.Hash, ledger.Unseen
			r.Asset, r.HostSerial = corrected(p.Checked, append(notice.Corrections(p.Hash, a.Notices), n.Changes...))
			if notice.StandingOf(p.Number, p.Hash, p.signatures(), nil) == notice.Accepted || a.acceptedNotice(n) {
				r.Standing = ledger.Accepted
			}
			again[p.Hash] = n.Hash
			out = append(out, r)
		}
	}
	for i := range out {
		if now, ok := again[out[i].Of]; ok {
			out[i].Of = now
		}
	}
	return out
}

func (a *Archive) acceptedNotice(n notice.Given) bool {
	return slices.ContainsFunc(a.checked, func(c Checked) bool {
		return c.Hash == n.Hash && notice.StandingOf(c.Number, c.Hash, c.signatures(), nil) == notice.Accepted
	})
}

// Waiting lists the media that were dealt with in the 庁舎 and wait for their
// destruction: Stage A, and what could not be erased.
func (a *Archive) Waiting() (out []destroy.Waiting) {
	burnt := map[string]bool{}
	for _, p := range a.Papers {
		if p.Kind == Destruction && p.Sound && alive(p.Standing) {
			burnt[p.Of] = true
		}
	}
	for _, p := range a.Papers {
		waits := p.Paper == rules.PaperStageA || p.Paper == rules.PaperIncomplete
		if p.Kind != Certificate || !waits || !p.Sound || !alive(p.Standing) || burnt[p.Hash] || a.redone(p) {
			continue
		}
		out = append(out, destroy.Waiting{Ref: deed.Ref{Number: p.Number, Payload: p.Hash, File: p.Checked.File}, Title: p.Title, Serial: p.Medium, Model: p.Model,
			Asset: p.Asset, Row: p.Row, InsideOnly: p.InsideOnly || p.Paper == rules.PaperIncomplete, Due: a.Due(p), Training: p.Training})
	}
	return out
}

func alive(s notice.Standing) bool { return s == notice.Unseen || s == notice.Accepted }

// redone reports whether a failed erasure was followed by one that completed.
func (a *Archive) redone(p Paper) bool {
	if p.Paper != rules.PaperIncomplete {
		return false
	}
	return slices.ContainsFunc(a.Papers, func(o Paper) bool {
		return o.Kind == Certificate && o.Sound && alive(o.Standing) && o.Medium == p.Medium && o.Paper != rules.PaperIncomplete && o.Issued.After(p.Issued)
	})
}

// KeepUntil is the end of the 保存期間: the policy's years after the last paper.
// Zero: the policy names none, or there is no paper yet.
func (a *Archive) KeepUntil() time.Time {
	var last time.Time
	for _, c := range a.checked {
		if c.Issued.After(last) {
			last = c.Issued
		}
	}
	if last.IsZero() || a.Case.Policy.RetentionYears <= 0 {
		return time.Time{}
	}
	return last.AddDate(a.Case.Policy.RetentionYears, 0, 0)
}
