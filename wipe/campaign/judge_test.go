package campaign

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/campaign/stick"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// judge holds a paper against what the emulator knows and against its journal.
func (w *world) judge(st certs.Statement, excerpt []byte) {
	d := st.Derivation
	if again := rules.Default().Derive(st.Classification.Row, st.Facts, st.Policy); !certs.SameJSON(again, d) {
		w.violation("the rules derive %s, the paper says %s", again.Outcome, d.Outcome)
	}
	if d.Outcome == rules.OutcomeVerified {
		w.remnants(d)
	}
	for _, s := range st.Facts.Steps {
		w.seen[fmt.Sprintf("%s %s", s.Technique, s.Status)]++
	}
	if st.Facts.Resumed > 0 {
		w.seen[fmt.Sprintf("resumed, %s", d.Outcome)]++
	}
	w.lies(st)
	w.badSectors(st)
	w.told(st, excerpt)
	w.locks(st)
}

// remnants: what is left of the original data against what is claimed.
func (w *world) remnants(d rules.Derivation) {
	says := func(codes ...string) bool {
		return slices.ContainsFunc(d.NotClaimed, func(n rules.Note) bool { return slices.Contains(codes, n.Code) })
	}
	for _, r := range w.drive.Remnants() {
		at := fmt.Sprintf("%s at %d, %d sectors", r.Area.Kind, r.Area.LBA, r.Area.Sectors)
		switch k := r.Area.Kind; {
		case k == emulator.AreaUser, k == emulator.AreaUnflushed:
			w.violation("Verified (%d) over original data that the host can read: %s", d.Reached, at)
		case r.HostReachable && d.Reached == rules.Row2:
			w.violation("Verified (2) over original data in a hidden area: %s", at)
		case r.HostReachable && !says("hidden-present", "hidden-unknown", "outside-user-area", "other-parts"):
			w.violation("Verified (3) over original data in a hidden area that the paper does not name: %s", at)
		case !r.HostReachable && d.Reached == rules.Row2 && d.Basis != rules.BasisDeviceAttested:
			w.violation("Verified (2) on basis %s over data out of the host's reach: %s", d.Basis, at)
		case !r.HostReachable && !says("over-provisioned", "reallocated-sectors", "reallocated-unknown", "outside-user-area", "device-attested"):
			w.violation("Verified (%d) over data out of the host's reach that the paper does not name: %s", d.Reached, at)
		}
	}
}

// lies: what the drive did not do, or said no to, is not called done.
func (w *world) lies(st certs.Statement) {
	f := w.s.params.Faults
	for i, step := range st.Facts.Steps {
		if step.Technique.OnHost() || step.Status != rules.StepCompleted {
			continue
		}
		if f.EraseFails && step.Technique != rules.TechTCGRevert {
			w.violation("step %d (%s) is called completed; the drive ends every erase in failure", i+1, step.Technique)
		}
		if c := step.Canaries; f.KeepFraction >= 1 && i == 0 && c != nil && c.Read > 0 && step.Technique != rules.TechTCGRevert {
			w.violation("step %d (%s) is called completed with %d canaries read; the drive erases nothing", i+1, step.Technique, c.Read)
		}
	}
}

// badSectors: every sector that takes no writes is listed by a pass that came to its end.
func (w *world) badSectors(st certs.Statement) {
	bad := map[uint64]bool{}
	for _, r := range w.s.params.Faults.WriteErrors {
		for s := r.First; s < r.First+r.Count && s < w.s.params.Sectors; s++ {
			bad[s] = true
		}
	}
	for i, step := range st.Facts.Steps {
		if step.Technique != rules.TechOverwrite || step.Status != rules.StepCompleted || i >= len(st.Steps) {
			continue
		}
		listed := map[uint64]bool{}
		for _, r := range st.Steps[i].BadRanges {
			for s := r.First; s < r.First+r.Count; s++ {
				listed[s] = listed[s] || r.Kind == "write"
			}
		}
		for s := range bad {
			if !listed[s] {
				w.violation("step %d: sector %d takes no writes and is not listed", i+1, s)
			}
		}
	}
}

// told: the journal tells of every step and of the outcome what the paper tells.
func (w *world) told(st certs.Statement, excerpt []byte) {
	log, err := journal.ParseExcerpt(excerpt)
	if err != nil {
		w.violation("the attached journal: %v", err)
		return
	}
	w.tell("journal %s, %d records", log.Head(), len(log.Records))
	begun, ended := map[string]bool{}, map[string]rules.StepStatus{}
	var last struct {
		Facts      rules.Facts      `json:"facts"`
		Derivation rules.Derivation `json:"derivation"`
	}
	for _, r := range log.Records {
		var p struct {
			Step   string           `json:"step"`
			Status rules.StepStatus `json:"status"`
		}
		if json.Unmarshal(r.Payload, &p) != nil {
			continue
		}
		switch {
		case r.Type == journal.TypeIntent:
			begun[p.Step] = true
		case r.Type == journal.TypeResult && p.Status != "":
			ended[p.Step] = p.Status
		case r.Type == journal.TypeOutcome:
			if err := json.Unmarshal(r.Payload, &last); err != nil {
				w.violation("outcome: %v", err)
			}
		}
	}
	if !certs.SameJSON(last.Facts, st.Facts) || !certs.SameJSON(last.Derivation, st.Derivation) {
		w.violation("the journal's outcome is not the paper's")
	}
	if len(st.Steps) != len(st.Facts.Steps) {
		w.violation("%d steps on the paper, %d in its facts", len(st.Steps), len(st.Facts.Steps))
	}
	for i, s := range st.Steps {
		name := fmt.Sprintf("step-%d", s.Index+1)
		if !begun[name] && s.Status != rules.StepRefused && s.Status != rules.StepInterrupted && s.Status != rules.StepFailed {
			w.violation("no intent for step %d (%s, %s)", i+1, s.Technique, s.Status)
		}
		if got := ended[name]; got != s.Status && s.Status != rules.StepInterrupted {
			w.violation("step %d (%s) is %q in the journal, %q on the paper", i+1, s.Technique, got, s.Status)
		}
	}
}

// locks: a drive that came without a password leaves without one, or its paper
// names it.
func (w *world) locks(st certs.Statement) {
	if w.s.params.UserPassword != "" || st.Facts.Interrupted {
		return
	}
	devs, err := w.sys.Detect(context.Background(), devices.DetectOptions{})
	if err != nil {
		return
	}
	for _, d := range devs {
		if d.Identity.Serial != w.serial || !d.Caps.ATA.SecurityEnabled.IsYes() {
			continue
		}
		if text, _ := json.Marshal(st); !strings.Contains(string(text), wipe.PublishedPassword) {
			w.violation("the drive is left with a password that its paper does not name")
		}
	}
}

// atTheEnd judges what the whole life leaves behind.
func (w *world) atTheEnd() {
	if !slices.Equal(w.before, w.bystander.Remnants()) {
		w.violation("a drive outside of the job was changed")
	}
	for _, st := range w.sticks {
		w.journals(st)
	}
	w.promise()
	left, all := uint64(0), w.drive.Remnants()
	for _, r := range all {
		left += r.Bytes
	}
	w.tell("finished %t papers %d outcome %s, %d bytes left in %d places", w.finished, w.papers, w.last.Outcome, left, len(all))
	for _, v := range w.wrong {
		w.tell("violation: %s", v)
	}
}

// content: what the host reads after a verified overwrite is what the published key
// makes, made here by the standard library alone.
func (w *world) content(o session.Outcome) {
	steps := o.Result.Steps
	if o.Result.Derivation.Outcome != rules.OutcomeVerified || len(steps) == 0 {
		return
	}
	s := steps[len(steps)-1]
	if s.Technique != rules.TechOverwrite || s.Verification == nil || s.Verification.Kind != rules.VerifyFull || len(s.Passes) == 0 {
		return
	}
	conn, err := w.sys.Open(context.Background(), o.Work.Plan.Device)
	if err != nil {
		return // the schedule took the drive away since
	}
	defer conn.Close()
	got := make([]byte, conn.Size())
	if n, err := conn.ReadAt(got, 0); n != len(got) || err != nil {
		return
	}
	block, err := aes.NewCipher(s.Passes[len(s.Passes)-1].Pass.Key[:])
	if err != nil {
		w.violation("key: %v", err)
		return
	}
	want := make([]byte, len(got))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(want, want)
	if !bytes.Equal(got, want) {
		w.violation("Verified by reading all back, and the medium does not hold what the published key makes")
	}
	w.seen["content compared"]++
}

// promise: where nothing but power was lost, the run ends as the plan had promised:
// cuts cost time, and nothing else.
func (w *world) promise() {
	f := w.s.params.Faults
	f.CutErase, f.Instant = 0, false
	clean := reflect.DeepEqual(f, emulator.Faults{}) && w.s.flush == 0 && w.s.stop.n == 0 && len(w.s.stick) == 0 &&
		w.s.technique == "" && w.s.params.Exist == 0 && !w.spoiled &&
		w.s.lostWrite == 0 && (w.s.params.UserPassword == "" || w.s.params.UserPassword == wipe.PublishedPassword)
	if !clean || w.best == nil {
		return
	}
	w.seen["nothing but power was lost"]++
	if !w.finished {
		w.violation("nothing but power was lost, and there is no paper")
		return
	}
	weaker := w.best.Reached != rules.RowNone && (w.last.Reached == rules.RowNone || w.last.Reached > w.best.Reached)
	if weaker || w.last.Outcome != w.best.Outcome && w.last.Outcome != rules.OutcomeVerified {
		w.violation("nothing but power was lost: %s (%d), the plan promised %s (%d): %+v", w.last.Outcome, w.last.Reached, w.best.Outcome, w.best.Reached, w.last.Reasons)
	}
}

// journals: every one on a stick that kept its word can be read.
func (w *world) journals(st *stick.Stick) {
	if w.worn || w.spoiled {
		return
	}
	for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
		for _, name := range st.List(folder) {
			log, err := journal.Parse(st.Durable(folder, name))
			if err != nil && len(log.Records) > 0 {
				w.violation("%s: %v", st.Path(folder, name), err)
			}
		}
	}
}
