package ledger

import (
	"fmt"
	"time"

	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// mediaOf groups a line's papers by medium, in the order of issue.
func (r *reconciler) mediaOf(line int) []Medium {
	var order []string
	groups := map[string][]Paper{}
	for _, p := range r.papers[line] {
		key := serials.Key(p.Medium)
		if serials.Placeholder(p.Medium) {
			key = "\x00" + r.ofPaper(p).Number // such a medium is known by its first paper alone
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	var out []Medium
	for _, key := range order {
		out = append(out, r.medium(line, groups[key]))
		if len(r.media[key]) > 1 {
			r.find(line, StatusDouble, "媒体 "+groups[key][0].Medium+" の書面が、別の機器にもある", "medium "+groups[key][0].Medium+" has papers on another line too")
		}
	}
	return out
}

// ofPaper is the Stage A that a destruction record is about, else the paper.
func (r *reconciler) ofPaper(p Paper) Paper {
	if a, ok := r.byHash[p.Of]; ok && p.Of != "" {
		return a
	}
	return p
}

// medium decides what the papers about one medium come to.
func (r *reconciler) medium(line int, papers []Paper) Medium {
	m := Medium{Serial: papers[0].Medium, Row: papers[0].Row}
	var live []Paper
	rejected, invalid := false, false
	for _, p := range papers {
		m.Numbers = append(m.Numbers, p.Number)
		if p.Row != rules.RowNone && (m.Row == rules.RowNone || p.Row < m.Row) {
			m.Row = p.Row
		}
		switch {
		case p.Standing == Withdrawn || p.Standing == Superseded:
		case p.Standing == Rejected:
			rejected = true
		case !p.Sound:
			invalid = true
			r.find(line, StatusInvalid, fmt.Sprintf("%s: %s", p.Number, p.Trouble), fmt.Sprintf("%s failed its check", p.Number))
		default:
			live = append(live, p)
		}
	}
	done := r.last(line, live, complete)
	burnt := r.destroyed(line, live)
	switch {
	case burnt != nil:
		m.settle(*burnt)
	case done != nil && done.Kind == rules.PaperStageA:
		m.Status, m.Due = StatusWaiting, done.Deadline
		if !m.Due.IsZero() && dayNumber(r.o.Today) > dayNumber(m.Due) {
			m.Status = StatusOverdue
		}
	case done != nil:
		m.settle(*done)
	case len(live) > 0:
		m.Status = StatusFailed
	case rejected:
		m.Status = StatusRejected
	case invalid:
		m.Status = StatusInvalid
	default:
		m.Status = StatusMissing // everything was withdrawn
	}
	return m
}

// settle closes a medium with the paper that accounts for it.
func (m *Medium) settle(p Paper) {
	m.Status, m.Done = StatusUnseen, p.Issued
	if p.Standing == Accepted {
		m.Status = StatusCovered
	}
}

// last is the newest paper of a kind. Two papers that both say so are one too
// many, and it is for people to say which one counts.
func (r *reconciler) last(line int, live []Paper, kind func(rules.Paper) bool) *Paper {
	var found []Paper
	for _, p := range live {
		if kind(p.Kind) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return nil
	}
	if len(found) > 1 {
		var numbers []string
		for _, p := range found {
			numbers = append(numbers, p.Number)
		}
		r.find(line, StatusDouble, "同じ媒体に完了の書面が複数ある: "+join(numbers), "several papers complete one medium: "+join(numbers))
	}
	return &found[len(found)-1]
}

// destroyed is the destruction record that counts. One that names a Stage A
// counts only with that very paper, live, and a medium of row (1) only with one.
func (r *reconciler) destroyed(line int, live []Paper) *Paper {
	p := r.last(line, live, func(k rules.Paper) bool { return k == rules.PaperDestruction })
	if p == nil {
		return nil
	}
	for _, a := range live {
		switch {
		case p.Of == "" && complete(a.Kind):
			r.find(line, StatusConflict, p.Number+" は「消去できなかった」とするが、"+a.Number+" がある", p.Number+" says it could not be erased, and there is "+a.Number)
		case p.Of != "" && a.Hash == p.Of && a.Kind != rules.PaperDestruction:
			if a.Standing != Accepted && complete(a.Kind) {
				p.Standing = Unseen // both are needed, so both must be accepted; a report of a failure never is
			}
			return p
		}
	}
	if p.Of == "" {
		return p
	}
	r.find(line, StatusConflict, p.Number+" が指す庁舎内消去記録がない、または取り消されている", p.Number+" refers to a record that is not here or was withdrawn")
	return nil
}

// Deadline is until when the destruction must be shown: the date that the paper
// names, else so many days after it left the 庁舎. Zero: nobody has said.
func Deadline(named string, days int, left time.Time) time.Time {
	if t, err := time.ParseInLocation(time.DateOnly, named, jst); err == nil {
		return t
	}
	if days <= 0 || left.IsZero() {
		return time.Time{}
	}
	y, m, d := left.In(jst).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, jst)
}
