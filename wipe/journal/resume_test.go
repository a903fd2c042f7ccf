package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPowerCuts cuts the power at every operation of a run with a mirror, lets
// the unsynced writes vanish or tear, and resumes, again and again. Whatever was
// acknowledged must be there, and nothing that was not begun.
func TestPowerCuts(t *testing.T) {
	for seed := range uint64(150) {
		dice := rand.New(rand.NewPCG(seed, 1))
		a, b := newMedium(capacity), newMedium(capacity)
		w := begin(t, a, b)
		var sure, begun []Hash
		for life := range 6 {
			at := 1 + dice.IntN(30)
			a.cutAt, b.cutAt = a.ops+at, b.ops+at+dice.IntN(2)
			for range 40 {
				r, err := w.Append(TypeProgress, payload(dice.IntN(900)))
				if errors.Is(err, ErrFull) {
					break
				}
				begun = append(begun, r.Hash)
				if err != nil {
					break
				}
				sure = append(sure, r.Hash)
			}
			a, b = a.cut(dice), b.cut(dice)
			stores := []Named{{"a", a}, {"b", b}}
			var log *Log
			var err error
			if w, log, err = Resume("again", ticking(), stores...); err != nil {
				if errors.Is(err, ErrFull) {
					break
				}
				t.Fatalf("seed %d life %d: %v", seed, life, err)
			}
			checkKept(t, log, sure, begun)
			if !bytes.Equal(a.stable, b.stable) || parsed(t, a.stable).Head() != w.Head() || !w.Durable() {
				t.Fatalf("seed %d life %d: the copies differ after Resume", seed, life)
			}
			sure = hashes(log)
			begun = slices.Clone(sure)
		}
	}
}

func hashes(l *Log) []Hash {
	var all []Hash
	for _, r := range l.Records {
		all = append(all, r.Hash)
	}
	return all
}

// checkKept: the log holds every hash of sure, and of the others only begun ones
// and the writer's own.
func checkKept(t *testing.T, l *Log, sure, begun []Hash) {
	t.Helper()
	have := hashes(l)
	for _, h := range sure {
		if !slices.Contains(have, h) {
			t.Fatalf("an acknowledged record is lost: %v", h)
		}
	}
	for _, r := range l.Records {
		if r.Type == TypeProgress && !slices.Contains(begun, r.Hash) {
			t.Fatalf("a record that nobody wrote: %d", r.Seq)
		}
	}
}

func TestResumeTellsTheTornTail(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	put(t, w, TypePlan, 0)
	copy(m.stable[2*FrameSize:], "torn")
	copy(m.stable[4*FrameSize:], "torn too")
	m = from(m.stable)
	w, log, err := Resume("massho 2", ticking(), Named{"a", m})
	if err != nil {
		t.Fatal(err)
	}
	now := parsed(t, m.stable)
	var p ResumedPayload
	r := now.Records[2]
	if err := json.Unmarshal(r.Payload, &p); err != nil || r.Type != TypeResumed {
		t.Fatal(err, r.Type)
	}
	want := ResumedPayload{Tool: "massho 2", Head: log.Head(), TornOffset: 2 * FrameSize, TornBytes: 3 * FrameSize, Store: "a"}
	if p != want || now.Report.TornBytes != 0 || w.Head() != now.Head() {
		t.Errorf("%+v, want %+v", p, want)
	}
}

func TestResumeRefuses(t *testing.T) {
	good := sample(t)
	fork := forge(bytes.Clone(good), 8, func(*frame) {})
	longer := from(good)
	if _, _, err := Resume("t", ticking(), Named{"x", longer}); err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(good)
	altered[700]++
	for name, c := range map[string]struct {
		second []byte
		want   error
	}{
		"altered": {altered, ErrAltered}, "foreign": {foreign(t), ErrForeign}, "diverged": {fork, ErrDiverged},
		"truncated": {good[:20*FrameSize], ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := from(longer.stable), from(c.second)
			_, _, err := Resume("t", ticking(), Named{"a", a}, Named{"b", b})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if a.ops+b.ops > 0 {
				t.Error("written to all the same")
			}
		})
	}
	if _, _, err := Resume("t", ticking(), Named{"a", newMedium(capacity)}); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v", err)
	}
}

func TestResumeFillsTheMirror(t *testing.T) {
	for name, second := range map[string]func([]byte) *medium{
		"shorter": func(d []byte) *medium { clear(d[4*FrameSize:]); return from(d) },
		"empty":   func(d []byte) *medium { return newMedium(len(d)) },
		"its header torn": func(d []byte) *medium {
			clear(d[100:])
			return from(d)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := from(sample(t)), second(sample(t))
			w, log, err := Resume("t", ticking(), Named{"a", a}, Named{"b", b})
			if err != nil || len(log.Records) != 5 || !bytes.Equal(a.stable, b.stable) || !w.Durable() {
				t.Errorf("%v", err)
			}
		})
	}
}
