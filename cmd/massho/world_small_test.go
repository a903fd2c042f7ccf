package main

import (
	"errors"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

// What is not here is stored as massho-office reads it, on both copies.
func TestWorldRecordMissing(t *testing.T) {
	dir := t.TempDir()
	w := trainingWorld(t, dir)
	if err := w.SetPeople([]console.Attendee{{ID: "op1", Role: certs.RoleOperator}}); err != nil {
		t.Fatal(err)
	}
	if err := w.RecordMissing(t.Context(), []console.Missing{{Asset: "KUNREN-0001", Serial: "X1", Count: 1, Reason: "not-found"}}); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
		all := logs(t, dir, folder)
		if len(all) != 1 || !all[0].Report.Closed {
			t.Fatalf("%s: %d journals", folder, len(all))
		}
		got, err := missing.Of(all[0])
		if err != nil || len(got) != 1 || got[0] != (missing.Medium{Asset: "KUNREN-0001", Serial: "X1", Count: 1, Reason: missing.NotFound}) {
			t.Errorf("%s: %+v, %v", folder, got, err)
		}
	}
	place, err := evidence.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if runs, damaged, err := session.FindUnfinished(place); len(runs)+len(damaged) != 0 || err != nil {
		t.Errorf("it looks like a run: %d unfinished, %d damaged, %v", len(runs), len(damaged), err)
	}
}

// The stick may never be pulled while its place is open.
func TestWorldPull(t *testing.T) {
	for _, tc := range []struct {
		name          string
		gone, running bool
		want          console.Pull
	}{
		{"idle", false, false, console.PullForbidden}, {"running", false, true, console.PullForbidden},
		{"gone", true, false, console.PullGone}, {"gone while running", true, true, console.PullGone},
	} {
		if got, why := pull(tc.gone, tc.running); got != tc.want || why.Ja == "" || why.En == "" {
			t.Errorf("%s: %d, %+v", tc.name, got, why)
		}
	}
}

func TestWorldTrain(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := trainingWorld(t, t.TempDir())
	other, err := w.Train(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := other.Detect(t.Context())
	if err != nil || len(found) != 4 || !other.Facts().Training || other.Facts().Unattended {
		t.Errorf("%d drives, %v, facts %+v", len(found), err, other.Facts())
	}
	if err := w.Suspend(t.Context()); !errors.Is(err, errNoSuspend) || w.Facts().MaySuspend {
		t.Errorf("suspend: %v, offered %v", err, w.Facts().MaySuspend)
	}
}
