//go:build linux

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
)

// evidence is where the wiped drives' records go.
func (l *lab) evidence() string { return filepath.Join(l.tmp, "evidence") }

// massho is the whole program: it finds the drives, plants marks, writes every
// pass, reads all of it back, and stores a signed paper for each drive.
func massho(l *lab) ([][]string, error) {
	if err := errors.Join(os.RemoveAll(l.evidence()), os.Mkdir(l.evidence(), 0o755)); err != nil {
		return nil, err
	}
	serials, err := l.serials()
	if err != nil {
		return nil, err
	}
	c := []string{filepath.Join(l.bin, "massho"), "wipe", "--json", "--stick", l.stick,
		"--case", filepath.Join(l.stick, "case.dsse.json"), "--category", "internet:1:no", "--person", "op1",
		"--evidence", l.evidence(), "--loop", strings.Join(paths(l.drives), ",")}
	return [][]string{append(c, serials...)}, nil
}

// serials asks massho what it calls our loop devices.
func (l *lab) serials() ([]string, error) {
	out, err := exec.Command(filepath.Join(l.bin, "massho"), "detect", "--json", "--loop", strings.Join(paths(l.drives), ",")).Output()
	if err != nil {
		return nil, fmt.Errorf("massho detect: %w", err)
	}
	serial := map[string]string{}
	for line := range strings.Lines(string(out)) {
		var found struct {
			Name   string
			Device struct{ Identity struct{ Serial string } }
		}
		if err := json.Unmarshal([]byte(line), &found); err != nil {
			return nil, fmt.Errorf("massho detect: %w: %s", err, line)
		}
		serial["/dev/"+found.Name] = found.Device.Identity.Serial
	}
	var all []string
	for _, p := range paths(l.drives) {
		if serial[p] == "" {
			return nil, fmt.Errorf("massho detect does not list %s", p)
		}
		all = append(all, serial[p])
	}
	return all, nil
}

// masshoAfter makes sure that every drive has its paper and was written and read
// as often as the table says, and finds out how long no drive was at work.
func masshoAfter(l *lab, m *measurement) error {
	papers, err := filepath.Glob(filepath.Join(l.evidence(), "records", "*.pdf"))
	if err != nil || len(papers) != m.Drives {
		return fmt.Errorf("%d papers for %d drives: %w: %s", len(papers), m.Drives, err, m.Output)
	}
	logs, err := filepath.Glob(filepath.Join(l.evidence(), "journals", "*"))
	if err != nil {
		return err
	}
	var busy []interval
	for _, name := range logs {
		one, err := transfers(name)
		if err != nil {
			return err
		}
		if len(one) != passes+1 {
			return fmt.Errorf("%d passes and readings on a drive, want %d: correct the constant passes", len(one), passes+1)
		}
		busy = append(busy, one...)
	}
	m.Overhead = m.Wall - covered(busy).Seconds()
	return os.RemoveAll(l.evidence())
}

// interval is the time of one transfer.
type interval struct{ from, to time.Time }

// transfers reads the times of a drive's passes and of its reading back from its
// journal.
func transfers(name string) ([]interval, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	log, err := journal.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var all []interval
	for _, rec := range log.Records {
		var p struct {
			Pass   int
			Report *overwrite.Report
		}
		if rec.Type != journal.TypeVerify && rec.Type != journal.TypeResult {
			continue
		}
		if err := json.Unmarshal(rec.Payload, &p); err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", name, rec.Seq, err)
		}
		if p.Report != nil {
			all = append(all, interval{rec.Wall.Add(-p.Report.Elapsed), rec.Wall})
		}
	}
	return all, nil
}

// covered is how long at least one of the intervals lasted.
func covered(all []interval) time.Duration {
	slices.SortFunc(all, func(a, b interval) int { return cmp.Compare(a.from.UnixNano(), b.from.UnixNano()) })
	var sum time.Duration
	var end time.Time
	for _, i := range all {
		from := i.from
		if from.Before(end) {
			from = end
		}
		if i.to.After(from) {
			sum += i.to.Sub(from)
			end = i.to
		}
	}
	return sum
}
