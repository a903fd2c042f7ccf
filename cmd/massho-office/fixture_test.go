//go:build linux

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// TestCase runs testdata/case/*.txt: the office's way of a case, with sticks
// that carry real papers, journals and numbers.
func TestCase(t *testing.T) {
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "case"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TODAY", time.Now().In(jst).Format(time.DateOnly))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"flip": flip, "exits": exits, "wiped": wiped, "photo": photo, "prepared": prepared, "cp-r": copyTree},
	})
}

// prepared OFFICE makes an authority, the staff w1 and v1, and the case of
// case.json with the sticks that are named, each ready to be used.
func prepared(ts *testscript.TestScript, _ bool, args []string) {
	steps := [][]string{
		{"keys", "init", "--office", args[0], "--name", "試験市", "--passphrase-file", "pass.txt"},
		{"keys", "staff", "--office", args[0], "--passphrase-file", "pass.txt", "--id", "w1", "--role", "witness", "--name", "渡邉 一郎", "--out", "w1", "--staff-passphrase-file", "pass.txt"},
		{"keys", "staff", "--office", args[0], "--passphrase-file", "pass.txt", "--id", "v1", "--role", "validator", "--name", "確認 三郎", "--out", "v1", "--staff-passphrase-file", "pass.txt"},
	}
	for _, id := range args[1:] {
		steps = append(steps, []string{"prepare", "--office", args[0], "--passphrase-file", "pass.txt", "--case", "case.json", "--stick", id, "--out", id + "/case"})
	}
	for _, s := range steps {
		ts.Check(ts.Exec("massho-office", s...))
	}
}

// photo FILE makes a picture.
func photo(ts *testscript.TestScript, _ bool, args []string) {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := range 320 * 240 {
		img.SetRGBA(i%320, i/320, color.RGBA{uint8(i), uint8(i / 7), 90, 255})
	}
	var b bytes.Buffer
	ts.Check(jpeg.Encode(&b, img, nil))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// wiped STICK PC SERIAL [failed|cut] leaves on a stick what a run leaves there:
// PC counts the roster from 1. cut: the power failed during the step.
func wiped(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	pc, err := strconv.Atoi(args[1])
	ts.Check(err)
	mode := ""
	if len(args) > 3 {
		mode = args[3]
	}
	s, err := readStick(dir)
	ts.Check(err)
	ts.Check(s.wipe(pc, args[2], mode))
}

// madeStick is a stick as prepare made it.
type madeStick struct {
	place *evidence.Place
	about string
	c     cases.Loaded
	file  []byte
	by    certs.Signer
}

func readStick(dir string) (*madeStick, error) {
	s := &madeStick{}
	in := filepath.Join(dir, "case")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(in, name))
		if err != nil {
			return nil
		}
		return b
	}
	trust, err := keys.ParseTrust(read(cases.FileRoot))
	if err != nil {
		return nil, err
	}
	var about cases.Stick
	if err := json.Unmarshal(read(cases.FileStick), &about); err != nil {
		return nil, err
	}
	s.about, s.file = about.ID, read(cases.FileCase)
	if s.c, err = cases.Load(s.file, trust, time.Now()); err != nil {
		return nil, err
	}
	if s.by.Key, err = keys.DecodeStickKey(read(cases.FileKey)); err != nil {
		return nil, err
	}
	if s.by.Chain, err = keys.DecodeCerts(read(cases.FileChain)); err != nil {
		return nil, err
	}
	s.place, err = evidence.Open(dir)
	return s, err
}

type fields = map[string]any

func (s *madeStick) wipe(pc int, serial, mode string) error {
	asset := s.c.Roster[pc-1]
	h := journal.Header{Case: s.c.ID, Stick: s.about, Tool: "massho 0.1.0", Nonce: s.c.Nonce, Created: time.Now().UTC().Format(time.RFC3339), Capacity: 1 << 18}
	if _, err := rand.Read(h.Run[:]); err != nil {
		return err
	}
	var stores []journal.Named
	for _, d := range []string{evidence.DirJournals, evidence.DirMirror} {
		f, err := journal.CreateFile(s.place.Path(d, h.Run.String()+evidence.JournalExt), h.Capacity)
		if err != nil {
			return err
		}
		stores = append(stores, journal.Named{Name: d, Store: f})
	}
	begun := time.Now()
	w, err := journal.Create(h, journal.Options{Now: time.Now, Monotonic: func() time.Duration { return time.Since(begun) }}, stores...)
	if err != nil {
		return err
	}
	st, err := s.statement(pc-1, asset, serial, mode)
	if err != nil {
		return err
	}
	var all error
	note := func(t journal.Type, p any) {
		_, err := w.Append(t, p)
		all = errors.Join(all, err)
	}
	note(journal.TypeIntent, fields{"drive": serial, "step": "step-1", "command": string(st.Steps[0].Technique)})
	if mode == "cut" {
		return errors.Join(all, w.Close())
	}
	note(journal.TypeResult, fields{"drive": serial, "step": "step-1", "status": st.Steps[0].Status})
	note(journal.TypeOutcome, fields{"drive": serial, "facts": st.Facts, "derivation": st.Derivation})
	number, err := s.place.Reserve(s.c.ID, s.about)
	if err != nil {
		return err
	}
	st.Number, st.Issued = number, time.Now()
	st.Journal = certs.JournalRef{RunID: h.Run.String(), HeadHash: w.Head().String(), Code: journal.Code(w.Head()), Records: w.Seq() + 1, AttachedName: certs.AttachedJournal}
	pdf, err := certs.Issue(st, w.Bytes(), s.file, s.by, time.Now())
	if err != nil {
		return err
	}
	if err := s.place.Store(evidence.DirRecords, number+".pdf", pdf); err != nil {
		return err
	}
	note(journal.TypeClosed, fields{"drive": serial, "number": number, "sha256": deed.SHA256(pdf)})
	return errors.Join(all, w.Close())
}

// statement is a hard disk that was overwritten and read back in full.
func (s *madeStick) statement(index int, asset cases.Asset, serial, mode string) (certs.Statement, error) {
	c := s.c
	pack := rules.Default()
	policy := c.Policy
	policy.Signed = true
	row, _, err := pack.Classify(asset.Category, policy)
	if err != nil {
		return certs.Statement{}, err
	}
	const capacity = 500_107_862_016
	zero := uint64(0)
	absent := rules.Hidden{HPA: rules.HiddenAbsent, DCO: rules.HiddenAbsent, AMAC: rules.HiddenAbsent}
	st := certs.Statement{
		Clock: certs.Clock{Confirmed: true, ConfirmedBy: "髙橋 花子", Chosen: "utc", RTCAsUTC: time.Now()},
		Case: certs.CaseRef{ID: c.ID, Title: c.Title, ContractNo: c.ContractNo, Municipality: c.Municipality, Addressee: c.Addressee, Department: c.Department,
			Contractor: c.Contractor, Signed: true, Hash: c.Hash, Nonce: c.Nonce},
		Policy: c.Policy, PolicySigned: true, Training: c.Training,
		Classification: certs.Classification{Category: asset.Category, Row: row, By: certs.ByCase, Signed: true},
		Asset:          certs.Asset{Number: asset.Number, RosterIndex: index, InRoster: true, Section: asset.Section, Lease: asset.Lease, ExpectedMedia: asset.ExpectedMedia},
		Host:           certs.Machine{Maker: asset.HostMaker, Model: asset.HostModel, Serial: asset.HostSerial, Source: "roster"},
		Medium: certs.Medium{Model: "WDC WD5000AAKX", Serial: serial, Kind: rules.MediumHDD, Class: "disk", Transport: "sata", CapacityBefore: capacity,
			CapacityAfter: capacity, Sectors: capacity / 512, LogicalSector: 512, PhysicalSector: 512, HiddenBefore: certs.HiddenAreas{Hidden: absent}, HiddenAfter: certs.HiddenAreas{Hidden: absent}},
		Facts: rules.Facts{Medium: rules.MediumHDD, IdentityOwn: true, IdentityHeld: true, Hidden: absent, UserBytes: capacity, Reallocated: &zero, Pending: &zero,
			Steps: []rules.Step{{Technique: rules.TechOverwrite, RandomPasses: 1, Status: rules.StepCompleted,
				Verification: &rules.Verification{Kind: rules.VerifyFull, Bytes: capacity, Of: capacity}, Canaries: &rules.CanaryCheck{Read: 3000}}},
			Canaries: rules.Canaries{Planted: 3000, Seed: deed.SHA256([]byte(serial))}},
		Tool: certs.Tool{Name: "massho", Version: "0.1.0"},
	}
	st.Steps = []certs.StepRecord{{Technique: rules.TechOverwrite, Passes: 1, Pattern: "random", Status: rules.StepCompleted, Started: time.Now(), Ended: time.Now(), Bytes: capacity}}
	for _, p := range c.People {
		if p.Role != certs.RoleValidator {
			st.Persons = append(st.Persons, certs.Person{Role: p.Role, ID: p.ID, Name: p.Name, Title: p.Title, Organisation: p.Organisation, Contact: p.Contact})
		}
	}
	if mode == "failed" {
		st.Facts.Unwritten, st.Steps[0].BadTotal = 8, 8
	}
	st.Derivation = certs.Derive(pack, &st)
	if row == rules.Row1 || st.Derivation.Paper == rules.PaperIncomplete {
		st.Destruction = &certs.DestructionPrompt{Serial: serial, AssetNumber: asset.Number, Ways: []string{"粉砕"}, Deadline: "引渡しから30日以内", InsideOnly: mode == "failed"}
	}
	return st, nil
}

// copyTree copies a stick as dd would: cp-r FROM TO.
func copyTree(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}
