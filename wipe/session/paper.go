package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// PaperRoom is what one paper may need on the evidence place.
const PaperRoom = 4 << 20

// paper issues the paper of a run under the number reserved for it, stores it,
// reads it back, and only then closes the journal. While the evidence place is
// away it waits; a run that was stopped does not wait.
func (s *Session) paper(ctx context.Context, work Work, res wipe.Result, log *runLog) (number, path string, err error) {
	serial := work.Plan.Target.Serial
	s.say(serial, wipe.PhasePaper, "")
	if number = work.number; number == "" {
		if number, err = s.reserve(); err != nil {
			return "", "", err
		}
	}
	var pdf []byte
	err = s.until(ctx, func() (err error) {
		defer func() {
			if err != nil && passing(err) {
				s.say(serial, wipe.PhaseWaiting, err.Error())
			}
		}()
		if err := s.rejoin(log.w); err != nil {
			return err
		}
		if pdf == nil {
			if pdf, err = s.issue(work, res, log.w, number); err != nil {
				return err
			}
		}
		pdf, err = s.store(number+".pdf", pdf)
		return err
	})
	if err != nil {
		return number, "", fmt.Errorf("%s: paper %s is not stored: %w", serial, number, err)
	}
	return number, s.at().Path(evidence.DirRecords, number+".pdf"), s.closeRun(ctx, log, closedPayload{Drive: serial, Number: number, SHA256: hash(pdf)})
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// say tells the runner's observer of what happens to a drive outside of its run.
func (s *Session) say(drive string, phase wipe.Phase, text string) {
	if s.Runner.Observe != nil {
		s.Runner.Observe(wipe.Event{Drive: drive, Phase: phase, Text: text, Detached: phase == wipe.PhaseWaiting})
	}
}

// issue makes the paper that tells of the journal as it is now.
func (s *Session) issue(work Work, res wipe.Result, w *journal.Writer, number string) ([]byte, error) {
	excerpt := w.Bytes()
	st, err := s.statement(work, res, excerpt, number)
	if err != nil {
		return nil, err
	}
	return s.Issue(st, excerpt)
}

// store puts a paper on the evidence place and returns what stands there. A paper
// of that number is of this run, stored before a power cut that came before the
// journal was closed: it stays if it is whole, else it is set aside.
func (s *Session) store(name string, pdf []byte) ([]byte, error) {
	place := s.at()
	err := place.Store(evidence.DirRecords, name, pdf)
	if !errors.Is(err, evidence.ErrExists) {
		return pdf, err
	}
	there, err := place.Load(evidence.DirRecords, name)
	if err != nil {
		return pdf, err
	}
	if s.whole(there) == nil {
		return there, nil
	}
	if err := place.SetAside(evidence.DirRecords, name); err != nil {
		return pdf, err
	}
	return pdf, place.Store(evidence.DirRecords, name, pdf)
}

var errCut = errors.New("it does not begin or does not end as a PDF")

func (s *Session) whole(pdf []byte) error {
	switch {
	case s.Whole != nil:
		return s.Whole(pdf)
	case !bytes.HasPrefix(pdf, []byte("%PDF-")), !bytes.HasSuffix(bytes.TrimRight(pdf, "\r\n"), []byte("%%EOF")):
		return errCut
	}
	return nil
}

// closeRun writes the closing record and reads all copies back past any cache:
// only then the run counts as stored.
func (s *Session) closeRun(ctx context.Context, log *runLog, closing closedPayload) error {
	_, err := log.w.Append(journal.TypeClosed, closing)
	if errors.Is(err, journal.ErrDetached) {
		err = s.until(ctx, func() error { return s.rejoin(log.w) })
	}
	if err != nil {
		return fmt.Errorf("%s: close the journal: %w", closing.Number, err)
	}
	return log.readBack()
}

// statement fills everything that the paper of one run says.
func (s *Session) statement(work Work, res wipe.Result, excerpt []byte, number string) (certs.Statement, error) {
	log, err := journal.ParseExcerpt(excerpt)
	if err != nil {
		return certs.Statement{}, fmt.Errorf("%s: the journal to attach: %w", number, err)
	}
	st := s.Base
	st.Number, st.Issued = number, s.Now()
	st.Classification, st.Asset, st.Host = work.Classification, work.Asset, work.Host
	st.Training = s.training(work)
	res.Fill(&st)
	st.Journal = certs.JournalRef{
		RunID: log.Header.Run.String(), HeadHash: log.Head().String(), Code: log.Code(),
		Records: uint64(len(log.Records)), AttachedName: certs.AttachedJournal,
	}
	return st, nil
}
