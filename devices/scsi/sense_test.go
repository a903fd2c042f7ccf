package scsi

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/massho/massho/devices/support"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// fake is a device that records what it is sent.
type fake struct {
	sent   []Command
	answer func(Command) (Result, error)
}

func (f *fake) Exec(_ context.Context, c Command) (Result, error) {
	f.sent = append(f.sent, c)
	if f.answer == nil {
		return Result{}, nil
	}
	return f.answer(c)
}

// says answers every command with data, the rest of the buffer not transferred.
func says(data []byte) *fake {
	return &fake{answer: func(c Command) (Result, error) {
		return Result{Resid: len(c.Data) - copy(c.Data, data)}, nil
	}}
}

func condition(sense string) *fake {
	return &fake{answer: func(Command) (Result, error) {
		return Result{Status: StatusCheckCondition, Sense: unhex(sense)}, nil
	}}
}

func TestParseSense(t *testing.T) {
	tests := []struct {
		name     string
		sense    string
		key      Key
		asc      byte
		ascq     byte
		known    bool
		deferred bool
		text     string
	}{
		{"fixed", "70 00 05 00 00 00 00 0a 00 00 00 00 20 00 00 00 00 00", 5, 0x20, 0, true, false,
			"illegal request: invalid command operation code (key 5h ASC 20h ASCQ 00h)"},
		{"fixed with VALID", "f0 00 03 00 00 10 00 0a 00 00 00 00 11 00 00 00 00 00", 3, 0x11, 0, true, false,
			"medium error: unrecovered read error (key 3h ASC 11h ASCQ 00h)"},
		{"fixed deferred", "71 00 03 00 00 00 00 0a 00 00 00 00 31 03 00 00 00 00", 3, 0x31, 3, true, true,
			"deferred: medium error: sanitize command failed (key 3h ASC 31h ASCQ 03h)"},
		{"additional length 0dh", "70 00 0b 00 00 00 00 0d 00 00 00 00 00 00 00 00 00 00", 0xB, 0, 0, true, false,
			"aborted command: no additional sense information (key Bh ASC 00h ASCQ 00h)"},
		{"additional length 0", "70 00 02 00 00 00 00 00 00 00 00 00 04 1b 00 80 40 00", 2, 4, 0x1B, true, false,
			"not ready: logical unit not ready, sanitize in progress (key 2h ASC 04h ASCQ 1Bh)"},
		{"cut before the code", "70 00 06 00 00 00 00 0a", 6, 0, 0, false, false,
			"unit attention (key 6h, no additional sense code)"},
		{"descriptor", "72 02 04 1b 00 00 00 08 02 06 00 00 80 40 00 00", 2, 4, 0x1B, true, false,
			"not ready: logical unit not ready, sanitize in progress (key 2h ASC 04h ASCQ 1Bh)"},
		{"descriptor, four bytes", "72 05 24 00", 5, 0x24, 0, true, false,
			"illegal request: invalid field in CDB (key 5h ASC 24h ASCQ 00h)"},
		{"descriptor deferred", "73 04 44 00 00 00 00 00", 4, 0x44, 0, true, true,
			"deferred: hardware error: internal target failure (key 4h ASC 44h ASCQ 00h)"},
		{"vendor's own code", "72 04 80 17 00 00 00 00", 4, 0x80, 0x17, true, false,
			"hardware error: unlisted sense code (key 4h ASC 80h ASCQ 17h)"},
		{"unlisted qualifier", "72 03 11 77 00 00 00 00", 3, 0x11, 0x77, true, false,
			"medium error: unrecovered read error, qualifier 77h (key 3h ASC 11h ASCQ 77h)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseSense(unhex(tt.sense))
			if err != nil {
				t.Fatal(err)
			}
			if s.Key != tt.key || s.ASC != tt.asc || s.ASCQ != tt.ascq || s.CodeKnown != tt.known || s.Deferred() != tt.deferred {
				t.Errorf("%+v", s)
			}
			if s.String() != tt.text {
				t.Errorf("%q, want %q", s, tt.text)
			}
		})
	}
	for name, bad := range map[string]string{"empty": "", "no format": "00 00 00", "vendor": "7f 00 00", "cut": "70 00", "cut descriptor": "72 05"} {
		var e *ParseError
		if _, err := ParseSense(unhex(bad)); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name, sense string
		want        uint16
		ok          bool
	}{
		{"fixed", "70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 40 01", 0x4001, true},
		{"fixed, no sense", "70 00 00 00 00 00 00 0a 00 00 00 00 04 04 00 80 ff ff", 0xFFFF, true},
		{"descriptor", "72 02 04 1b 00 00 00 08 02 06 00 00 80 12 34 00", 0x1234, true},
		{"progress descriptor", "72 06 29 00 00 00 00 08 0a 06 02 04 1b 00 56 78", 0x5678, true},
		{"SKSV clear", "70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 00 40 01", 0, false},
		{"illegal request: a field pointer", "70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 c8 00 01", 0, false},
		{"cut to 17 bytes", "70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 40", 0, false},
	} {
		s, err := ParseSense(unhex(tt.sense))
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := s.Progress(); p != tt.want || ok != tt.ok {
			t.Errorf("%s: %04X %v", tt.name, p, ok)
		}
	}
}

func TestCheck(t *testing.T) {
	cmd := Command{CDB: []byte{OpSanitize}}
	if err := Check("X", cmd, Result{}); err != nil {
		t.Error(err)
	}
	err := Check("SANITIZE", cmd, Result{Status: 2, Sense: unhex("72 05 20 00 00 00 00 00")})
	if e, ok := AsSense(err); !ok || e.Opcode != OpSanitize || !Unsupported(err) || UnitAttention(err) {
		t.Errorf("%v", err)
	}
	if err := Check("X", cmd, Result{Status: 2, Sense: unhex("72 06 29 00")}); !UnitAttention(err) || Unsupported(err) {
		t.Errorf("%v", err)
	}
	var se *StatusError
	var pe *ParseError
	if err := Check("X", cmd, Result{Status: 2}); !errors.As(err, &se) || !errors.As(err, &pe) ||
		err.Error() != "X: check condition (status 02h): sense data: empty" {
		t.Errorf("%v", err)
	}
	for status, want := range map[byte]string{
		0x08: "X: busy (status 08h)", 0x18: "X: reservation conflict (status 18h)", 0x99: "X: unknown status (status 99h)",
	} {
		// A status that is not CHECK CONDITION is never read through its sense.
		err := Check("X", cmd, Result{Status: status, Sense: unhex("70 00 00 00 00 00 00 0a")})
		if !errors.As(err, &se) || err.Error() != want {
			t.Errorf("%v", err)
		}
	}
}

func TestRun(t *testing.T) {
	broken := &fake{answer: func(Command) (Result, error) { return Result{}, io.ErrUnexpectedEOF }}
	if err := TestUnitReady(context.Background(), broken); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "TEST UNIT READY: ") {
		t.Errorf("%v", err)
	}
	for _, resid := range []int{-1, 37} {
		liar := &fake{answer: func(Command) (Result, error) { return Result{Resid: resid}, nil }}
		var e *ParseError
		if _, _, err := Inquiry(context.Background(), liar); !errors.As(err, &e) {
			t.Errorf("residual %d: %v", resid, err)
		}
	}
}

func TestBackground(t *testing.T) {
	y, n, u := support.Yes, support.No, support.Unknown
	tests := []struct {
		name, sense          string
		sanitizing, formats  support.State
		sanFailed, fmtFailed support.State
		progress             bool
		idle                 bool
	}{
		{"nothing", "70 00 00 00 00 00 00 0a 00 00 00 00 00 00 00 00 00 00", n, n, n, n, false, true},
		{"low power", "70 00 00 00 00 00 00 0a 00 00 00 00 5e 03 00 00 00 00", n, n, n, n, false, true},
		{"sanitizing", "70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 20 00", y, n, n, n, true, false},
		{"sanitizing without progress", "72 02 04 1b 00 00 00 00", y, n, n, n, false, false},
		{"formatting", "70 00 02 00 00 00 00 0a 00 00 00 00 04 04 00 80 20 00", n, y, n, n, true, false},
		{"sanitize failed", "72 03 31 03 00 00 00 00", n, n, y, n, false, true},
		{"format failed", "72 03 31 01 00 00 00 00", n, n, n, y, false, true},
		{"unit attention", "72 06 29 00 00 00 00 00", u, u, u, u, false, false},
		{"not ready for another reason", "72 02 04 01 00 00 00 00", u, u, u, u, false, false},
		{"deferred", "73 02 04 1b 00 00 00 00", u, u, u, u, false, false},
		{"cut", "70 00 00 00 00 00 00 0a", u, u, u, u, false, false},
		{"medium not formatted", "72 03 31 00 00 00 00 00", u, u, u, u, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, _, err := PollBackground(context.Background(), says(unhex(tt.sense)))
			if err != nil {
				t.Fatal(err)
			}
			if b.Sanitizing != tt.sanitizing || b.Formatting != tt.formats || b.SanitizeFailed != tt.sanFailed ||
				b.FormatFailed != tt.fmtFailed || b.HasProgress != tt.progress || b.Idle() != tt.idle {
				t.Errorf("%+v", b)
			}
		})
	}
	if b, _, err := PollBackground(context.Background(), condition("72 05 20 00 00 00 00 00")); err == nil || b != (Background{}) {
		t.Errorf("%+v, %v", b, err)
	}
}

func FuzzParseSense(f *testing.F) {
	for _, s := range []string{
		"70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 40 01", "72 02 04 1b 00 00 00 08 02 06 00 00 80 12 34 00",
		"72 01 00 1d 00 00 00 0e 09 0c 01 00 40 00 00 34 00 12 00 00 40 50", "70 00 0b",
	} {
		f.Add(unhex(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSense(b)
		if err != nil {
			return
		}
		total := 0
		for _, d := range s.Descriptors {
			total += 2 + len(d.Data)
		}
		if total > len(b) || len(s.Raw) != len(b) || s.String() == "" {
			t.Fatalf("%+v", s)
		}
		if bg := BackgroundOf(s); bg.Idle() && bg.HasProgress && bg.Sanitizing.IsYes() {
			t.Fatal("idle and sanitizing")
		}
	})
}
