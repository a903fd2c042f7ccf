package wipe

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// Fill writes what the run saw into a Statement, in the language of its layout.
// Case, people, host, station, clock, boot and number are the caller's: a run
// knows nothing of them.
func (r Result) Fill(s *certs.Statement) {
	s.Medium = r.medium()
	s.Plan = r.plan(s.Layout.Lang)
	s.Run = certs.Period{Started: r.Started, Ended: r.Ended}
	s.Prepared = commands(r.Prepared)
	s.Steps = nil
	s.PassKeys = nil
	for i, step := range r.Steps {
		s.Steps = append(s.Steps, stepRecord(step))
		for n, p := range step.Passes {
			s.PassKeys = append(s.PassKeys, certs.PassKey{Step: i, Pass: n + 1, Algorithm: algorithm(p.Pass), Key: passKey(p.Pass)})
		}
	}
	s.Facts, s.Derivation = r.Facts, r.Derivation
	s.Destruction = r.destruction(s.Layout.Lang)
	s.NotClaimed = slices.Clone(s.NotClaimed)
	for _, n := range r.Notes {
		s.NotClaimed = append(s.NotClaimed, rules.Note{Code: "run", Ja: n, En: n})
	}
}

func algorithm(p overwrite.Pass) string {
	if p.Kind == overwrite.Random {
		return "AES-128-CTR"
	}
	return "constant"
}

func (r Result) medium() certs.Medium {
	d, id := r.Plan.Device, r.Before.Identity
	m := certs.Medium{
		Model: id.Model, Serial: id.Serial, Firmware: id.Firmware, WWN: id.WWN,
		Kind: r.Plan.Medium, Class: string(d.Class), Transport: string(d.Transport), Location: d.Location,
		IdentitySource: id.Source, CapacityBefore: id.CapacityBytes(), CapacityAfter: r.After.Identity.CapacityBytes(),
		Sectors: id.Sectors, LogicalSector: id.LogicalSector, PhysicalSector: id.PhysicalSector,
		RotationRPM: r.Before.Caps.RotationRPM, UnallocatedBytes: r.Before.Caps.NVMe.Unallocated,
		HiddenBefore: hiddenAreas(r.Before.Hidden), HiddenAfter: hiddenAreas(r.After.Hidden),
		HealthBefore: health(r.Before.Health), HealthAfter: health(r.After.Health),
		Encryption: encryption(r.Before.Caps), OtherDevicesOfMedium: otherNames(d), IdentityRechecks: r.Rechecks,
	}
	m.Maker, m.MakerFrom = certs.Maker(id.Model, id.WWN)
	if r.After.Identity.Serial != "" { // it still answered
		after := encryption(r.After.Caps)
		m.EncryptionAfter = &after
	}
	for _, raw := range id.Raw {
		m.Raw = append(m.Raw, certs.RawAnswer{Name: raw.Name, Bytes: raw.Bytes})
	}
	return m
}

func hiddenAreas(h devices.HiddenAreas) certs.HiddenAreas {
	return certs.HiddenAreas{Hidden: hidden(h), NativeSectors: h.NativeSectors, Note: h.Note}
}

func health(h devices.Health) certs.Health {
	return certs.Health{
		Reallocated: h.Reallocated, Pending: h.Pending, Uncorrectable: h.Uncorrectable, PowerOnHours: h.PowerOnHours,
		TemperatureC: h.TemperatureC, GrownDefects: h.GrownDefects, PercentUsed: h.PercentUsed,
		FailPredicted: h.FailPredicted.String(),
	}
}

// encryption says in the drive's own words whether it encrypts and is locked.
func encryption(c devices.Capabilities) certs.Encryption {
	e := certs.Encryption{SelfEncrypting: c.TCG.MediaEncryption.String(), SSC: c.TCG.SSC, Locked: c.TCG.Locked.String()}
	if c.ATA.Security.IsYes() {
		e.ATASecurity = "enabled " + c.ATA.SecurityEnabled.String() + ", locked " + c.ATA.SecurityLocked.String() + ", frozen " + c.ATA.SecurityFrozen.String()
	} else if c.ATA.Present.IsYes() {
		e.ATASecurity = "supported " + support.State(c.ATA.Security).String()
	}
	return e
}

func (r Result) plan(lang string) certs.Plan {
	p := certs.Plan{Hash: r.Plan.Hash()}
	for _, s := range r.Plan.Steps {
		p.Steps = append(p.Steps, certs.PlanStep{
			Technique: s.Technique, Passes: len(s.Passes), Verify: string(s.Verify), Reason: s.Reason.In(lang), Citation: s.Citation,
		})
	}
	for _, u := range r.Plan.Undone {
		p.Undoing = append(p.Undoing, u.In(lang))
	}
	if a := r.Plan.Accepted; a != nil {
		p.Chosen = a.By + ": " + a.Reason
	}
	return p
}

func stepRecord(s StepResult) certs.StepRecord {
	rec := certs.StepRecord{
		Index: s.Index, Technique: s.Technique, Status: s.Status, RawStatus: s.RawStatus, Started: s.Started, Ended: s.Ended,
		Bytes: s.Bytes, Passes: len(s.Passes), Notes: s.Notes,
	}
	rec.Commands = commands(s.Commands)
	var base int64
	var at int64
	for _, p := range s.Passes {
		rec.Pattern = pattern(p.Pass)
		for _, x := range p.Report.Samples {
			rec.Samples = append(rec.Samples, certs.Sample{Millis: at + x.At.Milliseconds(), Bytes: uint64(base + x.Bytes)})
		}
		base, at = base+p.Report.Bytes, at+p.Report.Elapsed.Milliseconds()
	}
	if n := len(s.Passes); n > 0 {
		last := s.Passes[n-1].Report
		addRanges(&rec, last.BadRanges, "write")
		addRanges(&rec, last.NotDone, "write")
	}
	if s.Verify != nil {
		addRanges(&rec, s.Verify.BadRanges, "read")
		addRanges(&rec, s.Verify.NotDone, "read")
		addRanges(&rec, s.Verify.Mismatched, "mismatch")
		rec.Verify = verifyRecord(s)
	}
	return rec
}

func commands(list []Command) (out []certs.Command) {
	for _, c := range list {
		out = append(out, certs.Command{Name: timesName(c), Bytes: c.Bytes, Status: c.Status})
	}
	return out
}

// maxRanges is how many bad ranges a Statement lists one by one; BadTotal counts
// them all, and the journal holds the rest.
const maxRanges = 1000

func addRanges(rec *certs.StepRecord, ranges []overwrite.Range, kind string) {
	for _, r := range ranges {
		rec.BadTotal += uint64(r.Count)
		if len(rec.BadRanges) < maxRanges {
			rec.BadRanges = append(rec.BadRanges, certs.Range{First: uint64(r.LBA), Count: uint64(r.Count), Kind: kind})
		}
	}
}

func verifyRecord(s StepResult) *certs.VerifyRecord {
	v := &certs.VerifyRecord{Started: s.VerifyAt, Ended: s.VerifyEnd}
	for _, x := range s.Verify.Samples {
		v.Samples = append(v.Samples, certs.Sample{Millis: x.At.Milliseconds(), Bytes: uint64(x.Bytes)})
	}
	return v
}

// pattern names what a pass wrote: "random", or the constant in hex.
func pattern(p overwrite.Pass) string {
	if p.Kind == overwrite.Random {
		return "random"
	}
	return hex.EncodeToString(p.Pattern)
}

// destruction is the prompt for the physical destruction that must follow.
func (r Result) destruction(lang string) *certs.DestructionPrompt {
	p := r.Prompt
	if p == nil {
		return nil
	}
	return &certs.DestructionPrompt{
		Serial: p.Serial, AssetNumber: p.Asset, Ways: p.Ways, Witness: p.Witness.In(lang), Deadline: p.Deadline.In(lang),
		InsideOnly: p.Inside,
	}
}

// timesName names a command, and how often it was sent in a row.
func timesName(c Command) string {
	if c.Times > 1 {
		return fmt.Sprintf("%s ×%d", c.Name, c.Times)
	}
	return c.Name
}
