package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// Evidence is where journals, numbers and papers are kept: *evidence.Place. Its
// errors are those of package evidence.
type Evidence interface {
	Room(need int64) error
	Names(folder string) ([]string, error)
	Load(folder, name string) ([]byte, error)
	Store(folder, name string, data []byte) error // new file; returns after it was read back
	SetAside(folder, name string) error
	ReadBack(folder, name string, want []byte) error
	CreateJournal(folder, name string, size int64) (journal.Store, error)
	OpenJournal(folder, name string) (journal.Store, error)
	Reserve(caseID, stickID string) (string, error)
	Path(folder, name string) string
}

var _ Evidence = (*evidence.Place)(nil)

// awaitEvery is how often a lost evidence place is looked for.
const awaitEvery = 2 * time.Second

// current is the evidence place of this moment: the one the session began with, or
// the stick that took its place.
type current struct {
	mu    sync.Mutex
	place Evidence
}

// at is where evidence goes now.
func (s *Session) at() Evidence {
	s.place.mu.Lock()
	defer s.place.mu.Unlock()
	if s.place.place == nil {
		s.place.place = s.Place
	}
	return s.place.place
}

// await blocks until the journal is durable again, on the place it was on or on
// another stick of the case. All drives that wait share one search.
func (s *Session) await(ctx context.Context, w *journal.Writer) error {
	return s.until(ctx, func() error { return s.rejoin(w) })
}

// until tries again while only the evidence place stands in the way, and looks for
// one in between.
func (s *Session) until(ctx context.Context, try func() error) error {
	began := s.Now()
	for {
		err := try()
		if err == nil || !passing(err) {
			return err
		}
		if s.Patience > 0 && s.Now().Sub(began) >= s.Patience {
			return fmt.Errorf("waited %s: %w", s.Patience, err)
		}
		if stop := s.pause(ctx); stop != nil {
			return errors.Join(err, stop)
		}
		s.search(ctx)
	}
}

func (s *Session) pause(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.Runner.Sleep != nil {
		return s.Runner.Sleep(ctx, awaitEvery)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(awaitEvery):
		return nil
	}
}

// search takes over the place that is there now, if one is.
func (s *Session) search(ctx context.Context) {
	if s.Search == nil {
		return
	}
	s.place.mu.Lock()
	defer s.place.mu.Unlock()
	if p, err := s.Search(ctx); err == nil && p != nil {
		s.place.place = p
	}
}

// passing reports whether an error is the evidence place's, which another stick
// or a while may mend.
func passing(err error) bool {
	return slices.ContainsFunc([]error{journal.ErrDetached, evidence.ErrMissing, evidence.ErrReadOnly, evidence.ErrFull, evidence.ErrIO, evidence.ErrReadBack},
		func(kind error) bool { return errors.Is(err, kind) })
}
