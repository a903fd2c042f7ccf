package rules

import "fmt"

func note(code, ja, en string) Note { return Note{Code: code, Ja: ja, En: en} }

func notef(code, ja, en string, args ...any) Note {
	return Note{Code: code, Ja: fmt.Sprintf(ja, args...), En: fmt.Sprintf(en, args...)}
}

// noteStep puts the technique's name before a sentence about its step.
func noteStep(code string, s Step, ja, en string) Note {
	l := s.Technique.Label()
	return Note{Code: code, Ja: l.Ja + ": " + ja, En: l.En + ": " + en}
}

// notes is a list without repetitions, in the order of coming.
type notes []Note

func (n *notes) add(more ...Note) {
next:
	for _, m := range more {
		for _, have := range *n {
			if have == m {
				continue next
			}
		}
		*n = append(*n, m)
	}
}
