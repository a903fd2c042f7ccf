package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs/roster"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// Reconcile compares the 台帳 with the papers. Papers of training count for
// nothing and are only counted.
func Reconcile(entries []roster.Entry, papers []Paper, o Options) Report {
	r := reconciler{o: o, x: indexOf(entries), lines: make([]Line, len(entries)), papers: make([][]Paper, len(entries)),
		byHash: map[string]Paper{}, media: map[string]map[int]bool{}}
	for i, e := range entries {
		r.lines[i] = Line{Entry: e, InLedger: true}
	}
	papers = slices.Clone(papers)
	slices.SortStableFunc(papers, func(a, b Paper) int { return a.Issued.Compare(b.Issued) })
	r.numbers(papers)
	strays := map[string]int{}
	for _, p := range papers {
		if p.Training {
			r.drills++
			continue
		}
		r.byHash[p.Hash] = p
		r.take(p, strays)
	}
	return r.report()
}

type reconciler struct {
	o      Options
	x      index
	lines  []Line
	papers [][]Paper // of each line
	byHash map[string]Paper
	media  map[string]map[int]bool // serial → lines that have papers on it
	same   map[string]bool         // numbers that two different papers carry
	drills int
}

// numbers finds numbers that two different papers carry.
func (r *reconciler) numbers(papers []Paper) {
	first, twice := map[string]string{}, map[string]bool{}
	for _, p := range papers {
		if hash, seen := first[p.Number]; seen && hash != p.Hash {
			twice[p.Number] = true
		}
		first[p.Number] = p.Hash
	}
	r.same = twice
}

// take puts a paper on its line; one without a line begins one.
func (r *reconciler) take(p Paper, strays map[string]int) {
	m := r.x.find(p)
	if m.at < 0 {
		m.at = r.stray(p, strays)
	}
	r.papers[m.at] = append(r.papers[m.at], p)
	if key := serials.Key(p.Medium); key != "" {
		if r.media[key] == nil {
			r.media[key] = map[int]bool{}
		}
		r.media[key][m.at] = true
	}
	for _, other := range m.others {
		r.find(m.at, StatusConflict, fmt.Sprintf("証明書 %s の番号類は、別の機器 %s も指している", p.Number, r.lines[other].Entry.Number),
			fmt.Sprintf("certificate %s also points at %s", p.Number, r.lines[other].Entry.Number))
		r.find(other, StatusConflict, fmt.Sprintf("証明書 %s は、別の機器 %s に付いている", p.Number, r.lines[m.at].Entry.Number),
			fmt.Sprintf("certificate %s belongs to %s", p.Number, r.lines[m.at].Entry.Number))
	}
	if m.renum {
		r.find(m.at, StatusConflict, fmt.Sprintf("証明書 %s の管理番号は %s", p.Number, p.Asset),
			fmt.Sprintf("certificate %s carries 管理番号 %s", p.Number, p.Asset))
	}
	if r.same[p.Number] {
		r.find(m.at, StatusDouble, "番号 "+p.Number+" の書面が二つある", "two papers carry number "+p.Number)
	}
}

// stray is the line for papers that no line of the 台帳 has: one for each PC.
func (r *reconciler) stray(p Paper, strays map[string]int) int {
	key := "n" + serials.AssetKey(p.Asset)
	if key == "n" {
		key = "m" + serials.Key(p.Medium)
	}
	if i, ok := strays[key]; ok {
		return i
	}
	i := len(r.lines)
	strays[key] = i
	e := roster.Entry{Expected: -1}
	e.Number, e.HostSerial = p.Asset, p.HostSerial
	r.lines = append(r.lines, Line{Entry: e})
	r.papers = append(r.papers, nil)
	r.find(i, StatusNoAsset, "台帳にない", "not in the ledger")
	return i
}

func (r *reconciler) find(line int, s Status, ja, en string) {
	f := Finding{s, ja, en}
	if !slices.Contains(r.lines[line].Findings, f) {
		r.lines[line].Findings = append(r.lines[line].Findings, f)
	}
}

func (r *reconciler) report() Report {
	out := Report{Today: r.o.Today, Counts: map[Status]int{}, Drills: r.drills}
	for i := range r.lines {
		r.judge(i)
		out.Counts[r.lines[i].Status]++
	}
	out.Lines = r.lines
	return out
}

// judge decides one line from its media.
func (r *reconciler) judge(i int) {
	l := &r.lines[i]
	l.Media = r.mediaOf(i)
	done := 0
	for _, m := range l.Media {
		if m.Status == StatusCovered {
			done++
		}
	}
	r.count(i, done)
	l.Status = StatusCovered
	if l.Entry.Expected < 0 && l.InLedger {
		l.Status = StatusUncounted
	}
	for _, f := range l.Findings {
		l.Status = worse(l.Status, f.Status)
	}
	for _, m := range l.Media {
		l.Status = worse(l.Status, m.Status)
	}
	l.Days = r.days(*l)
}

// count compares the number of media with what the 台帳 expects.
func (r *reconciler) count(i, done int) {
	l := &r.lines[i]
	have, want := len(l.Media), l.Entry.Expected
	switch {
	case !l.InLedger:
	case have == 0 && want != 0:
		r.find(i, StatusMissing, "証明書がない", "there is no certificate")
	case want < 0:
	case have < want:
		r.find(i, StatusPartial, fmt.Sprintf("媒体 %d 個のうち %d 個の書面しかない", want, have), fmt.Sprintf("papers for %d of %d media", have, want))
	case have > want:
		r.find(i, StatusConflict, fmt.Sprintf("台帳の媒体数は %d 個、書面は %d 個ある", want, have), fmt.Sprintf("papers for %d media, the ledger has %d", have, want))
	}
	for _, m := range l.Entry.Media { // media that the 台帳 names
		if r.media[serials.Key(m.Serial)] == nil {
			r.find(i, StatusPartial, "媒体 "+m.Serial+" の書面がない", "no paper for medium "+m.Serial)
		}
	}
}

// days counts from 撤去日 until today, or until the last medium was done.
func (r *reconciler) days(l Line) int {
	from := l.Entry.Withdrawn
	if from.IsZero() {
		return -1
	}
	to := r.o.Today
	if l.Status == StatusCovered || l.Status == StatusUncounted {
		to = time.Time{}
		for _, m := range l.Media {
			if m.Done.After(to) {
				to = m.Done
			}
		}
	}
	return max(0, dayNumber(to)-dayNumber(from))
}

var jst = time.FixedZone("JST", 9*60*60)

// dayNumber counts days of the calendar in JST.
func dayNumber(t time.Time) int {
	y, m, d := t.In(jst).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func worse(a, b Status) Status {
	if slices.Index(statuses, b) < slices.Index(statuses, a) {
		return b
	}
	return a
}

// complete says whether a kind of paper says that something was reached.
func complete(k rules.Paper) bool {
	return k == rules.PaperErasedRow2 || k == rules.PaperErasedRow3 || k == rules.PaperStageA
}

func join(items []string) string { return strings.Join(items, "、") }
