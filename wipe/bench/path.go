//go:build linux

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/linux"
	"github.com/massho/massho/wipe/overwrite"
)

// pathRun is the data path alone. It runs in a process of its own, this program
// once more, so that its CPU and memory can be told apart.
type pathRun struct {
	Do      string   `json:"do"`  // "random", "constant", "verify" (of random)
	Key     string   `json:"key"` // hex
	Devices []string `json:"devices"`
	End     []int64  `json:"end,omitempty"` // per device: where to stop; 0 is its end
}

// pathResult is what the child prints: one line of JSON.
type pathResult struct {
	Bytes   int64         `json:"bytes"`
	Elapsed time.Duration `json:"elapsed_ns"` // from the first request to the last flush of all drives
	Drives  []driveResult `json:"drives"`
	GC      float64       `json:"gc_seconds"` // CPU time of the garbage collector
	GCs     uint64        `json:"gc_cycles"`
}

// driveResult is one drive's part.
type driveResult struct {
	Bytes   int64         `json:"bytes"`
	Elapsed time.Duration `json:"elapsed_ns"`
}

// child carries out a pathRun and prints its result.
func child(ctx context.Context, run pathRun, out io.Writer) error {
	conns, err := openAll(ctx, run.Devices)
	if err != nil {
		return err
	}
	res, err := run.carryOut(ctx, conns)
	for _, c := range conns {
		err = errors.Join(err, c.Close())
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(res)
}

// openAll takes the same exclusive, direct descriptors that a wipe takes.
func openAll(ctx context.Context, paths []string) ([]devices.Conn, error) {
	sys := linux.NewSystem()
	found, err := sys.Detect(ctx, devices.DetectOptions{Loop: paths})
	if err != nil {
		return nil, err
	}
	byPath := map[string]devices.Device{}
	for _, d := range found {
		byPath[d.Path] = d
	}
	var conns []devices.Conn
	for _, path := range paths {
		d, ok := byPath[path]
		if !ok || d.Transport != devices.TransportLoop {
			return nil, fmt.Errorf("%s: no loop device", path)
		}
		c, err := sys.Open(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		conns = append(conns, c)
	}
	return conns, nil
}

func (r pathRun) carryOut(ctx context.Context, conns []devices.Conn) (pathResult, error) {
	res := pathResult{Drives: make([]driveResult, len(conns))}
	errs := make([]error, len(conns))
	var all sync.WaitGroup
	began := time.Now()
	for i, c := range conns {
		all.Go(func() {
			rep, err := r.one(ctx, i, c)
			if err == nil && !rep.Clean() {
				err = fmt.Errorf("%s: not clean: %d ranges differ, %d are bad", r.Devices[i], len(rep.Mismatched), len(rep.BadRanges))
			}
			res.Drives[i], errs[i] = driveResult{rep.Bytes, rep.Elapsed}, err
		})
	}
	all.Wait()
	res.Elapsed = time.Since(began)
	for _, d := range res.Drives {
		res.Bytes += d.Bytes
	}
	res.GC, res.GCs = collections()
	return res, errors.Join(errs...)
}

// one is one drive's pass, with the options of a drive that does not rotate:
// neither does a loop device over memory.
func (r pathRun) one(ctx context.Context, i int, c devices.Conn) (overwrite.Report, error) {
	o := overwrite.OptionsFor(overwrite.SolidState, time.Now)
	o.Gone = devices.Gone
	if i < len(r.End) {
		o.End = r.End[i]
	}
	p, err := r.pass()
	if err != nil {
		return overwrite.Report{}, err
	}
	if r.Do == "verify" {
		return overwrite.Verify(ctx, c, p, o)
	}
	return overwrite.Write(ctx, c, p, o)
}

func (r pathRun) pass() (overwrite.Pass, error) {
	if r.Do == "constant" {
		return overwrite.Fill(0), nil
	}
	p := overwrite.Pass{Kind: overwrite.Random}
	raw, err := hex.DecodeString(r.Key)
	if err != nil || len(raw) != len(p.Key) {
		return p, fmt.Errorf("key %q: want 32 hexadecimal digits", r.Key)
	}
	copy(p.Key[:], raw)
	return p, nil
}

// collections tells the CPU time of this process's garbage collector, without
// what it took of idle processors, and how often it ran.
func collections() (seconds float64, cycles uint64) {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"}, {Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/pause:cpu-seconds"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(s)
	return s[0].Value.Float64() + s[1].Value.Float64() + s[2].Value.Float64(), s[3].Value.Uint64()
}
