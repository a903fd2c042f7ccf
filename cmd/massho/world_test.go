package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// trainingWorld is the console's world on emulated drives, its evidence in dir.
func trainingWorld(t *testing.T, dir string) *world {
	t.Helper()
	if err := fonts.Available(); err != nil {
		t.Skip(err)
	}
	a := &app{streams: streams{strings.NewReader(""), io.Discard, io.Discard}, env: func(string) string { return "" }, lang: "ja", paperLang: "ja"}
	s, err := trainingSitting(t.Context(), a, dir)
	if err != nil {
		t.Fatal(err)
	}
	s.state.Clock.System, s.state.Clock.RTC = now(), now()
	w, err := newWorld(s)
	if err != nil {
		t.Fatal(err)
	}
	w.sleep = noSleep
	return w
}

// seated is a console's model with somebody at it: what a key starts is carried
// out before the next key.
type seated struct {
	t *testing.T
	m *console.Model
}

func (s seated) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			s.do(c)
		}
	default:
		s.do(s.m.Update(msg))
	}
}

func (s seated) press(all ...string) {
	named := map[string]tea.Key{"enter": {Code: tea.KeyEnter}}
	for _, k := range all {
		if key, ok := named[k]; ok {
			s.do(s.m.Update(tea.KeyPressMsg(key)))
			continue
		}
		for _, r := range k {
			s.do(s.m.Update(tea.KeyPressMsg(tea.Key{Code: r, Text: string(r)})))
		}
	}
}

func (s seated) text() string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(s.m.Render(console.Canvas{Cols: 100, Rows: 40}), "")
}

// sees finds re on the screen and returns its first group.
func (s seated) sees(re string) string {
	s.t.Helper()
	m := regexp.MustCompile(re).FindStringSubmatch(s.text())
	if m == nil {
		s.t.Fatalf("no %q on\n%s", re, s.text())
	}
	return m[len(m)-1]
}

// TestWorldSitting goes from the clock to stored papers by keys, on emulated
// drives: one is left alone, the papers verify, and the journals tell who
// confirmed and what was missing.
func TestWorldSitting(t *testing.T) {
	dir := t.TempDir()
	w := trainingWorld(t, dir)
	s := seated{t, console.New(t.Context(), w, "ja")}
	s.do(s.m.Init())
	s.sees("1 時計の確認")
	s.press("enter")
	s.sees("2 案件と立会者")
	s.press("1", "2", "enter")
	s.sees("3 媒体の選択")
	s.press("a", "enter")
	for i := range 4 {
		serial := s.sees(string(rune('1'+i)) + `/4  S/N (\S+)`)
		if serial == "DEMOUSB1004" {
			s.press("s")
			continue
		}
		if strings.Contains(s.text(), "判断が必要です") {
			s.press("a", "enter")
		}
		s.press("enter")
		s.sees("6 確認")
		n, err := strconv.Atoi(s.sees(`末尾(\d+)文字`))
		if err != nil {
			t.Fatal(err)
		}
		s.press(serial[len(serial)-n:], "enter")
	}
	s.sees("8 結果と記録")
	s.press("enter")
	s.sees("9 見当たらない媒体")
	s.press("enter")
	s.sees("10 引渡し")
	s.press("enter", "enter")
	if end, ok := s.m.Ended(); !ok || end != console.EndPowerOff {
		t.Fatalf("ended %v with %q\n%s", ok, end, s.text())
	}
	if err := w.end(); err != nil {
		t.Errorf("the sitting ends with %v", err)
	}
	papers := verified(t, dir)
	if len(papers) != 3 {
		t.Fatalf("%d papers, want 3", len(papers))
	}
	if n := count(t, dir, journal.TypeConfirm); n != 3 {
		t.Errorf("%d confirmations in the journals, want 3", n)
	}
}

// verified checks every paper in dir as an auditor does, and that both people are
// named.
func verified(t *testing.T, dir string) []string {
	t.Helper()
	root, err := os.ReadFile(filepath.Join(dir, "root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := keys.ParseTrust(root)
	if err != nil {
		t.Fatal(err)
	}
	papers, err := filepath.Glob(filepath.Join(dir, evidence.DirRecords, "*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range papers {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if rep := verify.File(filepath.Base(path), data, verify.Options{Trust: trust, Now: now()}); rep.Code != verify.Valid {
			t.Errorf("%s: code %d\n%s", path, rep.Code, rep.Text())
		}
	}
	return papers
}

// logs are the journals of one folder in dir.
func logs(t *testing.T, dir, folder string) (all []*journal.Log) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, folder, "*"+evidence.JournalExt))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		log, err := journal.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, log)
	}
	return all
}

func count(t *testing.T, dir string, kind journal.Type) (n int) {
	t.Helper()
	for _, log := range logs(t, dir, evidence.DirJournals) {
		for _, r := range log.Records {
			if r.Type == kind {
				n++
			}
		}
	}
	return n
}

// confirmed plans the drive with this serial and confirms it.
func confirmed(t *testing.T, w *world, serial string) console.Confirmed {
	t.Helper()
	found, err := w.Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		if d.Device.Identity.Serial != serial {
			continue
		}
		work, err := w.Plan(d, console.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		by := console.Confirmation{Person: console.Attendee{ID: "op1", Role: certs.RoleOperator}, Typed: serial[len(serial)-4:], At: w.Now()}
		return console.Confirmed{Drive: d, Work: work, By: []console.Confirmation{by}}
	}
	t.Fatalf("no drive %s", serial)
	return console.Confirmed{}
}

// TestWorldWhileRunning stops a drive in the middle of its run: the stick may not
// be pulled, the heads are shown, and a challenge word and a tick are recorded.
// Afterwards the same drive goes on where it stopped only if its run has no end.
func TestWorldWhileRunning(t *testing.T) {
	dir := t.TempDir()
	w := trainingWorld(t, dir)
	if err := w.Challenge(t.Context(), "FUJI"); err == nil {
		t.Error("a word was recorded although no journal is open")
	}
	if err := w.Stop("DEMOHDD1001"); err == nil {
		t.Error("a drive that does not run was stopped")
	}
	c := confirmed(t, w, "DEMOHDD1001")
	writing, may := make(chan struct{}), make(chan struct{})
	once := false
	var out session.Outcome
	r := console.Reports{Done: func(o session.Outcome) { out = o }}
	r.Event = func(e wipe.Event) {
		if !once && e.Head != "" && e.Step > 0 {
			once = true
			close(writing)
			<-may
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- w.Run(context.Background(), []console.Confirmed{c}, r) }()
	select {
	case <-writing:
	case err := <-ended:
		t.Fatalf("it ended before it wrote: %v, %v", err, out.Err)
	}
	st := w.Status()
	if st.Pull != console.PullForbidden || len(st.Heads) != 1 || st.Heads[0].Drive != "DEMOHDD1001" || st.Heads[0].Hash == (journal.Hash{}) {
		t.Errorf("status %+v", st)
	}
	if err := w.Challenge(t.Context(), "FUJI"); err != nil {
		t.Error(err)
	}
	if after := w.Status(); after.Heads[0].Seq <= st.Heads[0].Seq || after.Heads[0].Hash == st.Heads[0].Hash {
		t.Errorf("the word made no new head: %+v, before %+v", after.Heads, st.Heads)
	}
	ticks := ticker{seen: map[journal.RunID]lastSeen{}}
	for _, at := range []time.Duration{0, tickAfter - time.Second, tickAfter} {
		ticks.tick(w.active(), at)
	}
	if err := w.Stop("DEMOHDD1001"); err != nil {
		t.Error(err)
	}
	close(may)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if out.Result.Derivation.Outcome != rules.OutcomeInterrupted || out.File == "" {
		t.Errorf("outcome %s, file %q, %v", out.Result.Derivation.Outcome, out.File, out.Err)
	}
	if err := w.end(); exitCode(err) != exitInterrupted {
		t.Errorf("exit %d, want %d", exitCode(err), exitInterrupted)
	}
	if n := count(t, dir, journal.TypeChallenge); n != 1 {
		t.Errorf("%d words recorded, want 1", n)
	}
	if n := count(t, dir, journal.TypeTick); n != 1 {
		t.Errorf("%d ticks, want 1", n)
	}
	if st := w.Status(); len(st.Heads) != 0 || st.Pull != console.PullForbidden {
		t.Errorf("afterwards %+v: the place is still open", st)
	}
	verified(t, dir)
}

// TestWorldGoesOn finds, on a copy of the stick as it was in the middle of a run,
// that the run can go on: the list says so, and it ends verified in its journal.
func TestWorldGoesOn(t *testing.T) {
	dir, cut := t.TempDir(), t.TempDir()
	w := trainingWorld(t, dir)
	c := confirmed(t, w, "DEMOHDD1001")
	once := false
	r := console.Reports{Done: func(session.Outcome) {}}
	r.Event = func(e wipe.Event) {
		if !once && e.Step > 0 && e.Done > 0 {
			once = true
			if err := os.CopyFS(cut, os.DirFS(dir)); err != nil {
				t.Error(err)
			}
			if err := w.Stop("DEMOHDD1001"); err != nil {
				t.Error(err)
			}
		}
	}
	if err := w.Run(t.Context(), []console.Confirmed{c}, r); err != nil || !once {
		t.Fatal(once, err)
	}
	s := *w.s
	s.state = &early.State{Evidence: &early.Mounted{Dir: cut}}
	s.files = caseFiles{file: filepath.Join(cut, evidence.DirCase, cases.FileCase)}
	next, err := newWorld(&s)
	if err != nil {
		t.Fatal(err)
	}
	next.sleep = noSleep
	again := confirmed(t, next, "DEMOHDD1001")
	if !strings.Contains(again.Drive.Remark.Ja, "中断") {
		t.Errorf("remark %+v", again.Drive.Remark)
	}
	var out session.Outcome
	err = next.Run(t.Context(), []console.Confirmed{again}, console.Reports{Event: func(wipe.Event) {}, Done: func(o session.Outcome) { out = o }})
	if err != nil || out.Err != nil || out.Result.Derivation.Outcome != rules.OutcomeVerified || out.Result.Facts.Resumed != 1 {
		t.Errorf("%v, %v, %s, resumed %d", err, out.Err, out.Result.Derivation.Outcome, out.Result.Facts.Resumed)
	}
	if err := next.end(); err != nil {
		t.Error(err)
	}
	if n := len(logs(t, cut, evidence.DirJournals)); n != 1 {
		t.Errorf("%d journals: it should have gone on in the first", n)
	}
	if after := confirmed(t, next, "DEMOHDD1001"); !strings.Contains(after.Drive.Remark.Ja, "処理済み") {
		t.Errorf("remark afterwards %+v", after.Drive.Remark)
	}
}
