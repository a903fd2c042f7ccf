// Package session is one start of the program at the 庁舎: one station, one
// evidence place, one case. It runs many drives at once, none of which waits for
// another, and gives every started run its paper, also the failed ones.
package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// Session holds what all drives of one start share. Its fields are not changed
// while Run goes on.
type Session struct {
	System devices.System
	Runner *wipe.Runner
	Place  *evidence.Place
	Base   certs.Statement // case, policy, rule pack, station, people, clock, boot, tool
	Stick  string          // the stick's id: part of every certificate number
	Random io.Reader
	Now    func() time.Time
	Mono   func() time.Duration

	// Issue signs a Statement with its journal: certs.Issue with the stick's key.
	Issue func(certs.Statement, []byte) ([]byte, error)

	numbers sync.Mutex // one certificate number after another
}

// Work is one drive with what is known of its past.
type Work struct {
	Plan           wipe.Plan
	Classification certs.Classification
	Asset          certs.Asset
	Host           certs.Machine // 取り外し元機器
	Resume         *wipe.Progress
	Journal        *journal.Writer // with Resume: the journal that goes on
}

// Outcome is how one drive ended.
type Outcome struct {
	Work   Work
	Result wipe.Result
	Begun  bool   // the run was begun, so there must be a paper
	Number string // certificate number; empty when none could be reserved
	File   string // the paper's path on the evidence place; empty when none was stored
	Err    error  // why it was not begun, or why the paper is not stored
}

// Run carries out all works in parallel and returns their outcomes in the same
// order. It returns when the last one has ended.
func (s *Session) Run(ctx context.Context, works []Work) []Outcome {
	out := make([]Outcome, len(works))
	var all sync.WaitGroup
	for i, work := range works {
		all.Go(func() { out[i] = s.one(ctx, work) })
	}
	all.Wait()
	return out
}

// one opens the drive, makes the journal, runs, and stores the paper.
func (s *Session) one(ctx context.Context, work Work) (o Outcome) {
	o.Work = work
	conn, err := s.System.Open(ctx, work.Plan.Device)
	if err != nil {
		o.Err = err
		return o
	}
	defer func() { o.Err = errors.Join(o.Err, conn.Close()) }()
	log := work.Journal
	if log == nil {
		if log, err = s.newJournal(); err != nil {
			o.Err = err
			return o
		}
	}
	defer func() { o.Err = errors.Join(o.Err, log.Close()) }()
	o.Result, o.Err = s.Runner.Run(ctx, conn, wipe.Job{Plan: work.Plan, Keys: work.Plan.Keys, Journal: log, Resume: work.Resume})
	if o.Err != nil {
		return o
	}
	o.Begun = true
	o.Number, o.File, o.Err = s.paper(work, o.Result, log)
	return o
}

// JournalSize is the preallocated size of one run's journal. The checkpoints of
// a run are spaced so that it suffices (see checkpointEvery).
const JournalSize = 2 << 20

// newJournal makes the two files of a run and its first record.
func (s *Session) newJournal() (*journal.Writer, error) {
	h := journal.Header{
		Case: s.Base.Case.ID, Stick: s.Stick, Tool: s.Base.Tool.Name + " " + s.Base.Tool.Version, Nonce: s.Base.Case.Nonce,
		Created: s.Now().UTC().Format(time.RFC3339), Capacity: JournalSize, Training: s.Base.Training,
	}
	if _, err := io.ReadFull(s.Random, h.Run[:]); err != nil {
		return nil, fmt.Errorf("session: draw a run id: %w", err)
	}
	if err := s.Place.Room(2*JournalSize + PaperRoom); err != nil {
		return nil, err
	}
	var stores []journal.Named
	for _, dir := range []string{evidence.DirJournals, evidence.DirMirror} {
		f, err := journal.CreateFile(s.Place.Path(dir, h.Run.String()+evidence.JournalExt), JournalSize)
		if err != nil {
			return nil, evidence.Classify("make a journal", err)
		}
		stores = append(stores, journal.Named{Name: dir, Store: f})
	}
	return journal.Create(h, journal.Options{Now: s.Now, Monotonic: s.Mono}, stores...)
}

// PaperRoom is what one paper may need on the evidence place.
const PaperRoom = 4 << 20

// paperPayload closes a run: which paper tells of it.
type paperPayload struct {
	Drive  string `json:"drive"`
	Number string `json:"number"`
	SHA256 string `json:"sha256"`
}

// paper reserves a number, issues the paper, stores it, reads it back, and only
// then closes the journal.
func (s *Session) paper(work Work, res wipe.Result, log *journal.Writer) (number, file string, err error) {
	s.numbers.Lock()
	number, err = s.Place.Reserve(s.Base.Case.ID, s.Stick)
	s.numbers.Unlock()
	if err != nil {
		return "", "", err
	}
	attached := log.Bytes()
	pdf, err := s.Issue(s.statement(work, res, log, number), attached)
	if err != nil {
		return number, "", fmt.Errorf("%s: issue %s: %w", work.Plan.Target.Serial, number, err)
	}
	name := number + ".pdf"
	if err := s.Place.Store(evidence.DirRecords, name, pdf); err != nil {
		return number, "", err
	}
	sum := sha256.Sum256(pdf)
	closing := paperPayload{work.Plan.Target.Serial, number, hex.EncodeToString(sum[:])}
	if _, err := log.Append(journal.TypeClosed, closing); err != nil {
		return number, s.Place.Path(evidence.DirRecords, name), fmt.Errorf("%s: close the journal: %w", number, err)
	}
	return number, s.Place.Path(evidence.DirRecords, name), nil
}

// statement fills everything that the paper of one run says.
func (s *Session) statement(work Work, res wipe.Result, log *journal.Writer, number string) certs.Statement {
	st := s.Base
	st.Number, st.Issued = number, s.Now()
	st.Classification, st.Asset, st.Host = work.Classification, work.Asset, work.Host
	if work.Plan.Device.Transport.TestOnly() {
		st.Training = true
	}
	res.Fill(&st)
	head := log.Head()
	st.Journal = certs.JournalRef{
		RunID: log.Header().Run.String(), HeadHash: head.String(), Code: journal.Code(head),
		Records: log.Seq() + 1, AttachedName: certs.AttachedJournal,
	}
	return st
}
