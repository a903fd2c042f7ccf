//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// lab is where the measurements of one number of drives are made.
type lab struct {
	options
	self   string // this program
	key    string // of the random passes of the data path
	tmp    string // folder in memory for evidence places and logs
	stick  string // folder of the stick's identity
	drives []*drive
	idle   map[string]float64 // seconds that a program takes for drives of 1 MiB
	raw    *raws
}

func newLab(ctx context.Context, o options) (l *lab, err error) {
	l = &lab{options: o, idle: map[string]float64{}}
	if l.self, err = os.Executable(); err != nil {
		return nil, err
	}
	var key [16]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	l.key = hex.EncodeToString(key[:])
	if l.raw, err = newRaws(o.out); err != nil {
		return nil, err
	}
	if l.tmp, err = os.MkdirTemp(memoryDir(), "massho-bench-"); err != nil {
		return nil, err
	}
	l.stick = filepath.Join(l.tmp, "stick")
	if err := l.office(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// memoryDir is a tmpfs, where there is one in its usual place.
func memoryDir() string {
	if _, err := os.Stat("/dev/shm"); err == nil {
		return "/dev/shm"
	}
	return os.TempDir()
}

func (l *lab) close() error {
	return errors.Join(closeDrives(l.drives), os.RemoveAll(l.tmp), l.raw.close())
}

// log is the file that nwipe is told to log to.
func (l *lab) log() string { return filepath.Join(l.tmp, "nwipe.log") }

// equip gives the lab n drives of size bytes, filled with the random pass, so
// that their memory is there and reading shows what verify expects.
func (l *lab) equip(ctx context.Context, n int, size int64) (err error) {
	if err = closeDrives(l.drives); err != nil {
		return err
	}
	if l.drives, err = makeDrives(n, size); err != nil {
		return err
	}
	return l.refill(ctx)
}

// refill writes the random pass, unmeasured.
func (l *lab) refill(ctx context.Context) error {
	commands, err := path("random")(l)
	if err != nil {
		return err
	}
	f, err := l.execute(ctx, commands)
	if err == nil && f.ExitCode != 0 {
		err = fmt.Errorf("fill the drives: %s", f.Output)
	}
	return err
}

// execute measures commands after one more look at every drive.
func (l *lab) execute(ctx context.Context, commands [][]string) (figures, error) {
	for _, d := range l.drives {
		if err := d.ours(); err != nil {
			return figures{}, err
		}
	}
	f, err := measure(ctx, commands)
	if b, logErr := os.ReadFile(l.log()); logErr == nil {
		f.Output += string(b)
		err = errors.Join(err, os.Remove(l.log()))
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return f, err
}

// raws keeps everything that was run and said.
type raws struct {
	dir string
	all *os.File
}

func newRaws(out string) (*raws, error) {
	r := &raws{dir: filepath.Join(out, "raw")}
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return nil, err
	}
	var err error
	r.all, err = os.Create(filepath.Join(out, "runs.jsonl"))
	return r, err
}

func (r *raws) close() error { return r.all.Close() }

// keep stores one measurement and the output behind it.
func (r *raws) keep(m measurement, commands [][]string) error {
	name := fmt.Sprintf("%02d-drives-rep%d-%s-%s.txt", m.Drives, m.Rep, m.Task, m.Tool)
	text := ""
	for _, c := range commands {
		text += fmt.Sprintf("$ %q\n", c)
	}
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text+m.Output), 0o644); err != nil {
		return err
	}
	return json.NewEncoder(r.all).Encode(m)
}
