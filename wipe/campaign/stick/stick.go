// Package stick is an evidence medium in memory for tests: what was not synced may
// vanish or tear at a power cut, and it can be full, write-protected, pulled, worn
// out, or another one than before.
//
//	st := stick.New("U1", seed)
//	s := session.Session{Place: st, …}
//	st.Pull()      // every descriptor is dead, as of a stick that was pulled
//	st.Plug()
//	st.PowerCut()  // drops and tears what was not synced
//	st.PowerOn()
//
// It keeps the promises of evidence.Place and no more: a journal is durable when
// Sync returns, a stored file when Store returns, a number when Reserve returns.
// The same seed and the same calls give the same content.
package stick

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// sector is what the medium writes in one piece; a cut tears between sectors.
const sector = 512

// Stick is one evidence medium. It may be used by many goroutines.
type Stick struct {
	ID string

	// Before is asked before each operation, with its name ("write", "sync",
	// "store", "reserve", …): an error ends it. It may pull the stick or cut the
	// power. Nil: nothing happens.
	Before func(op string) error

	mu       sync.Mutex
	rng      *rand.Rand
	files    map[string]*content // by "folder/name"
	numbers  int
	changes  uint64
	life     int // descriptors of an earlier life are dead
	away     bool
	readOnly bool
	full     bool
	worn     bool // takes writes, and loses them
}

// content is one file: what is on the medium, and what only its cache holds.
type content struct {
	durable []byte
	cache   []write // oldest first
}

type write struct {
	off  int
	data []byte
}

// New makes an empty stick.
func New(id string, seed uint64) *Stick {
	return &Stick{ID: id, rng: rand.New(rand.NewPCG(seed, 0x737469636B)), files: map[string]*content{}}
}

// Pull takes the stick out: what it held in its cache is gone or torn.
func (s *Stick) Pull() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut()
}

// Plug puts it back. Descriptors from before stay dead.
func (s *Stick) Plug() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = false
}

// PowerCut is Pull: the PC's power is the stick's.
func (s *Stick) PowerCut() { s.Pull() }

// PowerOn is Plug.
func (s *Stick) PowerOn() { s.Plug() }

// Protect sets and lifts the write protection.
func (s *Stick) Protect(on bool) { s.set(func() { s.readOnly = on }) }

// Fill leaves no room for anything new, or makes room again. Preallocated journals
// go on.
func (s *Stick) Fill(on bool) { s.set(func() { s.full = on }) }

// Wear makes the stick acknowledge writes and lose them.
func (s *Stick) Wear(on bool) { s.set(func() { s.worn = on }) }

func (s *Stick) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// cut decides by the seed what becomes of each cached write: kept, lost, or torn
// between sectors.
func (s *Stick) cut() {
	if s.away {
		return
	}
	s.away = true
	s.life++
	s.changes++
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[name]
		for _, w := range f.cache {
			switch s.rng.IntN(4) {
			case 0:
				copy(f.durable[w.off:], w.data)
			case 1:
				s.tear(f, w)
			}
		}
		f.cache = nil
	}
}

func (s *Stick) tear(f *content, w write) {
	for i := 0; i < len(w.data); i += sector {
		if s.rng.IntN(2) == 0 {
			copy(f.durable[w.off+i:], w.data[i:min(i+sector, len(w.data))])
		}
	}
}

// now is what a reader sees.
func (f *content) now() []byte {
	out := bytes.Clone(f.durable)
	for _, w := range f.cache {
		copy(out[w.off:], w.data)
	}
	return out
}

// enter asks Before, takes the lock, and says whether the operation can be done.
func (s *Stick) enter(op string, writes bool, life int) error {
	if s.Before != nil {
		if err := s.Before(op); err != nil {
			return err
		}
	}
	s.mu.Lock()
	switch {
	case s.away || life >= 0 && life != s.life:
		s.mu.Unlock()
		return syscall.ENODEV
	case writes && s.readOnly:
		s.mu.Unlock()
		return syscall.EROFS
	}
	return nil
}

// anyLife is the caller that names a file anew each time.
const anyLife = -1

// do is one operation on the file system.
func (s *Stick) do(op, name string, writes bool, act func() error) error {
	err := s.enter(op, writes, anyLife)
	if err == nil {
		err = act()
		s.mu.Unlock()
	}
	if err != nil {
		return evidence.Classify(op+" "+name, err)
	}
	return nil
}

func key(folder, name string) string { return folder + "/" + name }

// Room fails on a full stick.
func (s *Stick) Room(int64) error {
	return s.do("room", "", false, func() error { return s.room() })
}

func (s *Stick) room() error {
	if s.full {
		return syscall.ENOSPC
	}
	return nil
}

// Names lists a folder.
func (s *Stick) Names(folder string) (names []string, err error) {
	err = s.do("list", folder, false, func() error {
		for _, k := range slices.Sorted(maps.Keys(s.files)) {
			if rest, ok := strings.CutPrefix(k, folder+"/"); ok {
				names = append(names, rest)
			}
		}
		return nil
	})
	return names, err
}

// Load reads a file.
func (s *Stick) Load(folder, name string) (data []byte, err error) {
	err = s.do("load", name, false, func() error {
		f, ok := s.files[key(folder, name)]
		if !ok {
			return syscall.ENOENT
		}
		data = f.now()
		return nil
	})
	return data, err
}

// Store keeps a new file. A cut that comes before it is done leaves none of it, or
// a part: Before is asked a second time, as "stored", between the two.
func (s *Stick) Store(folder, name string, data []byte) error {
	k := key(folder, name)
	err := s.do("store", name, true, func() error {
		if _, there := s.files[k]; there {
			return syscall.EEXIST
		}
		return s.room()
	})
	if err != nil {
		return err
	}
	if s.Before != nil {
		if err := s.Before("stored"); err != nil {
			s.set(func() {
				if s.rng.IntN(3) == 0 {
					s.files[k] = &content{durable: bytes.Clone(data[:s.rng.IntN(len(data)+1)])}
				}
			})
			return evidence.Classify("store "+name, err)
		}
	}
	err = s.do("rename", name, true, func() error {
		s.files[k] = &content{durable: bytes.Clone(data)}
		if s.worn {
			clear(s.files[k].durable)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.ReadBack(folder, name, data)
}

// SetAside renames a file.
func (s *Stick) SetAside(folder, name string) error {
	return s.do("set aside", name, true, func() error {
		k := key(folder, name)
		s.files[fmt.Sprintf("%s.cut%d", k, len(s.files))] = s.files[k]
		delete(s.files, k)
		return nil
	})
}

// ReadBack compares what is really there.
func (s *Stick) ReadBack(folder, name string, want []byte) error {
	got, err := s.Load(folder, name)
	if err == nil && !bytes.Equal(got, want) {
		return fmt.Errorf("evidence: read back %s: %w", name, evidence.ErrReadBack)
	}
	return err
}

// Reserve gives the next number of this stick.
func (s *Stick) Reserve(caseID, stickID string) (number string, err error) {
	err = s.do("reserve", "a number", true, func() error {
		if err := s.room(); err != nil {
			return err
		}
		s.numbers++
		number = fmt.Sprintf("%s-%s-%04d", caseID, stickID, s.numbers)
		return nil
	})
	return number, err
}

// Path names a file.
func (s *Stick) Path(folder, name string) string { return s.ID + ":" + key(folder, name) }

// CreateJournal makes a file of zeros.
func (s *Stick) CreateJournal(folder, name string, size int64) (journal.Store, error) {
	var h *handle
	err := s.do("create", name, true, func() error {
		k := key(folder, name)
		if _, there := s.files[k]; there {
			return syscall.EEXIST
		}
		s.files[k] = &content{durable: make([]byte, size)}
		h = &handle{s, s.files[k], s.life}
		s.changes++
		return s.room()
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

// OpenJournal opens a file that is there.
func (s *Stick) OpenJournal(folder, name string) (journal.Store, error) {
	var h *handle
	err := s.do("open", name, true, func() error {
		f, ok := s.files[key(folder, name)]
		if !ok {
			return syscall.ENOENT
		}
		h = &handle{s, f, s.life}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Durable is what a file would hold after a power cut that keeps nothing of the
// cache: only what was promised. Nil: there is no such file.
func (s *Stick) Durable(folder, name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.files[key(folder, name)]; ok {
		return bytes.Clone(f.durable)
	}
	return nil
}

// Spoil changes a file on the medium, as somebody with a disk editor does.
func (s *Stick) Spoil(folder, name string, change func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[key(folder, name)]
	f.durable, f.cache = change(f.now()), nil
}

// Changes counts what became durable so far: whoever reads Durable again and again
// need do so only when it has grown.
func (s *Stick) Changes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// List is every file of a folder, also while the stick is out.
func (s *Stick) List(folder string) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(s.files)) {
		if rest, ok := strings.CutPrefix(k, folder+"/"); ok {
			names = append(names, rest)
		}
	}
	return names
}
