package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/session"
)

// jst is Japan's time, without a time-zone file on the stick.
var jst = time.FixedZone("JST", 9*60*60)

// showCase prints what the case says, above everything else.
func (s *sitting) showCase() {
	c := s.plan.c
	rtc := s.state.Clock.RTC
	fmt.Fprintf(s.out, "%s %s JST (UTC) / %s JST (JST)\n", s.t("時計の読み", "hardware clock"),
		rtc.In(jst).Format("2006-01-02 15:04"), asJST(rtc).Format("2006-01-02 15:04"))
	if !c.Signed {
		fmt.Fprintln(s.out, s.t("署名された案件がありません。分類は作業者の申告として記録されます。",
			"There is no signed case. The classification is recorded as the operator's own word."))
		return
	}
	fmt.Fprintf(s.out, "%s %s  %s  %s\n", s.t("案件", "case"), c.ID, c.Municipality, c.Title)
	fmt.Fprintf(s.out, "%s %s %s\n", s.t("このPC", "this PC"), s.plan.host.Product, s.plan.host.Serial)
	fmt.Fprintln(s.out, s.plan.pack.NewerEdition.In(s.lang))
}

// askClock shows the clock in both readings and asks whether it is right.
// Windows keeps JST in the hardware clock.
func (s *sitting) askClock() error {
	rtc := s.state.Clock.RTC
	fmt.Fprintf(s.out, "\n%s\n", s.t("時計（ハードウェア）の読み:", "The hardware clock, read as:"))
	fmt.Fprintf(s.out, "  1) UTC %s JST\n", rtc.In(jst).Format("2006-01-02 15:04"))
	fmt.Fprintf(s.out, "  2) JST %s JST\n", asJST(rtc).Format("2006-01-02 15:04"))
	fmt.Fprintf(s.out, "  3) %s\n", s.t("どちらも違う", "neither is right"))
	for {
		answer, err := s.ask("壁の時計と合う番号", "Number that agrees with the clock on the wall")
		if err != nil {
			return err
		}
		switch answer {
		case "1":
			s.chosen = clockChoice{"utc", 0, true}
		case "2":
			s.chosen = clockChoice{"jst", -9 * time.Hour, true}
		case "3":
			return s.typeClock()
		default:
			continue
		}
		return nil
	}
}

// typeClock reads the wall clock's time and keeps the correction.
func (s *sitting) typeClock() error {
	for {
		answer, err := s.ask("壁の時計の日時（例 2026-11-21 14:05、日本時間）", "Date and time of the wall clock, JST, e.g. 2026-11-21 14:05")
		if err != nil {
			return err
		}
		t, err := time.ParseInLocation("2006-01-02 15:04", answer, jst)
		if err != nil {
			continue
		}
		s.chosen = clockChoice{"typed", t.Sub(now()), true}
		return nil
	}
}

// clockChoice is what a person said of the clock.
type clockChoice struct {
	reading    string
	correction time.Duration
	confirmed  bool
}

// clock is the paper's form of it.
func (s *sitting) clock() certs.Clock {
	return certs.Clock{
		Confirmed: s.chosen.confirmed, Chosen: s.chosen.reading, CorrectionSeconds: int64(s.chosen.correction / time.Second),
		RTCAsUTC: s.state.Clock.RTC, RTCAsJST: asJST(s.state.Clock.RTC),
	}
}

// confirmedBy names the operators who are here when somebody agreed to the
// clock: nobody else may.
func confirmedBy(base certs.Statement) string {
	var out []string
	for _, p := range base.Persons {
		if base.Clock.Confirmed && p.Role == certs.RoleOperator {
			out = append(out, cmp.Or(p.Name, p.ID))
		}
	}
	return strings.Join(out, "、")
}

// asJST reads the digits of a clock that keeps Japanese time.
func asJST(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), jst)
}

// askPeople reads who is here, by the numbers of the case's list.
func (s *sitting) askPeople() error {
	people := s.plan.c.People
	if len(people) == 0 {
		answer, err := s.ask("作業者のID（名簿外として記録）", "Operator's id (recorded as not listed)")
		if err == nil && answer != "" {
			s.who = []string{"名簿外:" + answer}
		}
		return err
	}
	for i, p := range people {
		fmt.Fprintf(s.out, "  %d) %s %s %s\n", i+1, p.Role, p.Name, p.Organisation)
	}
	for {
		answer, err := s.ask("立ち会う人の番号（例 1,2）", "Numbers of those who are here, e.g. 1,2")
		if err != nil {
			return err
		}
		ids, ok := s.idsOf(answer)
		if !ok {
			continue
		}
		s.who = ids
		return nil
	}
}

// start runs confirmed works.
func (s *sitting) start(ctx context.Context, works []session.Work) error {
	st, err := s.stationFor(works)
	if err != nil {
		return err
	}
	return s.carryOut(ctx, st, works)
}

// stationFor is this PC with what the sitting knows of clock and boot, and with a
// search for the stick, should it be pulled.
func (s *sitting) stationFor(works []session.Work) (*station, error) {
	st, err := s.station(s.sys, s.plan, s.files, s.dir(), s.who, works)
	if err != nil {
		return nil, err
	}
	// A run keeps the clock that it began with.
	correction := s.chosen.correction
	clock := func() time.Time { return now().Add(correction) }
	st.session.Base.Boot = bootStatement(s.state)
	st.session.Base.Clock = s.clock()
	st.session.Base.Clock.ConfirmedBy = confirmedBy(st.session.Base)
	st.session.Now = clock
	st.session.Runner.Now = clock
	if s.find != nil {
		st.session.Search = s.find.search
	}
	return st, nil
}

// dir is the folder of the evidence place.
func (s *sitting) dir() string {
	if s.find != nil {
		return s.find.dir()
	}
	return s.state.Evidence.Dir
}

// bootStatement is what was measured of this start.
func bootStatement(st *early.State) certs.Boot {
	b := bootFacts()
	b.KernelCmdline = st.Cmdline.Raw
	b.ShellUsed = "no" // the shell starts only after the last paper
	switch st.Measured.SecureBoot {
	case "enabled":
		b.SecureBoot = "yes"
	case "disabled":
		b.SecureBoot = "no"
	}
	b.TPM = "no"
	if st.Measured.TPM > 0 {
		b.TPM = "yes"
	}
	for _, i := range slices.Sorted(maps.Keys(st.Measured.PCRs)) {
		b.PCRs = append(b.PCRs, certs.PCR{Index: i, Value: st.Measured.PCRs[i]})
	}
	b.EventLogDigest = st.Measured.EventLogSHA256
	return b
}

func (s *sitting) readPower() (early.Power, error) { return early.ReadPower("/") }
