package collect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
)

func sum(data []byte) string { return deed.SHA256(data) }

// TestDays: each is a day at the 庁舎 with its sticks in memory.
func TestDays(t *testing.T) {
	for name, c := range map[string]struct {
		story func(d *day) Report
		want  string // findings that are more than a note, worst first
	}{
		"three sticks, all PCs": {func(d *day) Report {
			a, b, c := d.stick("U1"), d.stick("U2"), d.stick("U3")
			a.erase(1, "W1")
			b.erase(2, "W2")
			b.erase(3, "W3")
			c.erase(4, "W4")
			return d.collect(a, b, c)
		}, ""},
		"a lost stick": {func(d *day) Report {
			a, b := d.first(), d.stick("U2")
			b.erase(4, "W4")
			return d.collect(a) // U2 never came back
		}, "stick-missing:U2 asset-untouched:B-0004"},
		"a replaced stick": {func(d *day) Report {
			a, b, c := d.first(), d.stick("U2"), d.stick("U3")
			b.erase(4, "W4") // breaks here; U3 takes over, and PC 4 is done again
			c.erase(4, "W4")
			return d.collect(a, c)
		}, "stick-missing:U2"},
		"a stick pulled in mid-run, put back": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4").half()
			a.out = true
			r.note(journal.TypeProgress, m{"drive": "W4", "step": "step-1"})
			a.out = false
			for _, st := range r.w.Stores() {
				path := strings.TrimPrefix(st.Name, "U1 ")
				if err := r.w.Reattach(journal.Named{Name: st.Name, Store: file{a, path}}); err != nil && !errors.Is(err, journal.ErrDetached) {
					d.t.Fatal(err)
				}
			}
			r.finish()
			r.done(a)
			return d.collect(a)
		}, ""},
		"a stick pulled in mid-run, another takes the record": {func(d *day) Report {
			a, b := d.first(), d.stick("U2")
			r := a.begin(4, "W4").half()
			moveTo(r, b)
			r.finish()
			r.done(b)
			return d.collect(a, b)
		}, ""},
		"a stick pulled in mid-run, the other one lost": {func(d *day) Report {
			a, b := d.first(), d.stick("U2")
			r := a.begin(4, "W4").half()
			moveTo(r, b)
			r.finish()
			r.done(b)
			return d.collect(a)
		}, "stick-missing:U2 run-no-paper:U1 number-no-paper:U1 asset-untouched:B-0004"},
		"power lost while the stick was elsewhere": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4").half()
			a.out = true // pulled, and meanwhile the PC loses power
			r.note(journal.TypeProgress, m{"drive": "W4", "step": "step-1"})
			a.out = false
			return d.collect(a)
		}, "run-no-paper:U1 asset-untouched:B-0004"},
		"power lost, erased again": {func(d *day) Report {
			a := d.first()
			a.begin(4, "W4").half()
			a.erase(4, "w4")
			return d.collect(a)
		}, ""},
		"power lost, erased again on another stick": {func(d *day) Report {
			a, b := d.first(), d.stick("U2")
			a.begin(4, "W4").half()
			b.erase(4, "W4")
			return d.collect(a, b)
		}, ""},
		"power lost between paper and closing record": {func(d *day) Report {
			a := d.first()
			a.begin(4, "W4").work().paper(a)
			return d.collect(a)
		}, ""},
		"power lost between number and paper": {func(d *day) Report {
			a := d.first()
			a.begin(4, "W4").work()
			a.reserve()
			return d.collect(a)
		}, "run-no-paper:U1 number-no-paper:U1 asset-untouched:B-0004"},
		"a cloned stick, one number for two PCs": {func(d *day) Report {
			a := d.stick("U1")
			a.erase(1, "W1")
			b := a.clone()
			a.erase(2, "W2")
			b.erase(3, "W3")
			return d.collect(a, b)
		}, "number-double:U1-0002 stick-cloned:U1 asset-untouched:B-0002 asset-untouched:B-0003 asset-untouched:B-0004 stick-double:U1"},
		"a cloned stick, numbers apart": {func(d *day) Report {
			a := d.stick("U1")
			b := a.clone()
			b.next = 4
			for pc := 1; pc <= 2; pc++ {
				a.erase(pc, fmt.Sprint("W", pc))
			}
			for pc := 3; pc <= 4; pc++ {
				b.erase(pc, fmt.Sprint("W", pc))
			}
			return d.collect(a, b)
		}, "stick-cloned:U1 number-hole:U1 number-hole:U1"},
		"an old copy beside the stick": {func(d *day) Report {
			a := d.first()
			b := a.clone()
			a.erase(4, "W4")
			return d.collect(a, b)
		}, "stick-double:U1"},
		"one run on two clones": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4").half()
			b := a.clone()
			r.finish()
			r.done(a)
			fork(d, b)
			return d.collect(a, b)
		}, "journal-forked:U1 stick-double:U1"},
		"a stick of another case": {func(d *day) Report {
			a := whole(d)
			other := makeDay(d.t)
			return d.collect(a, other.stick("U9"))
		}, "stick-foreign:U9"},
		"no stick at all": {func(d *day) Report {
			return d.collect(whole(d), &stick{fs: fstest.MapFS{"records/x.txt": {Data: []byte("x")}}})
		}, "stick-no-identity:F:"},
		"a stick that nobody issued": {func(d *day) Report {
			a := whole(d)
			b := d.stick("U2")
			d.all = d.all[:1]
			return d.collect(a, b)
		}, "stick-not-issued:U2"},
		"one drive done by two sticks": {func(d *day) Report {
			a, b := whole(d), d.stick("U2")
			b.erase(4, "Ｗ4")
			return d.collect(a, b)
		}, "medium-twice:B-0004"},
		"more media than expected": {func(d *day) Report {
			a := whole(d)
			a.erase(4, "W44")
			return d.collect(a)
		}, "media-over:B-0004"},
		"a medium that was not found": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "none")
			r.note(journal.TypeNote, missing.New("髙橋 花子", missing.Medium{Asset: "B-0004", Count: 1, Reason: missing.RemovedBefore}))
			return d.collect(a)
		}, "media-missing:B-0004"},
		"a medium that failed": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4")
			r.st.Facts.Unwritten = 9
			r.st.Steps[0].BadTotal = 9
			r.work().done(a)
			return d.collect(a)
		}, "media-failed:B-0004"},
		"failed, then done": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4")
			r.st.Facts.Unwritten = 9
			r.work().done(a)
			a.erase(4, "W4")
			return d.collect(a)
		}, ""},
		"a paper was deleted": {func(d *day) Report {
			a := whole(d)
			delete(a.fs, "records/R8-012-U1-0004.pdf")
			return d.collect(a)
		}, "run-paper-lost:U1 number-no-paper:U1 asset-untouched:B-0004"},
		"a paper and its number were deleted": {func(d *day) Report {
			a := whole(d)
			delete(a.fs, "records/R8-012-U1-0003.pdf")
			delete(a.fs, "numbers/0003")
			return d.collect(a)
		}, "run-paper-lost:U1 number-hole:U1 asset-untouched:B-0003"},
		"journals were deleted": {func(d *day) Report {
			a := whole(d)
			for name := range a.fs {
				if strings.HasPrefix(name, "journals") && strings.Contains(name, fmt.Sprintf("%x", "00000004")) {
					delete(a.fs, name)
				}
			}
			return d.collect(a)
		}, "paper-no-journal:U1"},
		"a paper was altered": {func(d *day) Report {
			a := whole(d)
			f := a.fs["records/R8-012-U1-0004.pdf"]
			f.Data = bytes.Clone(f.Data)
			f.Data[len(f.Data)/2] ^= 1
			return d.collect(a)
		}, "run-paper-differs:U1 paper-unsound:U1 asset-untouched:B-0004"},
		"half a paper": {func(d *day) Report {
			a := d.first()
			a.begin(4, "W4").work()
			a.fs["records/"+a.reserve()+".pdf.tmp"] = &fstest.MapFile{Data: []byte("%PDF")}
			return d.collect(a)
		}, "run-no-paper:U1 number-no-paper:U1 asset-untouched:B-0004 file-unfinished:U1"},
		"a mirror that is damaged": {func(d *day) Report {
			a := whole(d)
			for name, f := range a.fs {
				if strings.HasPrefix(name, "journals2/") {
					f.Data[700] ^= 1
				}
			}
			return d.collect(a)
		}, strings.TrimSpace(strings.Repeat("journal-damaged:U1 ", 4))},
		"a torn tail": {func(d *day) Report {
			a := d.first()
			r := a.begin(4, "W4").half()
			for name, f := range a.fs {
				if strings.Contains(name, r.w.Header().Run.String()) {
					n := len(Trim(f.Data))
					f.Data = bytes.Clone(f.Data)
					copy(f.Data[n:], bytes.Repeat([]byte{0xAA}, 300))
				}
			}
			a.erase(4, "W4")
			return d.collect(a)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.story(newDay(t))
			if got := said(r, Doubt); got != c.want {
				t.Errorf("found  %s\nwanted %s\n%+v", got, c.want, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Text("ja") == "" || f.Text("en") == "" || f.Level > Note && f.Next("ja") == "" {
					t.Errorf("%s says nothing", f.Code)
				}
			}
		})
	}
}

// whole is a stick that has done every PC.
func whole(d *day) *stick {
	s := d.first()
	s.erase(4, "W4")
	return s
}

// finish records the results of a step that was begun.
func (r *run) finish() {
	for _, st := range r.st.Steps {
		r.note(journal.TypeResult, m{"drive": r.st.Medium.Serial, "step": fmt.Sprintf("step-%d", st.Index+1), "status": st.Status})
	}
}

// moveTo pulls the run's stick and gives the record to another.
func moveTo(r *run, b *stick) {
	a := r.s
	a.out = true
	r.note(journal.TypeProgress, m{"drive": r.st.Medium.Serial, "step": "step-1"})
	name := r.w.Header().Run.String() + ".mjl"
	for _, dir := range []string{"journals/", "journals2/"} {
		if err := r.w.Attach(b.store(dir + name)); err != nil && !strings.Contains(err.Error(), "durable") {
			a.d.t.Fatal(err)
		}
	}
	for _, st := range r.w.Stores() {
		if !st.Attached {
			if err := r.w.Drop(st.Name); err != nil && !strings.Contains(err.Error(), "durable") {
				a.d.t.Fatal(err)
			}
		}
	}
	a.out = false
}

// fork goes on with a clone's half-done journal as if it were alone.
func fork(d *day, b *stick) {
	for name, f := range b.fs {
		if !strings.HasPrefix(name, "journals") {
			continue
		}
		log, err := journal.Parse(f.Data)
		if err != nil || log.Report.Closed {
			continue
		}
		w, _, err := journal.Resume("massho", journal.Options{Now: d.tick, Monotonic: func() time.Duration { return 0 }}, journal.Named{Name: "b", Store: file{b, name}})
		if err != nil {
			d.t.Fatal(err)
		}
		if _, err := w.Append(journal.TypeNote, m{"text": "another story"}); err != nil {
			d.t.Fatal(err)
		}
	}
}

// TestRevokedStick: a stick that was lost and revoked, and what it signed.
func TestRevokedStick(t *testing.T) {
	d := newDay(t)
	a := whole(d)
	list, err := keys.Revoke(d.a.Root, nil, a.pair.Cert, d.now)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := trustOf(d.a.Root.Cert, list)
	if err != nil {
		t.Fatal(err)
	}
	in := d.input()
	in.Verify = verify.Options{Trust: trust, Now: d.now}
	if r := Examine(in); !strings.Contains(r.Findings[0].Text("ja"), "失効済み") {
		t.Errorf("%+v", r.Findings[0])
	}
	in.Sticks = []Stick{Read("E:", a.fs)}
	if r := Examine(in); !strings.Contains(said(r, Gap), "paper-unsound") || strings.Contains(said(r, Note), "foreign") {
		t.Errorf("papers of a revoked stick: %s", said(r, Doubt))
	}
}
