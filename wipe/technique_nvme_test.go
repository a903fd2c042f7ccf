package wipe

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/tcg"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// nvmeTechniques are those of deviceTechniques that are NVMe's.
func nvmeTechniques() []deviceTechnique {
	return slices.DeleteFunc(slices.Clone(deviceTechniques), func(d deviceTechnique) bool { return d.kind != emulator.NVMe })
}

var allNVMe = emulator.NVMeFeatures{Bare: true, SanitizeOverwrite: true, SanitizeBlock: true, SanitizeCrypto: true, Format: true, FormatCrypto: true, Management: true}

func nvmeBench(t *testing.T, faults emulator.Faults) *bench {
	return newBench(t, emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, NVMe: allNVMe, Faults: faults})
}

// nvmeHook is a Conn whose admin queue a test listens on and meddles with.
type nvmeHook struct {
	devices.Conn
	see func(c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error)
}

type adminFunc func(context.Context, nvme.AdminCommand) (nvme.Completion, error)

func (f adminFunc) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	return f(ctx, c)
}

func (h nvmeHook) NVMe() nvme.Transport {
	t := h.Conn.NVMe()
	return adminFunc(func(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
		return h.see(c, func() (nvme.Completion, error) { return t.Admin(ctx, c) })
	})
}

// seen runs one technique with every admin command shown to see.
func (b *bench) seen(t *testing.T, technique rules.Technique, see func(nvme.AdminCommand, func() (nvme.Completion, error)) (nvme.Completion, error)) StepResult {
	t.Helper()
	conn, err := b.sys.Open(t.Context(), b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := b.device(rules.MediumSSD, technique)
	p.Canaries = rules.DefaultCanaries
	res, err := clocked(b).Run(t.Context(), nvmeHook{conn, see}, Job{Plan: p, Journal: b.log, Keys: allKeys})
	if err != nil {
		t.Fatal(err)
	}
	b.checkNothingFalse(t, res)
	return res.Steps[0]
}

// A power cut in the middle of each erase; the next start finishes it. A Sanitize
// goes on by itself, and its command is not sent a second time.
func TestNVMePowerCut(t *testing.T) {
	for _, dt := range nvmeTechniques() {
		for _, at := range []float64{0.01, 0.5, 0.9} {
			t.Run(string(dt.technique), func(t *testing.T) {
				b := nvmeBench(t, emulator.Faults{})
				p := b.device(dt.medium, dt.technique)
				p.Canaries = rules.DefaultCanaries
				progress := b.cutIn(t, p, at)
				res, err := b.run(t, t.Context(), clocked(b), Job{Plan: progress.Plan, Resume: progress, Keys: allKeys})
				if err != nil {
					t.Fatal(err)
				}
				s := res.Steps[0]
				if s.Status != rules.StepCompleted || res.Facts.Resumed != 1 {
					t.Fatalf("%s; notes %q errors %q", s.Status, s.Notes, res.Errors)
				}
				again := slices.ContainsFunc(sentCommands(s), func(n string) bool { return strings.HasPrefix(n, dt.commands[0]) })
				if again == strings.Contains(string(dt.technique), "sanitize") {
					t.Errorf("sent again: %t; %q", again, sentCommands(s))
				}
				b.checkNothingFalse(t, res)
			})
		}
	}
}

// Answers that mislead: what the log says decides, and a log that tells of
// another command, or nothing new, decides nothing.
func TestNVMeAnswersThatMislead(t *testing.T) {
	lost := errors.New("the answer was lost")
	logs, meddled := 0, false
	isSanitize := func(c nvme.AdminCommand) bool { return c.Opcode == nvme.OpSanitize }
	for _, tc := range []struct {
		name   string
		faults emulator.Faults
		before uint32 // a sanitize of years ago
		see    func(b *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error)
		want   rules.StepStatus
		note   string
	}{
		{name: "the answer is lost, the drive is at work", want: rules.StepCompleted, note: "応答は失われた",
			see: func(_ *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				r, err := next()
				if isSanitize(c) {
					return nvme.Completion{}, lost
				}
				return r, err
			}},
		{name: "the command is lost", want: rules.StepFailed,
			see: func(_ *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				if isSanitize(c) {
					return nvme.Completion{}, lost
				}
				return next()
			}},
		{name: "a success that does nothing, and an equal log of years ago", before: uint32(nvme.BlockErase), want: rules.StepFailed, // by its canaries
			see: func(_ *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				if isSanitize(c) {
					return nvme.Completion{}, nil
				}
				return next()
			}},
		{name: "a success that does nothing, and another log", before: uint32(nvme.CryptoErase), want: rules.StepFailed,
			see: func(_ *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				if isSanitize(c) {
					return nvme.Completion{}, nil
				}
				return next()
			}},
		{name: "a stale log for good", faults: emulator.Faults{StaleLog: true, Instant: true}, want: rules.StepUnconfirmed, note: "以前のコマンド"},
		{name: "somebody else's sanitize is running", want: rules.StepCompleted, note: "別の消去",
			see: func(b *bench, c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				if c.Opcode == nvme.OpGetLogPage && byte(c.CDW10) == nvme.LogSanitize {
					logs++
				}
				if logs == 2 && !meddled { // the first was before the marks
					meddled = true
					if err := (nvme.Sanitize{Action: nvme.CryptoErase}).Run(context.Background(), b.drive.Admin()); err != nil {
						return nvme.Completion{}, err
					}
				}
				return next()
			}},
		{name: "the log is refused", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "Get Log Page 81h"}}}, want: rules.StepRefused, note: "81h"},
		{name: "the log is refused at first", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "Get Log Page 81h", Times: 1}}}, want: rules.StepCompleted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, Faults: tc.faults,
				NVMe: emulator.NVMeFeatures{Bare: true, SanitizeBlock: true, SanitizeCrypto: true, SanitizedBefore: tc.before}})
			s := b.seen(t, rules.TechNVMeSanitizeBlock, func(c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
				if tc.see == nil {
					return next()
				}
				return tc.see(b, c, next)
			})
			if s.Status != tc.want || !strings.Contains(strings.Join(s.Notes, " "), tc.note) {
				t.Errorf("%s, notes %q, %s", s.Status, s.Notes, s.RawStatus)
			}
		})
	}
}

// Refusals name the next step; what is no refusal is a failure.
func TestNVMeRefusals(t *testing.T) {
	for _, tc := range []struct {
		name string
		sct  byte
		sc   byte
		tcg  emulator.TCGFeatures
		want rules.StepStatus
		note string
	}{
		{"invalid field", 0, 0x02, emulator.TCGFeatures{}, rules.StepRefused, "他の手法"},
		{"invalid opcode", 0, 0x01, emulator.TCGFeatures{}, rules.StepRefused, "他の手法"},
		{"invalid opcode while the SID is blocked", 0, 0x01, emulator.TCGFeatures{SSC: tcg.FeatureOpal2, BlockSID: true}, rules.StepRefused, "Disable Block SID"},
		{"write protected", 0, 0x20, emulator.TCGFeatures{}, rules.StepRefused, "破壊"},
		{"access denied", 2, 0x86, emulator.TCGFeatures{}, rules.StepRefused, "他の手法"},
		{"internal error", 0, 0x06, emulator.TCGFeatures{}, rules.StepFailed, ""},
		{"aborted by the host", 3, 0x71, emulator.TCGFeatures{}, rules.StepFailed, ""},
		{"write fault", 2, 0x80, emulator.TCGFeatures{}, rules.StepFailed, ""},
	} {
		for _, technique := range []rules.Technique{rules.TechNVMeSanitizeBlock, rules.TechNVMeFormatUserData} {
			t.Run(tc.name+"/"+string(technique), func(t *testing.T) {
				b := newBench(t, emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, TCG: tc.tcg, NVMe: allNVMe,
					Faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "Sanitize", SCT: tc.sct, SC: tc.sc}, {Command: "Format", SCT: tc.sct, SC: tc.sc}}}})
				s := b.seen(t, technique, func(_ nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
					return next()
				})
				if s.Status != tc.want || !strings.Contains(strings.Join(s.Notes, " "), tc.note) {
					t.Errorf("%s, notes %q", s.Status, s.Notes)
				}
			})
		}
	}
}

// The number of passes on the wire is the number on the paper, and 16 goes as 0.
func TestNVMeOverwritePassCount(t *testing.T) {
	for passes, field := range map[int]uint32{1: 1, 3: 3, 16: 0} {
		b := nvmeBench(t, emulator.Faults{})
		p := b.device(rules.MediumSSD, rules.TechNVMeSanitizeOver)
		for range passes {
			p.Steps[0].Passes = append(p.Steps[0].Passes, PassConstant)
		}
		conn, err := b.sys.Open(t.Context(), b.dev)
		if err != nil {
			t.Fatal(err)
		}
		var sent []uint32
		hook := nvmeHook{conn, func(c nvme.AdminCommand, next func() (nvme.Completion, error)) (nvme.Completion, error) {
			if c.Opcode == nvme.OpSanitize {
				sent = append(sent, c.CDW10>>4&0xF)
			}
			return next()
		}}
		if _, err := clocked(b).Run(t.Context(), hook, Job{Plan: p, Journal: b.log}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sent, []uint32{field}) {
			t.Errorf("%d passes went as %v", passes, sent)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The screen shows the controller's own progress and estimate.
func TestNVMeProgress(t *testing.T) {
	b := nvmeBench(t, emulator.Faults{})
	var progress []int64
	left := map[time.Duration]bool{}
	r := clocked(b)
	r.Observe = func(e Event) {
		if e.Phase == PhaseDevice && e.Total > 0 {
			progress = append(progress, e.Done)
			left[e.Left] = true
		}
	}
	if _, err := b.run(t, t.Context(), r, Job{Plan: b.device(rules.MediumSSD, rules.TechNVMeSanitizeBlock)}); err != nil {
		t.Fatal(err)
	}
	if len(progress) < 3 || !slices.IsSorted(progress) || len(left) < 2 || left[-1] {
		t.Errorf("progress %v, left %v", progress, left)
	}
}

// Several namespaces are one medium: planned, interlocked and erased together.
// One of them alone is refused.
func TestNVMeSeveralNamespaces(t *testing.T) {
	params := emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, NVMe: allNVMe,
		Namespaces: []emulator.Namespace{{Sectors: 4096}, {Sectors: 2048, Detached: true}}, UnallocatedSectors: 1024}
	for _, tc := range []struct {
		name      string
		technique rules.Technique
		left      []emulator.AreaKind // what may be left
		row       rules.Row
	}{
		{"Sanitize reaches everything", rules.TechNVMeSanitizeBlock, nil, rules.Row2},
		{"Format reaches what is attached", rules.TechNVMeFormatCrypto, []emulator.AreaKind{emulator.AreaUnallocated, emulator.AreaSpare}, rules.RowNone},
		{"an overwrite reaches what is attached", rules.TechOverwrite, []emulator.AreaKind{emulator.AreaUnallocated, emulator.AreaSpare}, rules.Row3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := emulator.New(params)
			if err != nil {
				t.Fatal(err)
			}
			d.Prefill()
			whole := devices.WholeMedia(emulator.NewSystem(d))
			b := benchOn(t, d, whole)
			p := b.device(rules.MediumSSD, tc.technique)
			p.Canaries = rules.DefaultCanaries
			conn, err := whole.Open(t.Context(), b.dev)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			res, err := clocked(b).Run(t.Context(), conn, Job{Plan: p, Journal: b.log})
			if err != nil {
				t.Fatal(err)
			}
			if s := res.Steps[0]; s.Status != rules.StepCompleted || res.Derivation.Reached != tc.row {
				t.Errorf("%s, row %d; notes %q errors %q reasons %+v", s.Status, res.Derivation.Reached, s.Notes, res.Errors, res.Derivation.Reasons)
			}
			for _, r := range d.Remnants() {
				if !slices.Contains(tc.left, r.Area.Kind) {
					t.Errorf("left %+v", r)
				}
			}
			if got := otherNames(b.dev); !slices.Equal(got, []string{"emu0n2"}) {
				t.Errorf("the record names %q", got)
			}
		})
	}
	t.Run("one of them alone", func(t *testing.T) {
		d, err := emulator.New(params)
		if err != nil {
			t.Fatal(err)
		}
		sys := emulator.NewSystem(d)
		b := benchOn(t, d, sys)
		conn, err := sys.Open(t.Context(), b.dev)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		res, err := clocked(b).Run(t.Context(), conn, Job{Plan: b.device(rules.MediumSSD, rules.TechNVMeSanitizeBlock), Journal: b.log})
		if err != nil {
			t.Fatal(err)
		}
		if s := res.Steps[0]; s.Status != rules.StepRefused || !strings.Contains(s.Notes[0], "emu0n2") {
			t.Errorf("%s, %q", s.Status, s.Notes)
		}
	})
}

// The plan names every namespace and what belongs to none.
func TestNVMePlanScope(t *testing.T) {
	d, err := emulator.New(emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, NVMe: allNVMe,
		Namespaces: []emulator.Namespace{{Sectors: 4096}, {Sectors: 2048, Detached: true}}, UnallocatedSectors: 1024})
	if err != nil {
		t.Fatal(err)
	}
	b := benchOn(t, d, devices.WholeMedia(emulator.NewSystem(d)))
	p, err := NewPlan(Input{Pack: rules.Default(), Row: rules.Row2, Device: b.dev, Runnable: Runnable(), Preparable: Preparable()})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, n := range p.Scope {
		codes = append(codes, n.Code)
	}
	if want := []string{"namespaces-joined", "unallocated", "unattached"}; !slices.Equal(codes, want) || p.Best.Reached != rules.Row2 {
		t.Errorf("scope %q, want %q; row %d", codes, want, p.Best.Reached)
	}
}

// benchOn is a bench on a drive as another System shows it.
func benchOn(t *testing.T, d *emulator.Drive, sys devices.System) *bench {
	t.Helper()
	devs, err := sys.Detect(t.Context(), devices.DetectOptions{})
	if err != nil || len(devs) == 0 {
		t.Fatalf("%d devices, %v", len(devs), err)
	}
	d.Prefill()
	path := filepath.Join(t.TempDir(), "run.mjl")
	f, err := journal.CreateFile(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h := journal.Header{Case: "T", Stick: "U1", Run: journal.RunID{2}, Tool: "test", Created: "2026-01-01T00:00:00Z", Capacity: 1 << 20}
	log, err := journal.Create(h, journalOptions(), journal.Named{Name: "EVIDENCE", Store: f})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{drive: d, dev: devs[0], path: path, log: log}
}
