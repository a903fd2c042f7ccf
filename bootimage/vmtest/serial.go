//go:build linux

package vmtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"
	"time"
)

// serial is the machine's serial port: all it has said, and where the last
// match ended.
type serial struct {
	in  io.WriteCloser
	log *os.File

	mu      sync.Mutex
	said    []byte
	read    int
	changed chan struct{} // closed and replaced whenever said grows or it ends
	over    bool
}

func newSerial(in io.WriteCloser, log string) (*serial, error) {
	s := &serial{in: in, changed: make(chan struct{})}
	if log == "" {
		return s, nil
	}
	var err error
	if s.log, err = os.Create(log); err != nil {
		return nil, fmt.Errorf("serial log: %w", err)
	}
	return s, nil
}

// listen reads until the machine ends.
func (s *serial) listen(out io.Reader) {
	b := make([]byte, 32<<10)
	for {
		n, err := out.Read(b)
		s.mu.Lock()
		s.said = append(s.said, b[:n]...)
		s.over = err != nil
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
		if s.log != nil {
			_, _ = s.log.Write(b[:n]) // a full disk shows at close
		}
		if err != nil {
			return
		}
	}
}

func (s *serial) close() error {
	if s.log == nil {
		return nil
	}
	return errors.Join(s.log.Sync(), s.log.Close())
}

// last returns the end of what was said, for messages.
func (s *serial) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.said[max(0, len(s.said)-2000):])
}

// Expect waits until the serial port has said what re matches, counted from
// the end of the last match, and returns the match and its groups. The error
// wraps ErrTimeout or ErrEnded and shows the end of the log.
func (vm *VM) Expect(re *regexp.Regexp, within time.Duration) ([]string, error) {
	s := vm.serial
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		s.mu.Lock()
		at := re.FindSubmatchIndex(s.said[s.read:])
		if at != nil {
			groups := submatches(s.said[s.read:], at)
			s.read += at[1]
			s.mu.Unlock()
			return groups, nil
		}
		changed, over := s.changed, s.over
		s.mu.Unlock()
		if over {
			return nil, fmt.Errorf("expect %q: %w; the serial port said last: %s", re, ErrEnded, s.last())
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, fmt.Errorf("expect %q: %w after %v; the serial port said last: %s", re, ErrTimeout, within, s.last())
		}
	}
}

func submatches(b []byte, at []int) (groups []string) {
	for i := 0; i < len(at); i += 2 {
		if at[i] < 0 {
			groups = append(groups, "")
			continue
		}
		groups = append(groups, string(b[at[i]:at[i+1]]))
	}
	return groups
}

// Send types text on the serial port; Enter is "\r".
func (vm *VM) Send(text string) error {
	if _, err := io.WriteString(vm.serial.in, text); err != nil {
		return fmt.Errorf("type on the serial port: %w", err)
	}
	return nil
}

// Log returns everything the serial port has said.
func (vm *VM) Log() []byte {
	vm.serial.mu.Lock()
	defer vm.serial.mu.Unlock()
	return append([]byte(nil), vm.serial.said...)
}

// tail keeps the end of what a program complains about.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-4000):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
