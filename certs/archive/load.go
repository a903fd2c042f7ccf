package archive

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/collect"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/folder"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/verify"
)

// Archive is one case.
type Archive struct {
	Office   folder.Folder // the office's folder
	Dir      folder.Folder // that of the case
	Case     cases.Loaded
	CaseFile []byte
	Root     *x509.Certificate
	Trust    keys.Trust
	Stamps   tsa.Trust
	Issued   []*x509.Certificate // sticks
	Staff    []*x509.Certificate
	Receipts []collect.Receipt
	Papers   []Paper        // certificates and destruction records, by number
	Notices  []notice.Given // sound ones; Live has left out what was withdrawn
	Faults   []string       // files that could not be used, and why

	opt     Options
	trust   string
	checked []Checked
	left    map[string]left
}

// Paper is one paper with what was said of it.
type Paper struct {
	Checked
	File     string // path
	Standing notice.Standing
	Asset    string // as corrected
	Host     string
}

// The ways in which a case cannot be worked on.
var (
	ErrNoOffice = errors.New("there is no authority in this folder: run massho-office keys init first, or name another folder with --office")
	ErrNoCase   = errors.New("the office has no such case: look into the folder cases, or prepare it with massho-office prepare")
)

// Cases lists the ids of the cases in an office's folder.
func Cases(office string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(office, DirCases))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && cases.ValidID(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, err
}

// Load reads a case. What is wrong with single files is in Faults.
func Load(office, id string, opt Options) (*Archive, error) {
	a := &Archive{Office: folder.At(office), opt: opt}
	if !cases.ValidID(id) {
		return nil, fmt.Errorf("case %q: %w", id, ErrNoCase)
	}
	a.Dir = a.Office.Sub(DirCases, id)
	if err := a.loadTrust(); err != nil {
		return nil, err
	}
	file, err := a.Dir.Read(cases.FileCase)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("case %s: %w", id, ErrNoCase)
	}
	if err != nil {
		return nil, err
	}
	// A case's term ends long before its papers are done with.
	bare, err := cases.Load(file, a.Trust, a.Root.NotBefore)
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", id, err)
	}
	a.Case, a.CaseFile = bare, file
	if a.Issued, err = a.certificates(a.Dir.Sub(DirSticks)); err != nil {
		return nil, err
	}
	if a.Staff, err = a.certificates(a.Office.Sub(DirStaff)); err != nil {
		return nil, err
	}
	return a, a.read()
}

// read takes in everything that lies in the case's folder.
func (a *Archive) read() error {
	for _, step := range []func() error{a.loadReceipts, a.loadHandovers, a.loadPapers} {
		if err := step(); err != nil {
			return err
		}
	}
	a.stand()
	return nil
}

// loadTrust reads root and revocation list, and remembers their hash.
func (a *Archive) loadTrust() error {
	root, err := a.Office.Read(fileRoot)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoOffice, err)
	}
	files := [][]byte{root}
	revoked, err := a.Office.Read(fileRevoked)
	switch {
	case err == nil:
		files = append(files, revoked)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if a.Trust, err = keys.ParseTrust(files...); err != nil {
		return err
	}
	a.Root = a.Trust.Roots[0]
	stamps, err := a.stampFiles()
	if err != nil {
		return err
	}
	a.trust = deed.SHA256(slices.Concat(append(files, stamps...)...))
	return nil
}

// stampFiles reads the certificates of time stamping authorities, if the office
// has any. Files that are none are named and left out.
func (a *Archive) stampFiles() ([][]byte, error) {
	f := a.Office.Sub(dirTSA)
	names, err := f.Names(".pem")
	if err != nil || len(names) == 0 {
		return nil, err
	}
	var files [][]byte
	for _, n := range names {
		b, err := f.Read(n)
		if err != nil {
			return nil, err
		}
		files = append(files, b)
	}
	if a.Stamps, err = tsa.ParseTrust(files...); err != nil {
		a.fault(f.Dir(), err)
	}
	return files, nil
}

// certificates reads the first certificate of every file in a folder.
func (a *Archive) certificates(f folder.Folder) ([]*x509.Certificate, error) {
	names, err := f.Names(".crt.pem")
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for _, n := range names {
		b, err := f.Read(n)
		if err != nil {
			return nil, err
		}
		list, err := keys.DecodeCerts(b)
		if err != nil {
			a.fault(f.Path(n), err)
			continue
		}
		out = append(out, list[0])
	}
	return out, nil
}

func (a *Archive) fault(path string, err error) {
	a.Faults = append(a.Faults, path+": "+err.Error())
}

func (a *Archive) loadReceipts() error {
	f := a.Dir.Sub(DirReceipts)
	names, err := f.Names(".dsse.json")
	for _, n := range names {
		b, e := f.Read(n)
		if e != nil {
			return e
		}
		r, e := collect.OpenReceipt(b, a.Staff, a.Trust)
		if e != nil {
			a.fault(f.Path(n), e)
			continue
		}
		a.Receipts = append(a.Receipts, r)
	}
	return err
}

// Verify is how this case's certificates are checked: with the office's trust,
// its time stamping authorities, and what its receipts bound.
func (a *Archive) Verify() verify.Options {
	return verify.Options{Trust: a.Trust, Stamps: a.Stamps, Bounds: collect.Bounds(a.Receipts), Now: a.opt.Now}
}

// Deeds is how the office's own papers are checked.
func (a *Archive) Deeds() deed.Options {
	return deed.Options{Trust: a.Trust, Stamps: a.Stamps, Now: a.opt.Now}
}

// loadPapers checks what is not known yet, several at once.
func (a *Archive) loadPapers() error {
	type job struct {
		f    folder.Folder
		name string
		kind Kind
	}
	var jobs []job
	for _, d := range []struct {
		dir  string
		kind Kind
	}{{collect.DirPapers, Certificate}, {DirDestruction, Destruction}, {DirNotices, NoticePaper}} {
		f := a.Dir.Sub(d.dir)
		names, err := f.Names(".pdf")
		if err != nil {
			return err
		}
		for _, n := range names {
			jobs = append(jobs, job{f, n, d.kind})
		}
	}
	results, errs := make([]Checked, len(jobs)), make([]error, len(jobs))
	var all sync.WaitGroup
	slots := make(chan struct{}, runtime.NumCPU())
	for i, j := range jobs {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i], errs[i] = a.check(j.f, j.name, j.kind)
		})
	}
	all.Wait()
	for i, j := range jobs {
		switch {
		case errs[i] != nil:
			a.fault(j.f.Path(j.name), errs[i])
			continue
		case results[i].Number == "":
			a.fault(j.f.Path(j.name), errors.New(results[i].Trouble))
			continue
		}
		a.checked = append(a.checked, results[i])
		if j.kind != NoticePaper {
			a.Papers = append(a.Papers, Paper{Checked: results[i], File: j.f.Path(j.name)})
		}
	}
	return nil
}

// check looks for a result that can be believed, else checks the paper.
func (a *Archive) check(f folder.Folder, name string, kind Kind) (Checked, error) {
	file, err := f.Read(name)
	if err != nil {
		return Checked{}, err
	}
	if len(file) == 0 {
		return Checked{}, errors.New("an empty file: a number that was taken and not used")
	}
	note := strings.TrimSuffix(name, ".pdf") + checkExt
	hash := deed.SHA256(file)
	if old, err := f.Read(note); err == nil && !a.opt.Again {
		var c Checked
		if json.Unmarshal(old, &c) == nil && c.SchemaVersion == 1 && c.File == hash && c.Trust == a.trust && c.Tool == a.opt.Tool && c.Kind == kind {
			return c, nil
		}
	}
	c := a.examine(name, file, kind)
	c.SchemaVersion, c.File, c.Trust, c.Tool, c.Kind = 1, hash, a.trust, a.opt.Tool, kind
	b, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return c, err
	}
	return c, f.Replace(note, append(b, '\n'))
}
