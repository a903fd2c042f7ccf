package main

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// caseFiles are where a command finds the case and the stick's identity.
type caseFiles struct {
	file  string // signed case
	stick string // folder with the stick's key, certificates and root
}

func (f *caseFiles) flags(c *cobra.Command, a *app) {
	c.Flags().StringVar(&f.file, "case", "", a.t("署名された案件ファイル (case.dsse.json)", "the signed case file (case.dsse.json)"))
	c.Flags().StringVar(&f.stick, "stick", "", a.t("USBの鍵と証明書のフォルダ（省略時は案件ファイルと同じ場所）", "folder with the stick's key and certificates (default: beside the case)"))
}

// dir is the folder of the stick's identity.
func (f *caseFiles) dir() string {
	if f.stick == "" && f.file != "" {
		return filepath.Dir(f.file)
	}
	return f.stick
}

// loadedCase is a case whose signature was checked, or none.
type loadedCase struct {
	cases.Case
	Signed bool
	Hash   string // SHA-256 of the file, hex
	Bytes  []byte
}

// load reads and checks the case. Without --case it is an empty, unsigned one.
func (f *caseFiles) load(now time.Time) (loadedCase, error) {
	if f.file == "" {
		return loadedCase{Case: cases.Case{ID: "UNSIGNED"}}, nil
	}
	data, err := os.ReadFile(f.file)
	if err != nil {
		return loadedCase{}, coded{exitCaseDamaged, fmt.Errorf("read the case: %w (%w)", err, cases.ErrDamaged)}
	}
	root, err := os.ReadFile(filepath.Join(f.dir(), cases.FileRoot))
	if err != nil {
		return loadedCase{}, coded{exitCaseUnknown, fmt.Errorf("read the authority's root: %w (%w)", err, cases.ErrUnknownSigner)}
	}
	trust, err := keys.ParseTrust(root)
	if err != nil {
		return loadedCase{}, coded{exitCaseUnknown, fmt.Errorf("read the authority's root: %w (%w)", err, cases.ErrUnknownSigner)}
	}
	l, err := cases.Load(data, trust, now)
	if err != nil {
		return loadedCase{}, caseError(err)
	}
	return loadedCase{l.Case, true, l.Hash, data}, nil
}

// caseError gives each way of a case being no good its exit code.
func caseError(err error) error {
	for is, code := range map[error]int{
		cases.ErrDamaged: exitCaseDamaged, cases.ErrUnsigned: exitCaseUnsigned, cases.ErrAltered: exitCaseAltered,
		cases.ErrUnknownSigner: exitCaseUnknown, cases.ErrExpired: exitCaseExpired, cases.ErrRulePack: exitCaseExpired,
	} {
		if errors.Is(err, is) {
			return coded{code, err}
		}
	}
	return err
}

// identity is the stick: its id, its key and its certificates.
type identity struct {
	id       string
	key      crypto.Signer
	chain    []*x509.Certificate
	training bool // issued under a training root
}

// mayTouch keeps training and real things apart: a training stick erases nothing
// real, and a loop device or an emulated drive gets no real paper.
func (id identity) mayTouch(works []session.Work) error {
	for _, w := range works {
		serial := w.Plan.Target.Serial
		switch testOnly := w.Plan.Target.Transport.TestOnly(); {
		case testOnly && !id.training:
			return fail(exitNotAMedium, serial+": 試験用の経路にある媒体です。訓練用の認証局で用意した案件でだけ扱えます（massho-office keys init --training）。",
				serial+": it is on a road for tests. Only a case of a training authority may touch it (massho-office keys init --training).")
		case !testOnly && id.training:
			return fail(exitRefused, serial+": 実在の媒体です。訓練用のUSBでは消去しません。本番用のUSBを使ってください。",
				serial+": it is a real medium, and a training stick erases nothing real. Use a stick of a real authority.")
		}
	}
	return nil
}

// identity reads the stick's identity and makes sure that it belongs to c.
func (f *caseFiles) identity(c loadedCase) (identity, error) {
	dir := f.dir()
	if dir == "" {
		return identity{}, fail(exitKeyMissing,
			"署名に使うUSBの鍵がありません。massho-office prepare で用意した案件フォルダを --case または --stick で指定してください。",
			"There is no stick key to sign with. Name the folder that massho-office prepare made, by --case or --stick.")
	}
	var s cases.Stick
	raw, err := os.ReadFile(filepath.Join(dir, cases.FileStick))
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return identity{}, coded{exitKeyMissing, fmt.Errorf("read the stick's identity: %w: prepare the stick anew in the office", err)}
	}
	if c.Signed && s.CaseID != c.ID {
		return identity{}, coded{exitKeyMissing, fmt.Errorf("this stick was prepared for case %s, not for %s: use a stick of this case", s.CaseID, c.ID)}
	}
	key, chain, err := readStickKey(dir)
	if err != nil {
		return identity{}, coded{exitKeyMissing, fmt.Errorf("read the stick's key: %w: prepare the stick anew in the office", err)}
	}
	root, err := keys.HolderOf(chain[len(chain)-1])
	if err != nil {
		return identity{}, coded{exitKeyMissing, fmt.Errorf("read the stick's certificates: %w: prepare the stick anew in the office", err)}
	}
	return identity{s.ID, key, chain, root.Kind == keys.Training}, nil
}

// readStickKey reads the stick's key and certificates and makes sure that they
// belong together.
func readStickKey(dir string) (crypto.Signer, []*x509.Certificate, error) {
	pem, err := os.ReadFile(filepath.Join(dir, cases.FileKey))
	if err != nil {
		return nil, nil, err
	}
	key, err := keys.DecodeStickKey(pem)
	if err != nil {
		return nil, nil, err
	}
	if pem, err = os.ReadFile(filepath.Join(dir, cases.FileChain)); err != nil {
		return nil, nil, err
	}
	chain, err := keys.DecodeCerts(pem)
	if err != nil {
		return nil, nil, err
	}
	return key, chain, keys.Match(key, chain[0])
}

// policy is the case's policy; it may loosen a rule only when it was signed.
func (c loadedCase) policy() rules.Policy {
	p := c.Policy
	p.Signed = c.Signed
	return p
}

// ref is the paper's form of the case.
func (c loadedCase) ref() certs.CaseRef {
	return certs.CaseRef{
		ID: c.ID, Title: c.Title, ContractNo: c.ContractNo, Municipality: c.Municipality, Addressee: c.Addressee,
		Department: c.Department, Contractor: c.Contractor, Signed: c.Signed, Hash: c.Hash, Nonce: c.Nonce, Place: c.Place,
	}
}
