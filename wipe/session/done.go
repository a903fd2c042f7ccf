package session

import (
	"encoding/json"
	"strings"

	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Done gives, for each drive whose run ended Verified with a stored paper on this
// place, the paper's number by the drive's serial. A journal that does not hold is
// left out: its drive does not count as done.
func Done(place Evidence) (map[string]string, error) {
	names, err := place.Names(evidence.DirJournals)
	if err != nil {
		return nil, err
	}
	done := map[string]string{}
	for _, name := range names {
		if !strings.HasSuffix(name, evidence.JournalExt) {
			continue
		}
		log, err := read(Copy{place, evidence.DirJournals, name})
		if err != nil || !log.Report.Closed {
			continue
		}
		if drive, number := verified(log); number != "" {
			done[drive] = number
		}
	}
	return done, nil
}

// verified is the drive and the paper of a run that was verified; empty for any
// other.
func verified(log *journal.Log) (drive, number string) {
	ok := false
	for _, r := range log.Records {
		switch r.Type {
		case journal.TypeOutcome:
			var o struct {
				Derivation rules.Derivation `json:"derivation"`
			}
			ok = json.Unmarshal(r.Payload, &o) == nil && o.Derivation.Outcome == rules.OutcomeVerified
		case journal.TypeClosed:
			var c closedPayload
			if json.Unmarshal(r.Payload, &c) == nil && ok {
				drive, number = c.Drive, c.Number
			}
		}
	}
	return drive, number
}
