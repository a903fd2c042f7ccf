package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/roster"
	"github.com/massho/massho/wipe/rules"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, jst)
	if err != nil {
		panic(err)
	}
	return t
}

var today = day("2026-11-21")

func entry(number, host string, expected int, media ...string) roster.Entry {
	e := roster.Entry{Expected: expected, Withdrawn: day("2026-11-01"), Asset: cases.Asset{Number: number, HostSerial: host}}
	for _, m := range media {
		e.Media = append(e.Media, cases.Medium{Serial: m})
	}
	return e
}

// paper is an accepted certificate of row (3) for the PC B-1.
func paper(n, medium string, edit ...func(*Paper)) Paper {
	p := Paper{Number: n, Hash: "hash-" + n, Kind: rules.PaperErasedRow3, Row: rules.Row3, Asset: "B-1", HostSerial: "PC1", Medium: medium,
		Issued: day("2026-11-11"), Sound: true, Standing: Accepted}
	for _, f := range edit {
		f(&p)
	}
	return p
}

func kind(k rules.Paper, r rules.Row) func(*Paper) { return func(p *Paper) { p.Kind, p.Row = k, r } }
func standing(s Standing) func(*Paper)             { return func(p *Paper) { p.Standing = s } }
func due(s string) func(*Paper)                    { return func(p *Paper) { p.Deadline = day(s) } }
func on(asset, host string) func(*Paper) {
	return func(p *Paper) { p.Asset, p.HostSerial = asset, host }
}

func destroyed(n, medium, of string, edit ...func(*Paper)) Paper {
	return paper(n, medium, append([]func(*Paper){kind(rules.PaperDestruction, rules.Row1), func(p *Paper) { p.Of = of }}, edit...)...)
}

var stageA = kind(rules.PaperStageA, rules.Row1)
var failed = kind(rules.PaperIncomplete, rules.Row3)

func TestStatusOfOnePC(t *testing.T) {
	one := entry("B-1", "PC1", 1)
	for name, c := range map[string]struct {
		e      roster.Entry
		papers []Paper
		want   Status
		media  string // done/expected
	}{
		"covered":                               {one, []Paper{paper("1", "W1")}, StatusCovered, "1/1"},
		"no certificate":                        {one, nil, StatusMissing, "0/1"},
		"no medium expected, none there":        {entry("B-1", "PC1", 0), nil, StatusCovered, "0/0"},
		"no medium expected, one erased":        {entry("B-1", "PC1", 0), []Paper{paper("1", "W1")}, StatusConflict, "1/0"},
		"not accepted":                          {one, []Paper{paper("1", "W1", standing(Unseen))}, StatusUnseen, "0/1"},
		"rejected":                              {one, []Paper{paper("1", "W1", standing(Rejected))}, StatusRejected, "0/1"},
		"rejected, done again":                  {one, []Paper{paper("1", "W1", standing(Rejected)), paper("2", "W1")}, StatusCovered, "1/1"},
		"withdrawn":                             {one, []Paper{paper("1", "W1", standing(Withdrawn))}, StatusMissing, "0/1"},
		"reissued":                              {one, []Paper{paper("1", "W1", standing(Superseded)), paper("1-R1", "W1")}, StatusCovered, "1/1"},
		"failed":                                {one, []Paper{paper("1", "W1", failed)}, StatusFailed, "0/1"},
		"failed, then done":                     {one, []Paper{paper("1", "W1", failed), paper("2", "w1")}, StatusCovered, "1/1"},
		"two completions":                       {one, []Paper{paper("1", "W1"), paper("2", "Ｗ１")}, StatusDouble, "1/1"},
		"one number twice":                      {one, []Paper{paper("1", "W1", failed), paper("1", "W1", func(p *Paper) { p.Hash = "other" })}, StatusDouble, "1/1"},
		"failed its check":                      {one, []Paper{paper("1", "W1", func(p *Paper) { p.Sound = false })}, StatusInvalid, "0/1"},
		"one of two":                            {entry("B-1", "PC1", 2), []Paper{paper("1", "W1")}, StatusPartial, "1/2"},
		"two of two":                            {entry("B-1", "PC1", 2), []Paper{paper("1", "W1"), paper("2", "W2")}, StatusCovered, "2/2"},
		"one too many":                          {one, []Paper{paper("1", "W1"), paper("2", "W2")}, StatusConflict, "2/1"},
		"number of media not known":             {entry("B-1", "PC1", -1), []Paper{paper("1", "W1")}, StatusUncounted, "1/?"},
		"named medium has no paper":             {entry("B-1", "PC1", 1, "W9"), []Paper{paper("1", "W1")}, StatusPartial, "1/1"},
		"by the medium's serial alone":          {entry("B-1", "PC1", 1, "WD-W1"), []Paper{paper("1", "wdw1", on("", ""))}, StatusCovered, "1/1"},
		"by the host's serial alone":            {one, []Paper{paper("1", "W1", on("", "ｐｃ-1"))}, StatusCovered, "1/1"},
		"by a placeholder":                      {entry("B-1", "Default string", 1), []Paper{paper("1", "W1", on("", "Default string"))}, StatusMissing, "0/1"},
		"width of the number":                   {one, []Paper{paper("1", "W1", on("Ｂ－１", ""))}, StatusCovered, "1/1"},
		"host's serial, another 管理番号":           {one, []Paper{paper("1", "W1", on("X-7", "PC1"))}, StatusConflict, "1/1"},
		"training only":                         {one, []Paper{paper("1", "W1", func(p *Paper) { p.Training = true })}, StatusMissing, "0/1"},
		"waiting":                               {one, []Paper{paper("1", "W1", stageA, due("2026-12-01"))}, StatusWaiting, "0/1"},
		"waiting, last day":                     {one, []Paper{paper("1", "W1", stageA, due("2026-11-21"))}, StatusWaiting, "0/1"},
		"overdue":                               {one, []Paper{paper("1", "W1", stageA, due("2026-11-20"))}, StatusOverdue, "0/1"},
		"waiting without a deadline":            {one, []Paper{paper("1", "W1", stageA)}, StatusWaiting, "0/1"},
		"destroyed":                             {one, []Paper{paper("1", "W1", stageA, due("2026-11-12")), destroyed("D1", "W1", "hash-1")}, StatusCovered, "1/1"},
		"destroyed, not accepted":               {one, []Paper{paper("1", "W1", stageA), destroyed("D1", "W1", "hash-1", standing(Unseen))}, StatusUnseen, "0/1"},
		"destroyed, Stage A not accepted":       {one, []Paper{paper("1", "W1", stageA, standing(Unseen)), destroyed("D1", "W1", "hash-1")}, StatusUnseen, "0/1"},
		"destroyed, Stage A rejected":           {one, []Paper{paper("1", "W1", stageA, standing(Rejected)), destroyed("D1", "W1", "hash-1")}, StatusConflict, "0/1"},
		"failed, not accepted, then destroyed":  {one, []Paper{paper("1", "W1", failed, standing(Unseen)), destroyed("D1", "W1", "hash-1")}, StatusCovered, "1/1"},
		"destroyed, of another paper":           {one, []Paper{paper("1", "W1", stageA), destroyed("D1", "W1", "hash-9")}, StatusConflict, "0/1"},
		"destroyed without erasure":             {one, []Paper{destroyed("D1", "W1", "")}, StatusCovered, "1/1"},
		"failed, then destroyed":                {one, []Paper{paper("1", "W1", failed), destroyed("D1", "W1", "")}, StatusCovered, "1/1"},
		"destroyed as not erasable, but erased": {one, []Paper{paper("1", "W1", stageA), destroyed("D1", "W1", "")}, StatusConflict, "1/1"},
		"medium without serial":                 {one, []Paper{paper("1", "")}, StatusCovered, "1/1"},
		"two media without serial":              {entry("B-1", "PC1", 2), []Paper{paper("1", ""), paper("2", "000000")}, StatusCovered, "2/2"},
		"destroyed medium without serial":       {one, []Paper{paper("1", "", stageA), destroyed("D1", "", "hash-1")}, StatusCovered, "1/1"},
	} {
		r := Reconcile([]roster.Entry{c.e}, c.papers, Options{Today: today})
		l := r.Lines[0]
		if l.Status != c.want || counted(l) != c.media || r.Counts[c.want] == 0 {
			t.Errorf("%s: %s %s, want %s %s; %+v", name, l.Status, counted(l), c.want, c.media, l.Findings)
		}
		if l.Status != StatusCovered && remarks(l, "ja") == "" && len(l.Media) != 1 && l.Status != StatusUncounted {
			t.Errorf("%s: nothing says why", name)
		}
	}
}

func TestBetweenPCs(t *testing.T) {
	two := []roster.Entry{entry("B-1", "PC1", 1), entry("B-2", "PC2", 1)}
	status := func(r Report) (out []string) {
		for _, l := range r.Lines {
			out = append(out, string(l.Status))
		}
		return out
	}
	for name, c := range map[string]struct {
		e      []roster.Entry
		papers []Paper
		want   string
	}{
		"each its own":                   {two, []Paper{paper("1", "W1"), paper("2", "W2", on("B-2", "PC2"))}, "covered covered"},
		"number of one, host of another": {two, []Paper{paper("1", "W1", on("B-1", "PC2"))}, "conflict conflict"},
		"one medium on two PCs":          {two, []Paper{paper("1", "W1"), paper("2", "W1", on("B-2", "PC2"))}, "double double"},
		"not in the ledger":              {two[:1], []Paper{paper("1", "W1"), paper("2", "W2", on("X-1", "PC9")), paper("3", "W3", on("x-1", ""))}, "covered no-asset"},
		"no number at all":               {two[:1], []Paper{paper("1", "W1"), paper("2", "W2", on("", "")), paper("3", "W3", on("", ""))}, "covered no-asset no-asset"},
		"a host serial that stands twice": {[]roster.Entry{entry("B-1", "S", 1), entry("B-2", "S", 1)},
			[]Paper{paper("1", "W1", on("", "S"))}, "missing missing no-asset"},
	} {
		if got := strings.Join(status(Reconcile(c.e, c.papers, Options{Today: today})), " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestDays(t *testing.T) {
	open := Reconcile([]roster.Entry{entry("B-1", "PC1", 1)}, nil, Options{Today: today}).Lines[0]
	done := Reconcile([]roster.Entry{entry("B-1", "PC1", 1)}, []Paper{paper("1", "W1")}, Options{Today: today}).Lines[0]
	e := entry("B-1", "PC1", 1)
	e.Withdrawn = time.Time{}
	unknown := Reconcile([]roster.Entry{e}, nil, Options{Today: today}).Lines[0]
	if open.Days != 20 || done.Days != 10 || unknown.Days != -1 {
		t.Errorf("open %d, done %d, unknown %d", open.Days, done.Days, unknown.Days)
	}
}

func TestDeadline(t *testing.T) {
	left := day("2026-11-21").Add(15 * time.Hour)
	for name, c := range map[string]struct {
		named string
		days  int
		left  time.Time
		want  string
	}{
		"named":               {"2026-12-24", 30, left, "2026-12-24"},
		"counted":             {"引渡しの日から30日以内", 30, left, "2026-12-21"},
		"nobody said":         {"", 0, left, ""},
		"has not left":        {"", 30, time.Time{}, ""},
		"late in the day UTC": {"", 1, time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC), "2026-11-23"},
	} {
		if got := date(Deadline(c.named, c.days, c.left)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
