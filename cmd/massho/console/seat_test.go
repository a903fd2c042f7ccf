package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"

	"github.com/massho/massho/bootimage/fbterm"
)

// watched is a terminal that tells when something was drawn.
type watched struct {
	*fbterm.Screen
	drawn chan struct{}
}

func newWatched(t *testing.T, c Canvas) *watched {
	t.Helper()
	s, err := fbterm.NewScreen(c.Cols, c.Rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &watched{s, make(chan struct{}, 1)}
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Screen.Write(p)
	select {
	case w.drawn <- struct{}{}:
	default:
	}
	return n, err
}

// until waits until the terminal shows want.
func (w *watched) until(t *testing.T, want string) {
	t.Helper()
	end := time.After(20 * time.Second)
	for !strings.Contains(w.Text(), want) {
		select {
		case <-w.drawn:
		case <-end:
			t.Fatalf("never shows %q:\n%s", want, w.Text())
		}
	}
}

// remote is a terminal at the far end of a serial line: a pty. It returns the
// near end's path.
func remote(t *testing.T, c Canvas) (*watched, string) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	w := newWatched(t, c)
	go func() { // the line's output
		buf := make([]byte, 4096)
		for {
			n, err := ptmx.Read(buf)
			if _, werr := w.Write(buf[:n]); err != nil || werr != nil {
				return
			}
		}
	}()
	go func() { // what is typed there
		buf := make([]byte, 256)
		for {
			n, err := w.Read(buf)
			if _, werr := ptmx.Write(buf[:n]); err != nil || werr != nil {
				return
			}
		}
	}()
	return w, fmt.Sprintf("/dev/pts/%d", n)
}

// TestTwoSeats walks a whole sitting through Bubble Tea, typed at a serial line
// and shown at a screen as well, then typed there.
func TestTwoSeats(t *testing.T) {
	big, small := Canvas{85, 32, false}, Canvas{80, 24, true}
	screen := newWatched(t, big)
	serial, path := remote(t, small)
	line, err := fbterm.OpenLine(path)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	w := newPlay(disk(0, "WDC WD10EZEX-08WN4A0", 1000))
	type result struct {
		end End
		err error
	}
	ended := make(chan result, 1)
	go func() {
		end, err := Run(t.Context(), w, "ja", Seat{"screen", screen, big, 20 * time.Millisecond}, Seat{"serial", line, small, 20 * time.Millisecond})
		ended <- result{end, err}
	}()
	for _, step := range []struct{ see, keys string }{
		{atClock, "\r"}, {atPeople, "1\r"}, {"選択できます", " \r"}, {"計画", "\r"}, {"ラベルのシリアル番号の末尾4文字", "0000\r"},
	} {
		serial.until(t, step.see)
		screen.until(t, step.see)
		serial.Type([]byte(step.keys))
	}
	<-w.entered
	screen.until(t, "実行中 1台")
	s := &sitter{t: t, w: w}
	w.reports[0].Done(s.outcomeOf(0, 0))
	w.ends[0] <- nil
	screen.until(t, "検証済み 1台")
	screen.Type([]byte("\x1bOP")) // F1
	serial.until(t, "ヘルプ")
	serial.until(t, "この画面のキー")
	for _, step := range []struct{ see, keys string }{
		{"この画面のキー", "\r"}, {atResults, "\r"}, {"見当たらない媒体はありません", "\r"}, {atHandover, "\r"}, {"電源を切ります。", "\r"},
	} {
		screen.until(t, step.see)
		screen.Type([]byte(step.keys))
	}
	select {
	case r := <-ended:
		if r.end != EndPowerOff || r.err != nil {
			t.Errorf("ended with %q, %v", r.end, r.err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("does not end")
	}
}

// dead is a seat whose cable was cut.
type dead struct{ wait chan struct{} }

func (d dead) Read([]byte) (int, error)  { <-d.wait; return 0, errors.New("input/output error") }
func (d dead) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

// TestSeatLost: the other seat goes on.
func TestSeatLost(t *testing.T) {
	c := Canvas{80, 30, false}
	screen := newWatched(t, c)
	cut := dead{make(chan struct{})}
	w := newPlay()
	ended := make(chan End, 1)
	go func() {
		end, err := Run(t.Context(), w, "ja", Seat{"serial", cut, Canvas{80, 24, true}, 20 * time.Millisecond}, Seat{"screen", screen, c, 20 * time.Millisecond})
		if err != nil {
			t.Error(err)
		}
		ended <- end
	}()
	screen.until(t, atClock)
	close(cut.wait)
	screen.Type([]byte("\r"))
	screen.until(t, atPeople)
	screen.Type([]byte("1\r"))
	screen.until(t, "媒体が1台も見つかりません")
	screen.Type([]byte("e"))
	screen.until(t, atMissing)
	screen.Type([]byte("5\r"))
	screen.until(t, atHandover)
	screen.Type([]byte("\r\r"))
	select {
	case end := <-ended:
		if end != EndPowerOff {
			t.Errorf("ended with %q", end)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("does not end")
	}
}

// TestCancelled: the caller's context ends the console without an end of its
// own.
func TestCancelled(t *testing.T) {
	c := Canvas{80, 30, false}
	screen := newWatched(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		end, err := Run(ctx, newPlay(), "ja", Seat{"screen", screen, c, 0})
		if end != "" {
			t.Errorf("ended with %q", end)
		}
		ended <- err
	}()
	screen.until(t, atClock)
	cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("does not end")
	}
}

// TestEveryFrameArrivesWhole: what the terminal shows is what the model drew,
// after every key, on a screen and on a serial line.
func TestEveryFrameArrivesWhole(t *testing.T) {
	for _, c := range canvases {
		t.Run(c.name, func(t *testing.T) {
			screen := newWatched(t, c.Canvas)
			p := painter{w: screen}
			s := sit(t, newPlay(fleet()...)).press("enter", "1", "enter")
			for i, k := range strings.Fields("down down down down space f1 pgdown esc f3 esc end space enter f2 f2 enter esc home pgdown f5 esc f6 a b esc") {
				s.press(k)
				frame := s.m.Render(c.Canvas)
				if err := p.frame(frame); err != nil {
					t.Fatal(err)
				}
				var want []string
				for _, l := range strings.Split(ansi.Strip(frame), "\n") {
					want = append(want, strings.TrimRight(l, " "))
				}
				if got := screen.Text(); strings.TrimRight(strings.Join(want, "\n"), "\n")+"\n" != got {
					t.Fatalf("after key %d (%s) the terminal shows\n%s\nwant\n%s", i, k, got, strings.Join(want, "\n"))
				}
			}
		})
	}
}

// TestOnlyChangesAreSent: a serial line of 9600 baud carries 960 bytes a second.
func TestOnlyChangesAreSent(t *testing.T) {
	var out bytes.Buffer
	p := painter{w: &out}
	s := sit(t, newPlay(fleet()...))
	working(s, 4)
	c := canvases[3].Canvas
	if err := p.frame(s.m.Render(c)); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.frame(s.tick(0).m.Render(c)); err != nil || out.Len() != 0 {
		t.Errorf("%d bytes for the same frame, %v", out.Len(), err)
	}
	if err := p.frame(s.tick(time.Second).m.Render(c)); err != nil || out.Len() == 0 || out.Len() > 500 {
		t.Errorf("%d bytes for one second of the clock, %v", out.Len(), err)
	}
	p.forget()
	out.Reset()
	if err := p.frame(s.m.Render(c)); err != nil || out.Len() < 1000 {
		t.Errorf("%d bytes for a whole frame, %v", out.Len(), err)
	}
}
