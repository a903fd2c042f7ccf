package wipe

import (
	"slices"
	"testing"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// FuzzReadProgress: whatever one record of a journal says, reading ends, and what
// it gives can be gone on with: no place outside of a medium, no step that the plan
// does not have, no step twice.
func FuzzReadProgress(f *testing.F) {
	runs := fuzzRuns(f)
	for i, run := range runs {
		for at, r := range run {
			f.Add(uint8(i), uint8(at), string(r.Type), []byte(r.Payload))
		}
	}
	f.Fuzz(func(t *testing.T, run, at uint8, typ string, payload []byte) {
		records := slices.Clone(runs[int(run)%len(runs)])
		r := &records[int(at)%len(records)]
		r.Type, r.Payload = journal.Type(typ), payload
		p, err := ReadProgress(&journal.Log{Records: records})
		if err != nil {
			return
		}
		if p.Drive == "" || len(p.Steps) > len(p.Plan.Steps) {
			t.Errorf("drive %q, %d steps of %d", p.Drive, len(p.Steps), len(p.Plan.Steps))
		}
		for i := range p.Plan.Steps {
			p.passes(i)
			if o, ok := p.unfinishedPass(i, 0); ok {
				if o.flushed < 0 || slices.ContainsFunc(o.bad, func(r overwrite.Range) bool { return r.LBA < 0 || r.Count <= 0 }) {
					t.Errorf("%+v", o)
				}
				p.withEarlier(i, 0, o.flushed, 512, overwrite.Report{Start: o.flushed})
			}
		}
		if !slices.IsSorted(p.Marks.LBAs) {
			t.Error("marks out of order")
		}
		p.Result(rules.Default(), rules.Policy{})
		p.Device()
	})
}

// fuzzRuns are the journals of real runs: whole, cut off, with bad sectors, of a
// device's own erase.
func fuzzRuns(f *testing.F) (out [][]journal.Record) {
	add := func(b *bench, p Plan, r *Runner) {
		conn, err := b.sys.Open(f.Context(), b.dev)
		if err != nil {
			f.Fatal(err)
		}
		defer conn.Close()
		if _, err := r.Run(f.Context(), conn, Job{Plan: p, Journal: b.log}); err != nil {
			f.Fatal(err)
		}
		log, err := journal.ParseExcerpt(b.log.Bytes())
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, log.Records, log.Records[:len(log.Records)*2/3])
	}
	small := func(p emulator.Params) *bench {
		p.Serial, p.Sectors = "TEST0001", 1024
		return newBench(f, p)
	}
	b := small(emulator.Params{Kind: emulator.HDD, Faults: emulator.Faults{WriteErrors: []emulator.Range{{First: 10, Count: 2}}}})
	p := b.plan(2)
	p.Canaries = 20
	add(b, p, clocked(b))
	b = small(emulator.Params{Kind: emulator.SSD, ATA: everyATA})
	p = b.device(rules.MediumSSD, rules.TechATAErase, rules.TechATASanitizeBlock)
	p.Canaries, p.Steps[1].Replant = 20, true
	add(b, p, clocked(b))
	return out
}
