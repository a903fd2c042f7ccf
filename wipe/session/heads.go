package session

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/wipe/journal"
)

// Confirmation is one person's word that a drive is meant; payload of
// journal.TypeConfirm.
type Confirmation struct {
	Drive     string    `json:"drive"`
	Person    string    `json:"person"` // id
	Role      string    `json:"role"`
	OffRoster bool      `json:"offRoster,omitempty"`
	Typed     string    `json:"typed"` // the end of the serial, as typed
	At        time.Time `json:"at"`
}

// confirm records who confirmed a drive.
func (l *runLog) confirm(all []Confirmation) error {
	for _, c := range all {
		if _, err := l.w.Append(journal.TypeConfirm, c); err != nil {
			return err
		}
	}
	return nil
}

// goOn records who confirmed that a run goes on. A record that is only in memory
// holds nobody up: the runner waits for the stick before its next step.
func (s *Session) goOn(l *runLog, work Work) error {
	if err := l.confirm(work.Confirmed); err != nil && !errors.Is(err, journal.ErrDetached) {
		return errors.Join(err, s.forget(l.w))
	}
	l.begun.Store(true)
	return nil
}

// Head is the newest record of an open journal.
type Head struct {
	Drive string // serial
	Run   journal.RunID
	Seq   uint64
	Hash  journal.Hash
	Lost  bool // a copy's store is away: records are kept in memory
}

// Heads are the heads of all journals that are open, by drive. It never waits for
// a store.
func (s *Session) Heads() []Head {
	var out []Head
	s.logs.Range(func(_, v any) bool {
		if l := v.(*runLog); l.begun.Load() {
			out = append(out, l.head())
		}
		return true
	})
	slices.SortFunc(out, func(a, b Head) int { return cmp.Compare(a.Drive, b.Drive) })
	return out
}

// head reads number and hash of one and the same record.
func (l *runLog) head() Head {
	h := Head{Drive: l.drive, Run: l.w.Header().Run}
	for h.Seq, h.Hash = l.w.Seq(), l.w.Head(); h.Seq != l.w.Seq(); {
		h.Seq, h.Hash = l.w.Seq(), l.w.Head()
	}
	h.Lost = slices.ContainsFunc(l.w.Stores(), func(st journal.StoreState) bool { return !st.Attached })
	return h
}

// Record appends one record to every open journal for which payload gives
// something, and returns how many took it. A journal that was just closed takes
// none; one whose store is away keeps it in memory.
func (s *Session) Record(t journal.Type, payload func(Head) any) (int, error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	var errs []error
	n := 0
	s.logs.Range(func(_, v any) bool {
		l := v.(*runLog)
		if !l.begun.Load() {
			return true
		}
		data := payload(l.head())
		if data == nil {
			return true
		}
		all.Go(func() {
			_, err := l.w.Append(t, data)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil, errors.Is(err, journal.ErrDetached):
				n++
			case !errors.Is(err, journal.ErrClosed):
				errs = append(errs, err)
			}
		})
		return true
	})
	all.Wait()
	return n, errors.Join(errs...)
}

// remarksSize is a journal that holds a few notes of the sitting.
const remarksSize = 64 << 10

// RecordMissing stores what is said of media that are not here, in a journal of
// its own on both copies, read back before it is closed.
func (s *Session) RecordMissing(note missing.Note) error {
	small := &Session{Place: s.at(), Base: s.Base, Stick: s.Stick, Random: s.Random, Now: s.Now, Mono: s.Mono, JournalBytes: remarksSize}
	l, err := small.newLog(Work{})
	if err != nil {
		return err
	}
	_, err = l.w.Append(journal.TypeNote, note)
	if err == nil {
		_, err = l.w.Append(journal.TypeClosed, closedPayload{Reason: "media that are not here; no drive was touched"})
	}
	if err == nil {
		err = l.readBack()
	}
	return errors.Join(err, small.forget(l.w))
}
