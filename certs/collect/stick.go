package collect

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/journal"
)

// The folders of an EVIDENCE place, as wipe/evidence lays them out. The office
// holds no code of the stick, so they are named here again.
const (
	dirCase     = "case"
	dirJournals = "journals"
	dirMirror   = "journals2"
	dirNumbers  = "numbers"
	dirRecords  = "records"
	journalExt  = ".mjl"
)

// limits keep a hostile stick from filling the memory.
const (
	maxFile  = 256 << 20
	maxFiles = 100_000
)

// Stick is what was read off one stick, or off the office's copy of one.
type Stick struct {
	Name     string // as it was given: a drive letter, a folder
	Earlier  bool   // the office's copy from an earlier collection
	ID       string // from its certificate
	CaseID   string
	Cert     *x509.Certificate
	Journals []JournalFile
	Papers   []PaperFile
	Numbers  []int
	Files    []File // everything that is to be kept, in order
	Findings []Finding
}

// File is one file of the stick. Journals are without the zeros at their end,
// which Size counts.
type File struct {
	Path string // with slashes, from the stick's root
	Data []byte
	Size int64
}

// JournalFile is one copy of one run's journal.
type JournalFile struct {
	Path string
	Log  *journal.Log // what could be verified; never nil
	Err  error
}

// PaperFile is one paper as it lies on the stick.
type PaperFile struct {
	Path   string
	Data   []byte
	SHA256 string
}

// Read reads everything that a stick recorded. It never fails as a whole: what
// cannot be read is a finding. The private key is not read.
func Read(name string, fsys fs.FS) Stick { return read(Stick{Name: name}, fsys) }

// ReadKept reads the office's copy of a stick, as Keep made it.
func ReadKept(name string, fsys fs.FS) Stick { return read(Stick{Name: name, Earlier: true}, fsys) }

func read(s Stick, fsys fs.FS) Stick {
	if sub, err := fs.Sub(fsys, "EVIDENCE"); err == nil && isDir(sub, dirRecords) && !isDir(fsys, dirRecords) {
		fsys = sub
	}
	s.identity(fsys)
	for _, dir := range []string{dirJournals, dirMirror, dirNumbers, dirRecords} {
		s.folder(fsys, dir)
	}
	slices.Sort(s.Numbers)
	return s
}

func isDir(fsys fs.FS, name string) bool {
	st, err := fs.Stat(fsys, name)
	return err == nil && st.IsDir()
}

func (s *Stick) find(c Code, detail string) {
	s.Findings = append(s.Findings, Finding{Code: c, Level: kinds[c].level, Stick: s.label(), Detail: detail})
}

// label is the stick's id, or where it was found when it has none.
func (s *Stick) label() string {
	if s.ID == "" {
		return s.Name
	}
	return s.ID
}

// identity reads who the stick is by its certificate. stick.json must agree.
func (s *Stick) identity(fsys fs.FS) {
	chain, err := fs.ReadFile(fsys, path.Join(dirCase, cases.FileChain))
	if err != nil {
		s.find(StickNoIdentity, err.Error())
		return
	}
	certs, err := keys.DecodeCerts(chain)
	if err != nil {
		s.find(StickNoIdentity, err.Error())
		return
	}
	h, err := keys.HolderOf(certs[0])
	if err == nil && h.Kind != keys.Stick {
		err = fmt.Errorf("the certificate is of a %s", h.Kind)
	}
	var about cases.Stick
	if raw, e := fs.ReadFile(fsys, path.Join(dirCase, cases.FileStick)); e == nil && err == nil {
		err = json.Unmarshal(raw, &about)
		if err == nil && (about.ID != h.Stick || about.CaseID != h.Case) {
			err = fmt.Errorf("%s names stick %s of case %s, the certificate %s of %s", cases.FileStick, about.ID, about.CaseID, h.Stick, h.Case)
		}
	}
	if err != nil {
		s.find(StickNoIdentity, err.Error())
		return
	}
	s.ID, s.CaseID, s.Cert = h.Stick, h.Case, certs[0]
	s.Files = append(s.Files, File{path.Join(dirCase, cases.FileChain), chain, int64(len(chain))})
}

// folder reads one folder; one that is not there was never needed.
func (s *Stick) folder(fsys fs.FS, dir string) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.find(FileUnreadable, dir+": "+err.Error())
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if len(s.Files) >= maxFiles {
			s.find(FileUnreadable, fmt.Sprintf("%s: more than %d files", dir, maxFiles))
			return
		}
		if e.IsDir() {
			s.find(FileUnknown, p)
			continue
		}
		data, err := readFile(fsys, p)
		if err != nil {
			s.find(FileUnreadable, p+": "+err.Error())
			continue
		}
		s.take(dir, p, data)
	}
}

func readFile(fsys fs.FS, p string) ([]byte, error) {
	st, err := fs.Stat(fsys, p)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxFile {
		return nil, fmt.Errorf("%d bytes", st.Size())
	}
	return fs.ReadFile(fsys, p)
}

// take sorts one file.
func (s *Stick) take(dir, p string, data []byte) {
	name := path.Base(p)
	size := int64(len(data))
	switch {
	case dir == dirNumbers && isNumber(name):
		n, _ := strconv.Atoi(name) // isNumber has looked
		s.Numbers = append(s.Numbers, n)
	case (dir == dirJournals || dir == dirMirror) && strings.HasSuffix(name, journalExt):
		var log JournalFile
		log, data = s.journal(p, data)
		s.Journals = append(s.Journals, log)
	case dir == dirRecords && strings.HasSuffix(name, ".pdf"):
		s.Papers = append(s.Papers, PaperFile{p, data, deed.SHA256(data)})
	case strings.HasSuffix(name, ".tmp"):
		s.find(FileUnfinished, p)
	default:
		s.find(FileUnknown, p)
	}
	s.Files = append(s.Files, File{p, data, size})
}

// journal reads a preallocated file and returns its trimmed bytes. The Log is
// read from those, so that the zeros do not stay in memory.
func (s *Stick) journal(p string, data []byte) (JournalFile, []byte) {
	if s.Earlier {
		data = Padded(data)
	}
	whole, err := journal.Parse(data)
	data = bytes.Clone(Trim(data))
	log, _ := journal.Parse(data) // the same records; what is wrong is in err
	log.Report = whole.Report
	return JournalFile{p, log, err}, data
}

// isNumber reports four digits.
func isNumber(name string) bool {
	return len(name) == 4 && strings.Trim(name, "0123456789") == ""
}

// Trim cuts the zeros that a journal was preallocated with, up to a whole frame.
// Nothing else is lost: Padded gives the file back.
func Trim(data []byte) []byte {
	n := len(bytes.TrimRight(data, "\x00"))
	n = min(len(data), (n+journal.FrameSize-1)/journal.FrameSize*journal.FrameSize)
	return data[:n]
}

// Padded is a trimmed journal at the size that its header names, so that Parse
// takes it for what it was.
func Padded(data []byte) []byte {
	log, err := journal.Parse(data)
	if err == nil || !errors.Is(err, journal.ErrTruncated) || len(log.Records) == 0 {
		return data
	}
	if n := log.Header.Capacity; n > int64(len(data)) && n <= maxFile {
		return append(bytes.Clone(data), make([]byte, n-int64(len(data)))...)
	}
	return data
}
