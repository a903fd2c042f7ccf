package rules

import (
	"errors"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		name string
		c    Category
		pol  Policy
		want Row
		err  error
	}{
		{"my number with residents", Category{SystemMyNumber, Conf2, AnswerYes}, Policy{}, Row1, nil},
		{"my number, whatever its label", Category{SystemMyNumber, Conf1, AnswerYes}, Policy{}, Row1, nil},
		{"my number, no label given", Category{SystemMyNumber, "", AnswerYes}, Policy{}, Row1, nil},
		{"my number, residents unknown", Category{SystemMyNumber, Conf1, AnswerUnknown}, Policy{}, Row1, nil},
		{"my number, residents not answered", Category{SystemMyNumber, Conf1, ""}, Policy{}, RowNone, ErrNotAnswered},
		{"my number without residents, 2", Category{SystemMyNumber, Conf2, AnswerNo}, Policy{}, Row2, nil},
		{"my number without residents, 1", Category{SystemMyNumber, Conf1, AnswerNo}, Policy{}, Row3, nil},
		{"my number without residents, label not answered", Category{SystemMyNumber, "", AnswerNo}, Policy{}, RowNone, ErrNotAnswered},
		{"system unknown", Category{SystemUnknown, Conf1, AnswerNo}, Policy{}, Row1, nil},
		{"system not answered", Category{"", Conf1, AnswerNo}, Policy{}, RowNone, ErrNotAnswered},
		{"nothing answered", Category{}, Policy{}, RowNone, ErrNotAnswered},
		{"lgwan 3A", Category{SystemLGWAN, Conf3A, ""}, Policy{}, Row2, nil},
		{"lgwan 3B", Category{SystemLGWAN, Conf3B, ""}, Policy{}, Row2, nil},
		{"lgwan 3C", Category{SystemLGWAN, Conf3C, ""}, Policy{}, Row2, nil},
		{"lgwan 2", Category{SystemLGWAN, Conf2, ""}, Policy{}, Row2, nil},
		{"lgwan 1", Category{SystemLGWAN, Conf1, AnswerYes}, Policy{}, Row3, nil},
		{"internet 1", Category{SystemInternet, Conf1, ""}, Policy{}, Row3, nil},
		{"internet unknown", Category{SystemInternet, ConfUnknown, ""}, Policy{}, Row2, nil},
		{"internet not answered", Category{SystemInternet, "", ""}, Policy{}, RowNone, ErrNotAnswered},
		{"no such system", Category{"lan", Conf1, ""}, Policy{}, RowNone, ErrNotAnAnswer},
		{"no such class", Category{SystemLGWAN, "4", ""}, Policy{}, RowNone, ErrNotAnAnswer},
		{"no such answer", Category{SystemMyNumber, Conf1, "maybe"}, Policy{}, RowNone, ErrNotAnAnswer},
		{"policy 2 on row 3", Category{SystemInternet, Conf1, ""}, Policy{MinimumRow: Row2}, Row2, nil},
		{"policy 1 on row 3", Category{SystemInternet, Conf1, ""}, Policy{MinimumRow: Row1}, Row1, nil},
		{"policy 3 on row 1", Category{SystemMyNumber, Conf2, AnswerYes}, Policy{MinimumRow: Row3}, Row1, nil},
		{"policy 9", Category{SystemInternet, Conf1, ""}, Policy{MinimumRow: 9}, RowNone, ErrFacts},
	} {
		t.Run(c.name, func(t *testing.T) {
			row, why, err := Default().Classify(c.c, c.pol)
			if row != c.want || !errors.Is(err, c.err) {
				t.Fatalf("row (%d), %v; want (%d), %v", row, err, c.want, c.err)
			}
			if (err == nil) != (len(why) > 0) {
				t.Errorf("reasons %v", why)
			}
			var ce *ClassifyError
			if errors.As(err, &ce) && (ce.Field == "" || ce.Note.Ja == "" || ce.Note.En == "") {
				t.Errorf("the refusal does not say what to answer: %+v", ce)
			}
		})
	}
}

// No answer replaced by 不明 makes a row less strict.
func TestClassifyUnknownIsStricter(t *testing.T) {
	p := Default()
	for _, s := range []System{SystemMyNumber, SystemLGWAN, SystemInternet} {
		for _, conf := range []Confidentiality{Conf3A, Conf3B, Conf3C, Conf2, Conf1, ConfUnknown} {
			for _, a := range []Answer{AnswerYes, AnswerNo, AnswerUnknown} {
				known, _, err := p.Classify(Category{s, conf, a}, Policy{})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range []Category{{SystemUnknown, conf, a}, {s, ConfUnknown, a}, {s, conf, AnswerUnknown}} {
					row, _, err := p.Classify(c, Policy{})
					if err != nil || known.stricterThan(row) {
						t.Errorf("%+v is row (%d), %v; with the answer known it is (%d)", c, row, err, known)
					}
				}
			}
		}
	}
}
