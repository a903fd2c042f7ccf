package rules

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// Titles and terms that people and papers use, letter by letter.
func TestLabels(t *testing.T) {
	for _, c := range []struct {
		got  Label
		want string
	}{
		{PaperErasedRow2.Label(), "抹消措置の完了証明書"},
		{PaperErasedRow3.Label(), "消去作業完了確認書"},
		{PaperStageA.Label(), "庁舎内消去記録（破壊待ち）"},
		{PaperDestruction.Label(), "破壊の完了証明書"},
		{PaperIncomplete.Label(), "消去・抹消 未完了報告書"},
		{BasisDeviceAttested.Label(), "装置の自己申告に依拠。媒体内部は未確認"},
		{SystemMyNumber.Label(), "マイナンバー利用事務系"},
		{SystemLGWAN.Label(), "LGWAN接続系"},
		{SystemInternet.Label(), "インターネット接続系"},
		{Row1.Label(), "図表41(1) 物理的に破壊"},
		{Row2.Label(), "図表41(2) 抹消"},
		{Row3.Label(), "図表41(3) 消去"},
		{Conf3C.Label(), "自治体機密性3C"},
		{Answer("").Label(), "不明"},
		{HiddenState("").Label(), "不明"},
		{Label{StatementRow1, ""}, "本記録は図表41(1)の物理的破壊の完了を証明するものではない"},
	} {
		if c.got.Ja != c.want || c.got.In("ja") != c.want {
			t.Errorf("%q, want %q", c.got.Ja, c.want)
		}
	}
	if got := TechATASanitizeBlock.Label().In("en"); !strings.Contains(got, "BLOCK ERASE EXT") {
		t.Errorf("technique: %q", got)
	}
	if got := Technique("trim").Label().Ja; got != "trim" {
		t.Errorf("an unknown word is shown as it is: %q", got)
	}
	if got := Row(7).Label().En; got != "unknown row 7" {
		t.Errorf("row 7: %q", got)
	}
	if n := note("c", "日", "en"); n.In("en") != "en" || n.In("") != "日" {
		t.Error("language of a note")
	}
	for _, tech := range Techniques() {
		if l := tech.Label(); l.Ja == "" || l.En == "" || tech.Standard() == "" {
			t.Errorf("%s has no name or no standard", tech)
		}
	}
}

func TestFactsValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Facts)
	}{
		{"medium", func(f *Facts) { f.Medium = "" }},
		{"hidden", func(f *Facts) { f.Hidden.DCO = "gone" }},
		{"keys", func(f *Facts) { f.Keys.AllCopiesErasable = "YES" }},
		{"technique", func(f *Facts) { f.Steps[0].Technique = "trim" }},
		{"status", func(f *Facts) { f.Steps[0].Status = "ok" }},
		{"verification", func(f *Facts) { f.Steps[0].Verification.Kind = "quick" }},
		{"more read than there is", func(f *Facts) { f.Steps[0].Verification.Bytes = userBytes + 1 }},
		{"bytes read by nothing", func(f *Facts) { f.Steps[0].Verification.Kind = VerifyNone }},
		{"negative passes", func(f *Facts) { f.Steps[0].RandomPasses = -1 }},
		{"absurd passes", func(f *Facts) { f.Steps[0].ConstantPasses = 1 << 30 }},
		{"absurd size", func(f *Facts) { f.UserBytes = math.MaxUint64 }},
		{"no canaries, no reason", func(f *Facts) { f.Canaries = Canaries{}; f.Steps[1].Canaries = nil }},
		{"canaries read, none planted", func(f *Facts) { f.Canaries = Canaries{Reason: "locked"} }},
		{"more survivors than read", func(f *Facts) { f.Steps[1].Canaries.Survivors = 1001 }},
		{"too many steps", func(f *Facts) { f.Steps = make([]Step, maxSteps+1) }},
		{"too long a text", func(f *Facts) { f.Errors = []string{strings.Repeat("x", maxText+1)} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := base(MediumSSD, overwrite(2, fullRead()), device(TechATASanitizeBlock, gone()))
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			c.spoil(&f)
			if err := f.Validate(); !errors.Is(err, ErrFacts) {
				t.Errorf("accepted: %v", err)
			}
			if d := Default().Derive(Row3, f, Policy{}); d.Outcome != OutcomeFailed && d.Outcome != OutcomeNotSanitizable || d.Reached != RowNone {
				t.Errorf("Derive claims %+v", d)
			}
		})
	}
}

func TestPolicyValidate(t *testing.T) {
	for _, p := range []Policy{{MinimumRow: -1}, {MinimumRow: 4}, {MinRandomPasses: -1}, {MinRandomPasses: 1000}, {MinCanaries: -1}, {RetentionYears: -1}, {DestructionDays: -5}} {
		if err := p.Validate(); !errors.Is(err, ErrFacts) {
			t.Errorf("%+v accepted", p)
		}
		f := base(MediumHDD, overwrite(2, fullRead()))
		if d := Default().Derive(Row3, f, p); d.Reached != RowNone {
			t.Errorf("%+v: Derive claims (%d)", p, d.Reached)
		}
	}
	if p, err := ParsePolicy([]byte(`{"id":"p","minimumRow":2,"signed":true}`)); err == nil {
		t.Errorf("a policy that calls itself signed was accepted: %+v", p)
	}
}
