package verify

import "encoding/json"

// Named is one file to check.
type Named struct {
	Name string
	Data []byte
	Err  error // why it could not be read
}

// Many checks files together: two different papers with one number are found.
// The order of the reports is that of the files.
func Many(files []Named, opt Options) []Report {
	var out []Report
	first := map[string]int{}
	for i, f := range files {
		if f.Err != nil {
			r := Report{Type: "certificate", File: f.Name}
			r.find(Unreadable, Integrity, words[Unreadable], f.Err)
			out = append(out, r)
			continue
		}
		r := File(f.Name, f.Data, opt)
		if at, twice := first[r.Number]; twice && r.Number != "" && out[at].Hash != r.Hash {
			r.find(DuplicateNumber, Consistency, "番号 "+r.Number+" は "+files[at].Name+" と重複している", nil)
			out[at].find(DuplicateNumber, Consistency, "番号 "+r.Number+" は "+f.Name+" と重複している", nil)
		} else if !twice {
			first[r.Number] = i
		}
		out = append(out, r)
	}
	return out
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
