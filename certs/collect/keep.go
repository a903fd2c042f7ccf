package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/folder"
)

// DirCollected is where the office keeps what lay on the sticks of a case, one
// folder a stick; DirPapers holds the sound papers, which get signatures there.
const (
	DirCollected = "collected"
	DirPapers    = "papers"
)

// The ways in which a stick is not cleared. Nothing is deleted then.
var (
	ErrNotKept = errors.New("the office has no copy of this: collect the stick first")
	ErrChanged = errors.New("the stick holds something else than was collected: collect it again")
	ErrFaults  = errors.New("the stick has files that cannot be read: keep it as it is")
)

// Keep copies everything that a stick recorded into the office's folder of the
// case, and reads it back. A stick whose story goes on where the last collection
// ended is kept in the same place; one that tells another story gets a place of
// its own (U1-2, …), so that nothing is mixed. It returns the place's name.
func Keep(f folder.Folder, s Stick) (string, error) {
	if s.Cert == nil {
		return "", fmt.Errorf("keep %s: %w", s.Name, errors.New("a stick without identity"))
	}
	for n := 1; ; n++ {
		name := s.ID
		if n > 1 {
			name = fmt.Sprintf("%s-%d", s.ID, n)
		}
		place := f.Sub(DirCollected, name)
		fits, err := fitsInto(place, s)
		if err != nil {
			return "", err
		}
		if !fits {
			continue
		}
		for _, file := range s.Files {
			if err := keepFile(place, file); err != nil {
				return "", err
			}
		}
		return name, nil
	}
}

// fitsInto reports whether a place is empty or holds an earlier state of s.
func fitsInto(place folder.Folder, s Stick) (bool, error) {
	chain := path.Join(dirCase, cases.FileChain)
	if _, err := place.Read(chain); errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	for _, file := range s.Files {
		old, err := place.Read(file.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return false, err
		case !grown(file, old):
			return false, nil
		}
	}
	taken, err := place.Sub(dirNumbers).Names("")
	if err != nil {
		return false, err
	}
	for _, n := range taken {
		if !slices.ContainsFunc(s.Files, func(f File) bool { return f.Path == path.Join(dirNumbers, n) }) {
			return false, nil
		}
	}
	return true, nil
}

// grown reports whether a file is what was kept, or a journal that went on.
func grown(file File, old []byte) bool {
	if isJournal(file.Path) {
		return bytes.HasPrefix(file.Data, old)
	}
	return bytes.Equal(file.Data, old)
}

func isJournal(p string) bool {
	return strings.HasSuffix(p, journalExt) && (path.Dir(p) == dirJournals || path.Dir(p) == dirMirror)
}

func keepFile(place folder.Folder, file File) error {
	old, err := place.Read(file.Path)
	if err == nil && isJournal(file.Path) && len(old) < len(file.Data) {
		return place.Extend(file.Path, file.Data)
	}
	return place.KeepNew(file.Path, file.Data)
}

// KeepPapers puts the sound papers of a report where they are accepted and
// signed further. Numbers that two papers carry are left to people.
func KeepPapers(f folder.Folder, r Report) (kept []string, err error) {
	papers := f.Sub(DirPapers)
	for _, p := range r.Papers {
		if !p.Sound || p.Twice {
			continue
		}
		old, err := papers.Read(p.Number + ".pdf")
		if err == nil && bytes.HasPrefix(old, p.Data) {
			continue // it has signatures of the office already
		}
		if err := papers.KeepNew(p.Number+".pdf", p.Data); err != nil {
			return kept, err
		}
		kept = append(kept, p.Number)
	}
	return kept, nil
}

// Kept reads the office's copies of earlier collections.
func Kept(f folder.Folder) ([]Stick, error) {
	entries, err := os.ReadDir(f.Sub(DirCollected).Dir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Stick
	for _, e := range entries {
		if e.IsDir() {
			dir := f.Sub(DirCollected, e.Name()).Dir()
			out = append(out, ReadKept(path.Join(DirCollected, e.Name()), os.DirFS(dir)))
		}
	}
	return out, nil
}

// Clear deletes journals and papers from the stick in dir, after it has read
// the stick once more and found every one of its files, byte for byte, in the
// office's copy, read once more too. Case, key and numbers stay: a number that
// was given must never be given again. It returns what was deleted.
func Clear(dir string, f folder.Folder, place string) ([]string, error) {
	s := Read(dir, os.DirFS(dir))
	root := dir
	if _, err := os.Stat(filepath.Join(dir, dirRecords)); errors.Is(err, fs.ErrNotExist) {
		root = filepath.Join(dir, "EVIDENCE")
	}
	for _, x := range s.Findings {
		if x.Code == FileUnreadable || x.Code == StickNoIdentity || x.Code == FileUnknown {
			return nil, fmt.Errorf("clear %s: %w: %s", dir, ErrFaults, x.Text("en"))
		}
	}
	kept := f.Sub(DirCollected, place)
	for _, file := range s.Files {
		old, err := kept.Read(file.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("clear %s: %s: %w", dir, file.Path, ErrNotKept)
		case err != nil:
			return nil, fmt.Errorf("clear %s: %w", dir, err)
		case !bytes.Equal(old, file.Data):
			return nil, fmt.Errorf("clear %s: %s: %w", dir, file.Path, ErrChanged)
		}
	}
	var gone []string
	for _, file := range s.Files {
		if d := path.Dir(file.Path); d != dirJournals && d != dirMirror && d != dirRecords {
			continue
		}
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(file.Path))); err != nil {
			return gone, fmt.Errorf("clear %s: %w", dir, err)
		}
		gone = append(gone, file.Path)
	}
	return gone, nil
}
