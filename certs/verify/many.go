package verify

import (
	"encoding/json"
	"strings"

	"github.com/massho/massho/certs/deed"
)

// Named is one file to check.
type Named struct {
	Name string
	Data []byte
	Err  error // why it could not be read
}

// Many checks files together, and what they say of one another: two different
// papers with one number, papers that were rejected, withdrawn or issued again,
// destructions and the records they complete, summaries and their lines. What a
// person of the 団体 signed about a record shows that it existed by then. The
// order of the reports is that of the files.
func Many(files []Named, opt Options) []Report {
	s := set{opt: opt, reports: make([]Report, len(files))}
	for i, f := range files {
		if kind := deedKind(f); kind != "" {
			s.deed(i, f, kind)
		}
	}
	s.opt.Bounds = append(append([]Bound{}, opt.Bounds...), s.bounds...)
	for i, f := range files {
		switch {
		case f.Err != nil:
			s.reports[i] = Report{Type: "certificate", File: f.Name}
			s.reports[i].find(Unreadable, Integrity, words[Unreadable], f.Err)
		case s.reports[i].Type == "":
			c := newCheck(f.Name, f.Data, s.opt)
			c.run()
			s.reports[i] = c.Report
			s.certificates = append(s.certificates, certificate{i, c.opened()})
		}
	}
	s.duplicates()
	s.relate()
	return s.reports
}

// deedKind is the kind of a paper that the office issued itself; empty for a
// certificate, and for what cannot be told.
func deedKind(f Named) string {
	if f.Err != nil {
		return ""
	}
	if kind := deed.Kind(f.Data); !strings.HasPrefix(kind, "statement/") {
		return kind
	}
	return ""
}

// duplicates finds different papers under one number.
func (s *set) duplicates() {
	first := map[string]int{}
	for i := range s.reports {
		r := &s.reports[i]
		at, twice := first[r.Number]
		switch {
		case r.Number == "":
		case !twice:
			first[r.Number] = i
		case s.reports[at].Hash != r.Hash:
			r.find(DuplicateNumber, Consistency, "番号 "+r.Number+" は "+s.reports[at].File+" と重複している", nil)
			s.reports[at].find(DuplicateNumber, Consistency, "番号 "+r.Number+" は "+r.File+" と重複している", nil)
		}
	}
}

// Summary is the end of many reports.
type Summary struct {
	Type     string `json:"type"` // "summary"
	Code     Code   `json:"code"`
	Files    int    `json:"files"`
	Valid    int    `json:"valid"`
	Training int    `json:"training"`
}

// Summarise counts; the worst code decides.
func Summarise(reports []Report) Summary {
	s := Summary{Type: "summary", Files: len(reports)}
	for _, r := range reports {
		s.Code = Worse(s.Code, r.Code)
		if r.Code == Valid {
			s.Valid++
		}
		if r.Training {
			s.Training++
		}
	}
	return s
}

// JSON is the summary on one line.
func (s Summary) JSON() ([]byte, error) { return json.Marshal(s) }
