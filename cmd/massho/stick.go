package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

// stickSearch finds the evidence place again after the stick was pulled: the same
// stick, or another one of the same case.
type stickSearch struct {
	state     *early.State
	cmdline   early.Cmdline
	caseBytes []byte

	mu sync.Mutex
}

// search looks once. The place that is lost is given up first: files that are
// still open on it fail from then on, which is what their journals wait for.
func (s *stickSearch) search(context.Context) (session.Evidence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if here, err := evidence.Open(s.state.Evidence.Dir); err == nil {
		return here, nil
	}
	if err := s.state.Evidence.Detach(); err != nil && !errors.Is(err, os.ErrInvalid) {
		// Not mounted any more: nothing to give up.
		_ = err
	}
	place, err := early.FindEvidence("/", s.cmdline)
	if err == nil {
		return s.mount(place)
	}
	return s.other(err)
}

// dir is the folder of the evidence place of now.
func (s *stickSearch) dir() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Evidence.Dir
}

// node is the block device of the evidence place of now.
func (s *stickSearch) node() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.Evidence.Device
}

// mount takes a place and opens it.
func (s *stickSearch) mount(p early.Place) (session.Evidence, error) {
	m, err := p.Mount(evidenceDir)
	if err != nil {
		return nil, err
	}
	here, err := evidence.Open(m.Dir)
	if err != nil {
		return nil, errors.Join(err, m.Unmount())
	}
	s.state.Evidence = m
	return here, nil
}

// evidenceDir is where early.Up mounts the evidence place.
const evidenceDir = "/run/massho/evidence"

// other looks for another stick of the same case: one whose case file has the very
// same bytes. It is looked at read-only.
func (s *stickSearch) other(cause error) (session.Evidence, error) {
	if len(s.caseBytes) == 0 {
		return nil, cause
	}
	all, err := early.Candidates("/")
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	for _, p := range all {
		if s.sameCase(p) {
			p.ReadOnly = false
			return s.mount(p)
		}
	}
	return nil, cause
}

func (s *stickSearch) sameCase(p early.Place) bool {
	m, err := p.Mount(evidenceDir)
	if err != nil {
		return false
	}
	data, err := os.ReadFile(filepath.Join(m.Dir, evidence.DirCase, cases.FileCase))
	return m.Unmount() == nil && err == nil && bytes.Equal(data, s.caseBytes)
}
