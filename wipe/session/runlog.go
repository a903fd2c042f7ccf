package session

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// JournalSize is the preallocated size of one run's journal, and paperReserve what
// of it progress records leave to intents, results and the outcome: the lists of a
// drive with the most bad sectors that a run puts up with fit in.
const (
	JournalSize  = 2 << 20
	paperReserve = 768 << 10
)

// originPayload is written before the plan: what the paper says that no drive
// knows, and the number that it will carry. With it, any stick of the case can go
// on, and no number is given twice.
type originPayload struct {
	Drive          string               `json:"drive"`
	Number         string               `json:"number"`
	Stick          string               `json:"stick"` // that gave the number and will sign
	Classification certs.Classification `json:"classification"`
	Asset          certs.Asset          `json:"asset"`
	Host           certs.Machine        `json:"host"`
}

// closedPayload closes a run: which paper tells of it, or why there is none.
type closedPayload struct {
	Drive  string `json:"drive"`
	Number string `json:"number,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// runLog is one run's journal with the files that it lies in.
type runLog struct {
	w     *journal.Writer
	name  string      // file name without ending
	drive string      // serial
	begun atomic.Bool // read back once: others may append from now on

	mu    sync.Mutex
	files map[string]file // by the name of the store in the journal
	more  int             // further files that were made
}

// file is where one copy lies.
type file struct {
	place  Evidence
	folder string
	name   string
	store  io.Closer
}

func (s *Session) journalBytes() int64 {
	if s.JournalBytes > 0 {
		return s.JournalBytes
	}
	return JournalSize
}

func (s *Session) journalOptions() journal.Options {
	return journal.Options{Now: s.Now, Monotonic: s.Mono, Reserve: min(paperReserve, s.journalBytes()/2)}
}

// logFor is the journal of a work: the one that goes on, or a new one with a
// number reserved for its paper.
func (s *Session) logFor(work *Work) (*runLog, error) {
	if work.Journal != nil {
		l, ok := s.logs.Load(work.Journal)
		if !ok {
			return nil, fmt.Errorf("session: the journal of %s was not resumed by this session", work.Plan.Target.Serial)
		}
		return l.(*runLog), s.goOn(l.(*runLog), *work)
	}
	number, err := s.reserve()
	if err != nil {
		return nil, err
	}
	l, err := s.newLog(*work)
	if err != nil {
		return nil, err
	}
	work.Journal, work.number = l.w, number
	_, err = l.w.Append(journal.TypeNote, s.origin(*work))
	if err == nil {
		err = l.confirm(work.Confirmed)
	}
	if err == nil {
		err = l.readBack() // a worn stick is found out before anything is begun
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("session: begin the journal: %w", err), s.forget(l.w))
	}
	l.begun.Store(true)
	return l, nil
}

// readBack compares every copy with the chain, past any cache.
func (l *runLog) readBack() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := make([]byte, l.w.Header().Capacity)
	copy(whole, l.w.Bytes())
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.place.ReadBack(f.folder, f.name, whole))
	}
	return errors.Join(errs...)
}

func (s *Session) origin(work Work) originPayload {
	return originPayload{work.Plan.Target.Serial, work.number, s.Stick, work.Classification, work.Asset, work.Host}
}

func (s *Session) reserve() (string, error) {
	s.numbers.Lock()
	defer s.numbers.Unlock()
	return s.at().Reserve(s.Base.Case.ID, s.Stick)
}

// newLog makes the two files of a run and its first record.
func (s *Session) newLog(work Work) (*runLog, error) {
	size := s.journalBytes()
	h := journal.Header{
		Case: s.Base.Case.ID, Stick: s.Stick, Tool: s.tool(), Nonce: s.Base.Case.Nonce,
		Created: s.Now().UTC().Format(time.RFC3339), Capacity: size, Training: s.training(work),
	}
	if _, err := io.ReadFull(s.Random, h.Run[:]); err != nil {
		return nil, fmt.Errorf("session: draw a run id: %w", err)
	}
	place := s.at()
	if err := place.Room(2*size + PaperRoom); err != nil {
		return nil, err
	}
	l := &runLog{name: h.Run.String(), drive: work.Plan.Target.Serial, files: map[string]file{}}
	var stores []journal.Named
	for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
		st, err := place.CreateJournal(folder, l.name+evidence.JournalExt, size)
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.files[folder] = file{place, folder, l.name + evidence.JournalExt, st}
		stores = append(stores, journal.Named{Name: folder, Store: st})
	}
	w, err := journal.Create(h, s.journalOptions(), stores...)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	l.w = w
	s.logs.Store(w, l)
	return l, nil
}

func (s *Session) tool() string { return s.Base.Tool.Name + " " + s.Base.Tool.Version }

// training: under the training root only, by case or by the road to the drive.
func (s *Session) training(work Work) bool {
	return s.Base.Training || work.Plan.Target.Transport.TestOnly()
}

// forget closes a run's journal for this start; nil is none.
func (s *Session) forget(w *journal.Writer) error {
	if w == nil {
		return nil
	}
	s.logs.Delete(w)
	return w.Close()
}

// close closes files that never came to a writer.
func (l *runLog) close() error {
	var errs []error
	for _, f := range l.files {
		errs = append(errs, f.store.Close())
	}
	return errors.Join(errs...)
}

// notBegun closes the journal of a run that ended before anything was written.
func notBegun(w *journal.Writer, drive string, why error) error {
	_, err := w.Append(journal.TypeClosed, closedPayload{Drive: drive, Reason: "nothing was begun: " + why.Error()})
	if errors.Is(err, journal.ErrDetached) {
		return nil // there is nothing to lose
	}
	return err
}

// rejoin brings every detached copy of a journal back, on the place of now. It
// returns nil once all that was recorded is on stable storage.
func (s *Session) rejoin(w *journal.Writer) error {
	v, ok := s.logs.Load(w)
	if !ok {
		return errors.New("session: not a journal of this session")
	}
	l, place := v.(*runLog), s.at()
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, st := range w.Stores() {
		if !st.Attached {
			errs = append(errs, l.bring(place, st.Name, s.journalBytes()))
		}
	}
	if w.Durable() {
		return nil
	}
	return errors.Join(append(errs, journal.ErrDetached)...)
}

// bring reattaches one copy where it lies on place as it was left. Where place has
// none, or one that is not this run's as it was left (another stick, a stick that
// lost what it had stored), a new file takes its place and the other is kept as it is.
func (l *runLog) bring(place Evidence, name string, size int64) error {
	folder, _, _ := strings.Cut(name, "@")
	old := l.files[name]
	st, err := place.OpenJournal(folder, old.name)
	if err == nil {
		if err = l.w.Reattach(journal.Named{Name: name, Store: st}); err == nil || errors.Is(err, journal.ErrDetached) {
			l.files[name] = file{place, folder, old.name, st}
			_ = old.store.Close() // its medium is gone
			return nil
		}
		err = errors.Join(err, st.Close())
		if !notAsLeft(err) {
			return err
		}
	} else if !errors.Is(err, evidence.ErrMissing) {
		return err
	}
	return l.replace(place, name, folder, size)
}

// replace puts a new copy in the place of the one that is lost.
func (l *runLog) replace(place Evidence, name, folder string, size int64) error {
	l.more++
	fresh, path := fmt.Sprintf("%s@%d", folder, l.more), fmt.Sprintf("%s-%d%s", l.name, l.more, evidence.JournalExt)
	st, err := place.CreateJournal(folder, path, size)
	if err != nil {
		return err
	}
	if err := l.w.Attach(journal.Named{Name: fresh, Store: st}); err != nil && !errors.Is(err, journal.ErrDetached) {
		return errors.Join(err, st.Close())
	}
	_ = l.files[name].store.Close() // its medium is gone
	delete(l.files, name)
	l.files[fresh] = file{place, folder, path, st}
	if err := l.w.Drop(name); err != nil && !errors.Is(err, journal.ErrDetached) {
		return err
	}
	return nil
}

// notAsLeft: the copy answers, and is not this journal as it was left.
func notAsLeft(err error) bool {
	for _, kind := range []error{journal.ErrForeign, journal.ErrRewound, journal.ErrDiverged, journal.ErrAltered,
		journal.ErrTruncated, journal.ErrGap, journal.ErrNotOurs, journal.ErrVersion} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
