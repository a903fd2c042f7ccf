package wipe

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// states lists every support.State in v by its path.
func states(v reflect.Value, path string, visit func(string, reflect.Value)) {
	if v.Type() == reflect.TypeFor[support.State]() {
		visit(path, v)
		return
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			states(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	}
}

// hindrances are the states whose yes keeps techniques away.
var hindrances = []string{".SecurityEnabled", ".SecurityLocked", ".SecurityFrozen", ".SecurityExpired", ".Locked", ".BlockSID", ".Zoned"}

// No capability, hidden area or counter that becomes unknown lets a plan
// promise more, or release a medium that it did not release before.
func TestPlanUnknownIsNeverBetter(t *testing.T) {
	changed := 0
	for name, d := range planDevices() {
		for _, row := range []rules.Row{rules.Row1, rules.Row2, rules.Row3} {
			before := planFor(t, d, row, keysYes, soleSigned)
			for what, worse := range unknowns(d) {
				after := planFor(t, worse, row, keysYes, soleSigned)
				if lifts(before, after) {
					t.Errorf("%s row (%d): %s unknown lifts (%d) %s to (%d) %s", name, row, what,
						before.Best.Reached, before.Disposition, after.Best.Reached, after.Disposition)
				}
				if claimsMore(before.Best, after.Best) {
					changed++
				}
			}
		}
	}
	if changed < 20 {
		t.Errorf("only %d changes mattered: the test does not reach what it should", changed)
	}
}

// lifts reports whether after reaches what its row asks, or lets the medium go,
// where before did not. (Below that a planner may well pick what claims less.)
func lifts(before, after Plan) bool {
	target := builder{row: before.Row}.target()
	return reaches(after.Best, target) && !reaches(before.Best, target) ||
		after.Disposition == DispositionRelease && before.Disposition != DispositionRelease
}

// unknowns gives d once for each thing that it says, with that one unsaid.
func unknowns(d devices.Device) map[string]devices.Device {
	out := map[string]devices.Device{}
	var paths []string
	states(reflect.ValueOf(d.Caps), "Caps", func(path string, v reflect.Value) {
		hinders := slices.ContainsFunc(hindrances, func(h string) bool { return strings.HasSuffix(path, h) })
		if support.State(v.Uint()) == support.Yes && !hinders || path == "Caps.Rotational" {
			paths = append(paths, path)
		}
	})
	for _, p := range paths {
		worse := d
		states(reflect.ValueOf(&worse.Caps).Elem(), "Caps", func(path string, v reflect.Value) {
			if path == p {
				v.SetUint(uint64(support.Unknown))
			}
		})
		out[p] = worse
	}
	hidden, counters := d, d
	hidden.Hidden = devices.HiddenAreas{}
	counters.Health = devices.Health{}
	out["Hidden"], out["Health"] = hidden, counters
	return out
}

// A program that can do less, and a policy that asks for more, never promise more.
func TestPlanLessIsNeverBetter(t *testing.T) {
	for name, d := range planDevices() {
		for _, row := range []rules.Row{rules.Row1, rules.Row2, rules.Row3} {
			before := planFor(t, d, row, keysYes, soleSigned)
			for what, change := range map[string]func(*Input){
				"overwrite only":     overwriteOnly,
				"nothing runnable":   func(in *Input) { in.Runnable = nil },
				"opens nothing":      func(in *Input) { in.Preparable = nil },
				"unsigned policy":    func(in *Input) { in.Policy.Signed = false },
				"host-verified only": func(in *Input) { in.Policy.RequireHostVerified = true },
				"no crypto erase":    func(in *Input) { in.Policy.RefuseCryptoErase = true },
				"keys unknown":       func(in *Input) { in.Keys = rules.KeyConditions{} },
				"sampled":            func(in *Input) { in.Sampled = true },
				"row (1) for all":    func(in *Input) { in.Policy.MinimumRow = rules.Row1 },
			} {
				after := planFor(t, d, row, keysYes, soleSigned, change)
				if lifts(before, after) {
					t.Errorf("%s row (%d): %s lifts (%d) %s to (%d) %s", name, row, what,
						before.Best.Reached, before.Disposition, after.Best.Reached, after.Disposition)
				}
			}
			if p := planFor(t, d, row, func(in *Input) { in.Runnable = nil }); len(p.Steps) > 0 || p.Disposition == DispositionRelease {
				t.Errorf("%s: a program that can run nothing plans %d steps, %s", name, len(p.Steps), p.Disposition)
			}
		}
	}
}
