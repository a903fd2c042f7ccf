package console

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// noon is the time of all tests: 2026-11-21 14:05:33 in Japan.
var noon = time.Date(2026, 11, 21, 5, 5, 33, 0, time.UTC)

// play is a world of made-up drives. Plans and refusals are the real ones; runs
// last until the test ends them.
type play struct {
	mu     sync.Mutex
	facts  Facts
	now    time.Time
	rtc    time.Time
	devs   []devices.Device
	env    devices.Environment
	gen    uint64
	status Status
	log    []LogLine

	clock     ClockChoice
	people    []Attendee
	ran       [][]Confirmed
	reports   []Reports
	ends      []chan error
	entered   chan struct{}
	stopped   []string
	words     []string
	missing   []Missing
	keyboard  string
	suspended int
	fail      map[string]error // by method
	auto      int
}

func (p *play) lock() func() { p.mu.Lock(); return p.mu.Unlock }

func (p *play) Facts() Facts       { defer p.lock()(); return p.facts }
func (p *play) Now() time.Time     { defer p.lock()(); return p.now }
func (p *play) Clock() time.Time   { defer p.lock()(); return p.rtc }
func (p *play) Generation() uint64 { defer p.lock()(); return p.gen }
func (p *play) Status() Status     { defer p.lock()(); return p.status }
func (p *play) Log() []LogLine     { defer p.lock()(); return p.log }

func (p *play) Explain(err error, lang string) string {
	var r *devices.Refusal
	if errors.As(err, &r) && lang == "ja" {
		return r.Object + ": " + r.Why.Ja + "。" + r.Next.Ja
	}
	return err.Error()
}

func (p *play) Plan(d Drive, a Answers) (session.Work, error) {
	w := session.Work{Classification: certs.Classification{By: certs.ByOperator}}
	category := a.Category
	if d.Assigned != nil && p.facts.Signed {
		category = &d.Assigned.Category
		w.Classification.By = certs.ByCase
		w.Asset = d.Assigned.AssetOf()
	}
	var err error
	w.Plan, err = wipe.NewPlan(wipe.Input{Pack: p.facts.Pack, Policy: p.facts.Policy, Category: category, Device: d.Device,
		Asset: w.Asset.Number, Runnable: wipe.Runnable(), Preparable: wipe.Preparable(), Accept: a.Accept})
	return w, err
}

func (p *play) SetClock(c ClockChoice) error {
	defer p.lock()()
	p.clock = c
	return p.fail["SetClock"]
}

func (p *play) SetPeople(a []Attendee) error {
	defer p.lock()()
	p.people = a
	return p.fail["SetPeople"]
}

func (p *play) Detect(context.Context) ([]Drive, error) {
	defer p.lock()()
	env := p.env
	env.Present = p.devs
	var out []Drive
	for _, d := range p.devs {
		x := Drive{Device: d, Refusals: devices.Refusals(d, env)}
		if a, ok := session.Assign(p.facts.Case, p.facts.Host, d); ok {
			x.Assigned = &a
		}
		out = append(out, x)
	}
	return out, p.fail["Detect"]
}

func (p *play) Run(_ context.Context, works []Confirmed, r Reports) error {
	end := make(chan error)
	p.mu.Lock()
	p.ran, p.reports, p.ends = append(p.ran, works), append(p.reports, r), append(p.ends, end)
	p.mu.Unlock()
	p.entered <- struct{}{}
	return <-end
}

func (p *play) Unattended(ctx context.Context, r Reports) error {
	p.mu.Lock()
	p.auto++
	p.mu.Unlock()
	return p.Run(ctx, nil, r)
}

func (p *play) Stop(serial string) error {
	defer p.lock()()
	p.stopped = append(p.stopped, serial)
	return p.fail["Stop"]
}

func (p *play) Challenge(_ context.Context, word string) error {
	defer p.lock()()
	p.words = append(p.words, word)
	return p.fail["Challenge"]
}

func (p *play) RecordMissing(_ context.Context, m []Missing) error {
	defer p.lock()()
	p.missing = m
	return p.fail["RecordMissing"]
}

func (p *play) Suspend(context.Context) error {
	defer p.lock()()
	p.suspended++
	for i := range p.devs {
		p.devs[i].Caps.ATA.SecurityFrozen = support.No
	}
	return p.fail["Suspend"]
}

func (p *play) SetKeyboard(layout string) error {
	defer p.lock()()
	p.keyboard = layout
	return p.fail["SetKeyboard"]
}

func (p *play) Train(context.Context) (World, error) {
	w := newPlay()
	w.facts.Training, w.facts.Signed = true, false
	w.facts.Case = cases.Case{ID: "TRAINING"}
	return w, p.fail["Train"]
}

// disk is a made-up drive with an identity of its own.
func disk(n int, model string, gb uint64) devices.Device {
	d := devices.Device{
		Name: fmt.Sprintf("sd%c", 'a'+n), Path: fmt.Sprintf("/dev/sd%c", 'a'+n), Transport: devices.TransportSATA, Class: devices.ClassDisk,
		Location: fmt.Sprintf("pci-0000:00:17.0-ata-%d", n+1), Parent: fmt.Sprintf("ata%d", n),
		Identity: devices.Identity{Model: model, Serial: fmt.Sprintf("WD-WX11A%07d", 1000000+n*7919), Firmware: "01.01A01",
			WWN: fmt.Sprintf("naa.50014ee2%08x", n), LogicalSector: 512, PhysicalSector: 4096, Sectors: gb * 1e9 / 512},
	}
	d.Caps.Rotational, d.Caps.RotationRPM = support.Yes, 7200
	d.Caps.ATA.Present, d.Caps.ATA.LBA48 = support.Yes, support.Yes
	d.Caps.ATA.Security, d.Caps.ATA.SecurityEnhanced = support.Yes, support.Yes
	d.Caps.ATA.SecurityFrozen, d.Caps.ATA.SecurityLocked, d.Caps.ATA.SecurityEnabled = support.No, support.No, support.No
	d.Hidden = devices.HiddenAreas{HPA: devices.HiddenAbsent, DCO: devices.HiddenAbsent, AMAC: devices.HiddenAbsent}
	zero := uint64(0)
	temp := int64(31)
	d.Health.Reallocated, d.Health.Pending, d.Health.TemperatureC = &zero, &zero, &temp
	return d
}

func flash(n int, model string, gb uint64) devices.Device {
	d := disk(n, model, gb)
	d.Identity.Serial = fmt.Sprintf("S3Z9NB0K%06d", 100000+n*31)
	d.Caps.Rotational, d.Caps.RotationRPM = support.No, 0
	d.Caps.ATA.SanitizeBlock, d.Caps.ATA.SanitizeCrypto = support.Yes, support.Yes
	return d
}

// stick is the boot stick, which no screen may offer.
func stick(n int) devices.Device {
	d := disk(n, "USB Flash Disk", 32)
	d.Transport, d.Class, d.Removable = devices.TransportUSB, devices.ClassUSBFlash, true
	d.Identity.Serial = "BOOT0001"
	d.Stack.FSUUIDs = []string{"B007-0001"}
	return d
}

func newPlay(devs ...devices.Device) *play {
	return &play{
		now: noon, rtc: noon, devs: devs, env: devices.Environment{Boot: []string{"B007-0001"}}, entered: make(chan struct{}, 8), fail: map[string]error{},
		status: Status{Pull: PullForbidden, Why: rules.Label{Ja: "起動中", En: "starting"}},
		log: []LogLine{{noon.Add(-90 * time.Second), rules.Label{Ja: "起動しました", En: "started"}},
			{noon.Add(-80 * time.Second), rules.Label{Ja: "記録用の区画を見つけました", En: "evidence place found"}}},
		facts: Facts{Version: "0.1.0", Signed: true, Pack: rules.Default(), Stick: "U1", MaySuspend: true, MayTrain: true, Keyboard: "jis",
			Built: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
			Host:  devices.Host{Vendor: "FUJITSU", Product: "ESPRIMO D588/C", Serial: "R8Z00123"},
			Case: cases.Case{SchemaVersion: 1, ID: "R8-012", Title: "令和8年度 端末廃棄に伴うデータ消去業務委託", Municipality: "試験市", Department: "情報政策課",
				Contractor: certs.Contractor{Name: "株式会社例示データサービス"}, Created: time.Date(2026, 11, 1, 0, 0, 0, 0, jst), Afterwards: cases.AfterPowerOff,
				People: []cases.Person{{ID: "op1", Role: certs.RoleOperator, Name: "髙橋 花子", Title: "主任", Organisation: "株式会社例示データサービス"},
					{ID: "w1", Role: certs.RoleWitness, Name: "山﨑 一郎", Title: "主査", Organisation: "情報政策課"},
					{ID: "v1", Role: certs.RoleValidator, Name: "佐藤 次郎", Organisation: "情報政策課"}},
				Roster: []cases.Asset{{Number: "B-0001", Lease: "リース物件", HostSerial: "R8Z00123", ExpectedMedia: 1, Section: "市民課",
					Category: rules.Category{System: rules.SystemLGWAN, Confidentiality: rules.Conf2}}}}},
	}
}

// sitter sits at a model: it types keys and waits for what they start.
type sitter struct {
	t    testing.TB
	w    *play
	m    *Model
	msgs chan tea.Msg
	keys int
}

func sit(t testing.TB, w *play) *sitter {
	t.Helper()
	s := &sitter{t: t, w: w, m: New(t.Context(), w, "ja"), msgs: make(chan tea.Msg, 64)}
	s.do(s.m.Init())
	return s
}

// do runs a command to its end, and what comes of it; a run that has begun is
// left going.
func (s *sitter) do(cmd tea.Cmd) {
	s.t.Helper()
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		s.take(msg)
	case <-s.w.entered:
		go func() { s.msgs <- <-done }()
	case <-time.After(10 * time.Second):
		s.t.Fatal("a command hangs")
	}
}

func (s *sitter) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			s.do(c)
		}
	default:
		s.do(s.m.Update(msg))
	}
}

// wait takes what a run that was left going comes to.
func (s *sitter) wait() {
	s.t.Helper()
	select {
	case msg := <-s.msgs:
		s.take(msg)
	case <-time.After(10 * time.Second):
		s.t.Fatal("the run does not end")
	}
}

var named = map[string]tea.Key{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "space": {Code: tea.KeySpace, Text: " "}, "backspace": {Code: tea.KeyBackspace},
	"f1": {Code: tea.KeyF1}, "f2": {Code: tea.KeyF2}, "f3": {Code: tea.KeyF3}, "f4": {Code: tea.KeyF4}, "f5": {Code: tea.KeyF5}, "f6": {Code: tea.KeyF6},
	"ctrl+g": {Code: 'g', Mod: tea.ModCtrl}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
}

// press types keys: names, or text letter by letter.
func (s *sitter) press(keys ...string) *sitter {
	s.t.Helper()
	for _, k := range keys {
		if key, ok := named[k]; ok {
			s.keys++
			s.do(s.m.Update(tea.KeyPressMsg(key)))
			continue
		}
		for _, r := range k {
			s.keys++
			s.do(s.m.Update(tea.KeyPressMsg(tea.Key{Code: r, Text: string(r)})))
		}
	}
	return s
}

// tick lets time pass.
func (s *sitter) tick(d time.Duration) *sitter {
	s.t.Helper()
	s.w.mu.Lock()
	s.w.now, s.w.rtc = s.w.now.Add(d), s.w.rtc.Add(d)
	s.w.mu.Unlock()
	s.do(s.m.Update(tickMsg{}))
	return s
}

// front is the title of what is in front.
func (s *sitter) front() string {
	if s.m.over != nil {
		return s.m.over.title(s.m)
	}
	return s.m.page.title(s.m)
}

func (s *sitter) at(want string) *sitter {
	s.t.Helper()
	if got := s.front(); got != want {
		s.t.Fatalf("at %q, want %q; notice %q\n%s", got, want, s.m.notice.text, s.m.Render(Canvas{Cols: 80, Rows: 30}))
	}
	return s
}

// heads gives the world open journals.
func (w *play) heads(serials ...string) {
	defer w.lock()()
	w.status.Heads = nil
	for i, serial := range serials {
		h := journal.Hash{byte(i + 1), 0x5a, 0xc3, 0x99, 0x10, 0x42, 0xfe, 0x77}
		h[31] = byte(i)
		w.status.Heads = append(w.status.Heads, Head{Drive: serial, Seq: uint64(100 + i), Hash: h})
	}
	w.status.Why = rules.Label{Ja: "記録を書き込み中", En: "writing records"}
}

// finish ends the nth run: every work of it gets the outcome that Derive gives
// for a clean run of its plan, or that of the facts changed by spoil.
func (s *sitter) finish(n int, spoil func(i int, o *session.Outcome)) {
	s.t.Helper()
	for i := range s.w.ran[n] {
		o := s.outcomeOf(n, i)
		if spoil != nil {
			spoil(i, &o)
		}
		s.w.reports[n].Done(o)
	}
	s.w.ends[n] <- nil
	s.wait()
}

// outcomeOf is a clean run of the ith work of the nth run: what its plan could
// come to at best.
func (s *sitter) outcomeOf(n, i int) session.Outcome {
	work := s.w.ran[n][i].Work
	return session.Outcome{Work: work, Begun: true, Number: fmt.Sprintf("R8-012-U1-%04d", i+1), File: fmt.Sprintf("/e/records/R8-012-U1-%04d.pdf", i+1),
		Result: wipe.Result{Plan: work.Plan, Started: noon, Ended: noon.Add(2 * time.Hour), Derivation: work.Plan.Best, Prompt: work.Plan.Prompt}}
}
