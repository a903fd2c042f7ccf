package wipe

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
)

// openPass is the pass that was being written.
type openPass struct {
	index   int // from 0
	pass    overwrite.Pass
	flushed int64
	bad     []overwrite.Range // before flushed: sectors that could not be written
	notDone []overwrite.Range // before flushed: sectors that were passed over
}

// passResult is what of a passPayload a resume needs.
type passResult struct {
	Pass   *int              `json:"pass"`
	Report *overwrite.Report `json:"report"`
}

// errPlace is an offset or a run of sectors that no writer makes.
var errPlace = errors.New("a place outside of any medium")

func (p *Progress) addIntent(raw []byte) error {
	var v journal.IntentPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent, p.taken = &v, false
	if strings.HasPrefix(v.Step, "step-") && v.Step != p.step {
		p.step, p.Passes, p.open, p.passwordSet = v.Step, nil, nil, false
	}
	switch v.Command {
	case "SECURITY SET PASSWORD":
		p.passwordSet = true
	case "overwrite pass":
		return p.addPass(v.Args)
	}
	return nil
}

func canaryKey(text string) (canary.Key, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(canary.Key{}) {
		return canary.Key{}, fmt.Errorf("canary key %q", text)
	}
	return canary.Key(b), nil
}

func (p *Progress) addPass(raw []byte) error {
	var a passArgs
	if err := json.Unmarshal(raw, &a); err != nil {
		return err
	}
	pass, err := a.decode()
	if err != nil {
		return err
	}
	if a.Start < 0 || a.Pass < 1 {
		return fmt.Errorf("pass %d from byte %d: %w", a.Pass, a.Start, errPlace)
	}
	next := openPass{index: a.Pass - 1, pass: pass, flushed: a.Start}
	if o := p.open; o != nil && o.index == next.index && a.Start > 0 {
		next.bad, next.notDone = o.bad, o.notDone // the same pass went on
	}
	p.open = &next
	return nil
}

// decode gives the pass that a recorded intent tells of.
func (a passArgs) decode() (overwrite.Pass, error) {
	b, err := hex.DecodeString(a.Key)
	if err != nil {
		return overwrite.Pass{}, fmt.Errorf("pass %d: key: %w", a.Pass, err)
	}
	if a.Kind == overwrite.Constant.String() {
		return overwrite.Pass{Kind: overwrite.Constant, Pattern: b}, nil
	}
	p := overwrite.Pass{Kind: overwrite.Random}
	if a.Kind != overwrite.Random.String() || len(b) != len(p.Key) {
		return p, fmt.Errorf("pass %d: %q with a key of %d bytes", a.Pass, a.Kind, len(b))
	}
	copy(p.Key[:], b)
	return p, nil
}

func (p *Progress) addProgress(raw []byte) error {
	var v journal.ProgressPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	o := p.open
	if o == nil || v.Pass != o.index+1 || v.Step != p.step {
		return nil
	}
	var err error
	if o.bad, err = withRanges(o.bad, v.Bad); err != nil {
		return err
	}
	if o.notDone, err = withRanges(o.notDone, v.NotDone); err != nil {
		return err
	}
	o.flushed = max(o.flushed, v.Offset)
	return nil
}

// withRanges adds runs of sectors to a sorted list of such.
func withRanges(have []overwrite.Range, more [][2]int64) ([]overwrite.Range, error) {
	all := slices.Clone(have)
	for _, r := range more {
		if r[0] < 0 || r[1] <= 0 || r[0]+r[1] < 0 {
			return nil, fmt.Errorf("%d sectors from LBA %d: %w", r[1], r[0], errPlace)
		}
		all = append(all, overwrite.Range{LBA: r[0], Count: r[1]})
	}
	return union(all), nil
}

// union sorts runs of sectors and joins those that touch.
func union(all []overwrite.Range) []overwrite.Range {
	slices.SortFunc(all, func(a, b overwrite.Range) int {
		switch {
		case a.LBA < b.LBA:
			return -1
		case a.LBA > b.LBA:
			return 1
		}
		return 0
	})
	var out []overwrite.Range
	for _, r := range all {
		if n := len(out); n > 0 && r.LBA <= out[n-1].End() {
			out[n-1].Count = max(out[n-1].End(), r.End()) - out[n-1].LBA
			continue
		}
		out = append(out, r)
	}
	return out
}

// maxMarks bounds what a journal may ask for; no policy asks for a hundredth of it.
const maxMarks = 1 << 17

func (p *Progress) addCanary(raw []byte) error {
	var v canaryPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent = nil
	if v.Plant == nil {
		return nil // they were read
	}
	key, err := canaryKey(v.Key)
	if err != nil {
		return err
	}
	if v.Marks < 0 || v.Marks > maxMarks {
		return fmt.Errorf("%d canaries: %w", v.Marks, errPlace)
	}
	p.Marks = canary.Set{Key: key}
	if v.Error == "" {
		p.Marks.LBAs = planted(key, v.Marks, v.Sectors, *v.Plant)
	}
	if v.Step == "canaries" {
		p.Plant = *v.Plant
	} else if v.Error == "" {
		p.again = again{v.Step, v.Plant.Planted}
	}
	return nil
}

// again is the marks that were planted once more before a step.
type again struct {
	step    string
	planted uint64
}

// replanted is how many marks were planted again before step i, when it is the
// unfinished one.
func (p *Progress) replanted(i int) (uint64, bool) {
	if !p.unfinished(i) || p.again.step != stepName(i) {
		return 0, false
	}
	return p.again.planted, true
}

// planted are the places of all marks but those that planting listed as bad.
func planted(key canary.Key, n int, sectors uint64, rep canary.PlantReport) []uint64 {
	bad := slices.Concat(rep.Unwritable, rep.Unreadable, rep.Wrong)
	slices.Sort(bad)
	return slices.DeleteFunc(key.Positions(n, sectors), func(lba uint64) bool {
		_, found := slices.BinarySearch(bad, lba)
		return found
	})
}

// passes are the finished passes of step i, when it is the unfinished one.
func (p *Progress) passes(i int) []PassResult {
	if !p.unfinished(i) {
		return nil
	}
	return p.Passes
}

// unfinishedPass is what pass n of step i was writing and how far it is known
// to be on the medium.
func (p *Progress) unfinishedPass(i, n int) (*openPass, bool) {
	if !p.unfinished(i) || p.open == nil || p.open.index != n {
		return nil, false
	}
	return p.open, true
}

// withEarlier joins the report of a pass that went on at start with what the
// journal says of the part before: its bad sectors are not done by now either.
func (p *Progress) withEarlier(i, n int, start, sector int64, rep overwrite.Report) overwrite.Report {
	o, ok := p.unfinishedPass(i, n)
	if !ok || start == 0 || rep.Start != start {
		return rep
	}
	before := func(r overwrite.Range) bool { return r.LBA*sector < start }
	bad := slices.DeleteFunc(slices.Clone(o.bad), func(r overwrite.Range) bool { return !before(r) })
	notDone := slices.DeleteFunc(slices.Clone(o.notDone), func(r overwrite.Range) bool { return !before(r) })
	rep.Start = 0
	rep.Bytes += start - sector*(overwrite.Sectors(bad)+overwrite.Sectors(notDone))
	rep.BadRanges = union(slices.Concat(bad, rep.BadRanges))
	rep.NotDone = union(slices.Concat(notDone, rep.NotDone))
	return rep
}
