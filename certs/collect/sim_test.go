package collect

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// needFonts skips on a bare clone, but never in CI.
func needFonts(t testing.TB) {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// day is a working day: one authority, one case of four PCs, and a clock.
type day struct {
	t    testing.TB
	a    sample.Authority
	now  time.Time
	runs int
	all  []*stick
}

// stick is one EVIDENCE place in memory, with the stick's own key.
type stick struct {
	d    *day
	id   string
	pair keys.Pair
	fs   fstest.MapFS
	next int
	out  bool // pulled: nothing can be written
}

// Papers take a while to make: the day's beginning, with a stick that has done
// every PC but the last, is made once and copied.
var begun struct {
	sync.Once
	day
	first *stick
}

func newDay(t testing.TB) *day {
	t.Helper()
	needFonts(t)
	begun.Do(func() {
		d := makeDay(t)
		s := d.stick("U1")
		for pc := 1; pc < 4; pc++ {
			s.erase(pc, fmt.Sprint("W", pc))
		}
		begun.day, begun.first = *d, s
	})
	d := begun.day
	d.t, d.all = t, nil
	return &d
}

// first is the stick U1 that has done every PC but the last.
func (d *day) first() *stick {
	s := begun.first.clone()
	s.d = d
	d.all = append(d.all, s)
	return s
}

func makeDay(t testing.TB) *day {
	t.Helper()
	a := sample.New(t, false)
	c := sample.Case()
	for i := 3; i < 4; i++ {
		asset := c.Roster[2]
		asset.Number, asset.HostSerial = fmt.Sprintf("B-%04d", i+1), fmt.Sprintf("PC%03d", i+1)
		c.Roster = append(c.Roster, asset)
	}
	var err error
	if a.Case, err = cases.Sign(c, a.Root); err != nil {
		t.Fatal(err)
	}
	if a.Loaded, err = cases.Load(a.Case, a.Trust(), sample.Day); err != nil {
		t.Fatal(err)
	}
	return &day{t: t, a: a, now: sample.Day}
}

func (d *day) tick() time.Time { d.now = d.now.Add(time.Minute); return d.now }

// stick issues one stick.
func (d *day) stick(id string) *stick {
	d.t.Helper()
	p, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Stick, Case: "R8-012", Stick: id}, CommonName: "R8-012 " + id,
		NotBefore: sample.Day.AddDate(0, 0, -1), NotAfter: sample.Day.AddDate(0, 1, 0)}, &d.a.Root)
	if err != nil {
		d.t.Fatal(err)
	}
	s := &stick{d: d, id: id, pair: p, fs: fstest.MapFS{}}
	files, err := cases.StickFiles(d.a.Case, "R8-012", id, d.a.Root, p)
	if err != nil {
		d.t.Fatal(err)
	}
	for name, data := range files {
		s.fs["case/"+name] = &fstest.MapFile{Data: data}
	}
	d.all = append(d.all, s)
	return s
}

// clone copies a stick with everything on it, as dd would.
func (s *stick) clone() *stick {
	c := &stick{d: s.d, id: s.id, pair: s.pair, fs: fstest.MapFS{}, next: s.next}
	for name, f := range s.fs {
		c.fs[name] = &fstest.MapFile{Data: bytes.Clone(f.Data)}
	}
	return c
}

// file is a preallocated journal on a stick.
type file struct {
	s    *stick
	path string
}

var errPulled = errors.New("no such device")

func (f file) data() []byte { return f.s.fs[f.path].Data }
func (f file) ReadAt(p []byte, off int64) (int, error) {
	if f.s.out {
		return 0, errPulled
	}
	return copy(p, f.data()[off:]), nil
}
func (f file) WriteAt(p []byte, off int64) (int, error) {
	if f.s.out {
		return 0, errPulled
	}
	return copy(f.data()[off:], p), nil
}
func (f file) Sync() error          { return nil }
func (f file) Size() (int64, error) { return int64(len(f.data())), nil }
func (f file) Close() error         { return nil }

const capacity = 1 << 18

func (s *stick) store(path string) journal.Named {
	s.fs[path] = &fstest.MapFile{Data: make([]byte, capacity)}
	return journal.Named{Name: s.id + " " + path, Store: file{s, path}}
}

// run is one drive being erased on one PC.
type run struct {
	s  *stick
	w  *journal.Writer
	st certs.Statement
}

// begin starts a run on the medium of PC number pc, from 1.
func (s *stick) begin(pc int, serial string) *run {
	d := s.d
	d.t.Helper()
	d.runs++
	h := journal.Header{Case: "R8-012", Stick: s.id, Tool: "massho", Nonce: d.a.Loaded.Nonce, Created: d.now.Format(time.RFC3339), Capacity: capacity}
	copy(h.Run[:], fmt.Sprintf("run-%08d-------", d.runs))
	from := d.now
	name := h.Run.String() + ".mjl"
	w, err := journal.Create(h, journal.Options{Now: d.tick, Monotonic: func() time.Duration { return d.now.Sub(from) }},
		s.store("journals/"+name), s.store("journals2/"+name))
	if err != nil {
		d.t.Fatal(err)
	}
	asset := d.a.Loaded.Roster[pc-1]
	row := rules.Row(min(pc, 3))
	st := d.a.Statement(row)
	st.Asset.Number, st.Asset.RosterIndex, st.Asset.Section = asset.Number, pc-1, asset.Section
	st.Host.Serial = asset.HostSerial
	st.Medium.Serial = serial
	if st.Destruction != nil {
		st.Destruction.Serial = serial
	}
	return &run{s, w, st}
}

// note appends a record; one that is only kept in memory is fine here.
func (r *run) note(typ journal.Type, payload any) {
	r.s.d.t.Helper()
	if _, err := r.w.Append(typ, payload); err != nil && !errors.Is(err, journal.ErrDetached) {
		r.s.d.t.Fatal(err)
	}
}

type m = map[string]any

// work records the step as begun, done, and its outcome.
func (r *run) work() *run {
	r.half()
	for _, st := range r.st.Steps {
		r.note(journal.TypeResult, m{"drive": r.st.Medium.Serial, "step": fmt.Sprintf("step-%d", st.Index+1), "status": st.Status})
	}
	return r
}

// half records the step as begun only.
func (r *run) half() *run {
	for _, st := range r.st.Steps {
		r.note(journal.TypeIntent, m{"drive": r.st.Medium.Serial, "step": fmt.Sprintf("step-%d", st.Index+1), "command": string(st.Technique)})
	}
	return r
}

// paper issues the paper with the key that began the run and stores it on to.
func (r *run) paper(to *stick) string {
	d := r.s.d
	d.t.Helper()
	number := r.s.reserve()
	r.st.Derivation = certs.Derive(rules.Default(), &r.st)
	r.note(journal.TypeOutcome, m{"drive": r.st.Medium.Serial, "facts": r.st.Facts, "derivation": r.st.Derivation})
	r.st.Number, r.st.Issued = number, d.tick()
	head := r.w.Head()
	r.st.Journal = certs.JournalRef{RunID: r.w.Header().Run.String(), HeadHash: head.String(), Code: journal.Code(head), Records: r.w.Seq() + 1, AttachedName: certs.AttachedJournal}
	var by certs.Signer
	by.Key, by.Chain = r.s.pair.Key, append(by.Chain, r.s.pair.Cert, d.a.Root.Cert)
	pdf, err := certs.Issue(r.st, r.w.Bytes(), d.a.Case, by, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	to.fs["records/"+number+".pdf"] = &fstest.MapFile{Data: pdf}
	return number
}

// done closes a run that has its paper.
func (r *run) done(to *stick) string {
	r.s.d.t.Helper()
	number := r.paper(to)
	r.note(journal.TypeClosed, closing{r.st.Medium.Serial, number, sum(to.fs["records/"+number+".pdf"].Data)})
	return number
}

// erase is a whole run, from begin to the closing record.
func (s *stick) erase(pc int, serial string) string {
	s.d.t.Helper()
	return s.begin(pc, serial).work().done(s)
}

// reserve takes the stick's next number.
func (s *stick) reserve() string {
	s.next++
	s.fs[fmt.Sprintf("numbers/%04d", s.next)] = &fstest.MapFile{}
	return fmt.Sprintf("R8-012-%s-%04d", s.id, s.next)
}

// input is what the office examines.
func (d *day) input(sticks ...Stick) Input {
	in := Input{Case: d.a.Loaded.Case, Sticks: sticks, Verify: verify.Options{Trust: d.a.Trust(), Now: d.now}}
	for _, s := range d.all {
		in.Issued = append(in.Issued, s.pair.Cert)
	}
	return in
}

func (d *day) collect(sticks ...*stick) Report {
	var read []Stick
	for i, s := range sticks {
		read = append(read, Read(fmt.Sprintf("%c:", 'E'+i), s.fs))
	}
	return Examine(d.input(read...))
}

// said lists the findings' codes with what they are about, once each, sorted as
// they were found.
func said(r Report, least Level) string {
	var out []string
	for _, f := range r.Findings {
		if f.Level < least {
			continue
		}
		s := string(f.Code)
		for _, about := range []string{f.Stick, f.Asset, f.Number} {
			if about != "" {
				s += ":" + strings.TrimPrefix(about, "R8-012-")
				break
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func trustOf(root *x509.Certificate, lists ...[]byte) (keys.Trust, error) {
	return keys.ParseTrust(append([][]byte{keys.EncodeCerts(root)}, lists...)...)
}

func look(t *testing.T, name string, data []byte) {
	t.Helper()
	if dir := os.Getenv("MASSHO_LOOK"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
