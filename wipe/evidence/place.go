// Package evidence keeps what a run leaves behind: journals, signed papers and
// the numbers they carry, on the stick's EVIDENCE partition (FAT32) or in a
// folder.
//
// Layout of a place:
//
//	case/            the signed case, the stick's key and certificates (read only here)
//	journals/        one file a run
//	journals2/       its mirror
//	numbers/         one empty file for each certificate number ever reserved
//	records/         the signed papers
//
// A file is called stored only after it was written to a temporary name,
// flushed, renamed, its folder flushed, and read back past the page cache.
// Every way in which the place can fail has its own error, and each says what
// to do next.
package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// The folders of a place.
const (
	DirCase     = "case"
	DirJournals = "journals"
	DirMirror   = "journals2"
	DirNumbers  = "numbers"
	DirRecords  = "records"
)

// JournalExt is the ending of a journal's file name.
const JournalExt = ".mjl"

// The ways in which a place can fail. Each wraps the system's own error.
var (
	ErrMissing  = errors.New("the evidence place is not there: plug the stick in again, or name a folder that exists with --evidence")
	ErrReadOnly = errors.New("the evidence place is read-only: free the stick's write protection or use another stick of the case")
	ErrFull     = errors.New("the evidence place is full: collect the stick in the office (massho-office collect) or use another stick of the case")
	ErrIO       = errors.New("the evidence place does not answer as it should: use another stick of the case and keep this one for examination")
	ErrReadBack = errors.New("what was written did not read back the same: use another stick of the case and keep this one for examination")
	ErrExists   = errors.New("a file of that name is there already and is never overwritten")
)

// Place is an evidence place that was found writable.
type Place struct{ dir string }

// MinFree is the room that Open asks for: the journals and papers of one drive.
const MinFree = 8 << 20

// Open checks that dir is there, can be written and has room, and makes the
// folders of a place. It writes nothing else.
func Open(dir string) (*Place, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return nil, Classify("open "+dir, err)
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("evidence: open %s: not a folder: %w", dir, ErrMissing)
	}
	p := &Place{dir: dir}
	if err := p.Room(MinFree); err != nil {
		return nil, err
	}
	for _, d := range []string{DirJournals, DirMirror, DirNumbers, DirRecords} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, Classify("make folder "+d, err)
		}
	}
	if err := p.probe(); err != nil {
		return nil, err
	}
	return p, nil
}

// probe writes and removes a small file: a mount may say it is writable and
// fail at the first write.
func (p *Place) probe() error {
	f, err := os.CreateTemp(p.dir, "probe-*.tmp")
	if err != nil {
		return Classify("write probe", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString("massho")
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return Classify("write probe", err)
	}
	return nil
}

// Dir is the folder of the place.
func (p *Place) Dir() string { return p.dir }

// Path is the file of that name in one of the place's folders.
func (p *Place) Path(folder, name string) string { return filepath.Join(p.dir, folder, name) }

// Room fails with ErrFull when fewer than need bytes are free.
func (p *Place) Room(need int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(p.dir, &st); err != nil {
		return Classify("ask for room", err)
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < need {
		return fmt.Errorf("evidence: %d KiB free, %d KiB needed: %w", free>>10, need>>10, ErrFull)
	}
	return nil
}

// Classify names what an error of the system means for the person at the stick.
func Classify(op string, err error) error {
	kind := ErrIO
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		kind = ErrMissing
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		kind = ErrReadOnly
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		kind = ErrFull
	case errors.Is(err, os.ErrExist):
		kind = ErrExists
	}
	return fmt.Errorf("evidence: %s: %w (%w)", op, kind, err)
}
