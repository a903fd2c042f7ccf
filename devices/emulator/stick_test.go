package emulator_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"github.com/massho/massho/devices/emulator"
)

func TestStick(t *testing.T) {
	text := bytes.Repeat([]byte("journal "), 2000)
	write := func(s *emulator.Stick) (int, error) { return s.WriteAt(text, 777) }
	read := func(t *testing.T, s *emulator.Stick) []byte {
		t.Helper()
		b := make([]byte, len(text))
		if _, err := s.ReadAt(b, 777); err != nil {
			t.Fatal(err)
		}
		return b
	}
	t.Run("synced survives a power cut", func(t *testing.T) {
		s := emulator.NewStick(1<<20, 1)
		if _, err := write(s); err != nil {
			t.Fatal(err)
		}
		if err := s.Sync(); err != nil {
			t.Fatal(err)
		}
		s.PowerCut()
		if _, err := s.ReadAt(make([]byte, 1), 0); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("without power: %v", err)
		}
		s.PowerOn()
		if !bytes.Equal(read(t, s), text) {
			t.Error("lost")
		}
	})
	t.Run("not synced tears", func(t *testing.T) {
		for _, f := range []emulator.StickFaults{{}, {LieOnSync: true}} {
			s := emulator.NewStick(1<<20, 1)
			s.Fault(f)
			if _, err := write(s); err != nil {
				t.Fatal(err)
			}
			if f.LieOnSync {
				if err := s.Sync(); err != nil {
					t.Fatal(err)
				}
			}
			s.PowerCut()
			s.PowerOn()
			if got := read(t, s); bytes.Equal(got, text) || bytes.Equal(got, make([]byte, len(text))) {
				t.Errorf("%+v: all or nothing survived", f)
			}
		}
	})
	for _, tt := range []struct {
		name string
		f    emulator.StickFaults
		n    int
		want error
	}{
		{"full", emulator.StickFaults{Full: true}, 0, syscall.ENOSPC},
		{"read-only", emulator.StickFaults{ReadOnly: true}, 0, syscall.EROFS},
		{"pulled", emulator.StickFaults{Pulled: true}, 0, syscall.ENODEV},
		{"pulled later", emulator.StickFaults{PullAfter: 1000}, 1000, syscall.ENODEV},
		{"worn", emulator.StickFaults{WornAfter: 1000}, 1000, syscall.EIO},
		{"power cut", emulator.StickFaults{PowerCutAfter: 1000}, 1000, syscall.ENODEV},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := emulator.NewStick(1<<20, 1)
			s.Fault(tt.f)
			if n, err := write(s); n != tt.n || !errors.Is(err, tt.want) {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
	}
	t.Run("forgets", func(t *testing.T) {
		s := emulator.NewStick(1<<20, 1)
		s.Fault(emulator.StickFaults{Forget: true})
		if n, err := write(s); n != len(text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if bytes.Equal(read(t, s), text) {
			t.Error("it remembers")
		}
	})
	t.Run("beyond the end", func(t *testing.T) {
		if _, err := emulator.NewStick(100, 1).WriteAt(make([]byte, 101), 0); err == nil {
			t.Error("written")
		}
	})
}
