package stick

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

const size = 8 << 10

func create(t *testing.T, s *Stick) journal.Store {
	t.Helper()
	st, err := s.CreateJournal(evidence.DirJournals, "a.mjl", size)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func put(t *testing.T, st journal.Store, off int64, b byte) {
	t.Helper()
	if n, err := st.WriteAt(bytes.Repeat([]byte{b}, 1024), off); n != 1024 || err != nil {
		t.Fatal(n, err)
	}
}

// What was synced stays; what was not is kept, lost or torn between sectors, by the
// seed; nobody writes through a descriptor of before.
func TestPowerCut(t *testing.T) {
	fates := map[string]int{}
	for seed := range uint64(60) {
		s := New("U1", seed)
		st := create(t, s)
		put(t, st, 0, 1)
		if err := st.Sync(); err != nil {
			t.Fatal(err)
		}
		put(t, st, 1024, 2)
		s.PowerCut()
		if _, err := st.WriteAt(make([]byte, 512), 0); !errors.Is(err, syscall.ENODEV) {
			t.Fatalf("a write without power: %v", err)
		}
		s.PowerOn()
		if _, err := st.WriteAt(make([]byte, 512), 0); !errors.Is(err, syscall.ENODEV) {
			t.Fatalf("a write through a descriptor of before: %v", err)
		}
		got, err := s.Load(evidence.DirJournals, "a.mjl")
		if err != nil || !bytes.Equal(got[:1024], bytes.Repeat([]byte{1}, 1024)) {
			t.Fatalf("what was synced: %v, %v", got[0], err)
		}
		switch {
		case bytes.Equal(got[1024:2048], make([]byte, 1024)):
			fates["lost"]++
		case bytes.Equal(got[1024:2048], bytes.Repeat([]byte{2}, 1024)):
			fates["kept"]++
		default:
			fates["torn"]++
		}
	}
	if fates["lost"] == 0 || fates["kept"] == 0 || fates["torn"] == 0 {
		t.Errorf("fates %v", fates)
	}
}

func TestWaysToFail(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(*Stick)
		want error
	}{
		{"pulled", (*Stick).Pull, evidence.ErrMissing},
		{"write-protected", func(s *Stick) { s.Protect(true) }, evidence.ErrReadOnly},
		{"full", func(s *Stick) { s.Fill(true) }, evidence.ErrFull},
		{"worn out", func(s *Stick) { s.Wear(true) }, evidence.ErrReadBack},
		{"exists", func(s *Stick) { _ = s.Store(evidence.DirRecords, "p.pdf", []byte("x")) }, evidence.ErrExists},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := New("U1", 1)
			tc.make(s)
			if err := s.Store(evidence.DirRecords, "p.pdf", []byte("paper")); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}

// Only what was promised is durable.
func TestDurable(t *testing.T) {
	s := New("U1", 1)
	st := create(t, s)
	before := s.Changes()
	put(t, st, 0, 7)
	if d := s.Durable(evidence.DirJournals, "a.mjl"); d[0] != 0 || s.Changes() != before {
		t.Error("durable before Sync")
	}
	if err := st.Sync(); err != nil {
		t.Fatal(err)
	}
	if d := s.Durable(evidence.DirJournals, "a.mjl"); d[0] != 7 || s.Changes() == before {
		t.Error("not durable after Sync")
	}
}
