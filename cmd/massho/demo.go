package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

func (a *app) demoCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "demo",
		Short: a.t("模擬の媒体で、検出から検証までを数秒で示す（訓練）", "emulated drives: from detection to verification in seconds (training)"),
		Long: a.t("実在の媒体には触れません。記録と root.pem を --out に残します。記録には「訓練」と入ります。",
			"No real drive is touched. Records and root.pem are left in --out; they say 訓練."),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), out) },
	}
	c.Flags().StringVar(&out, "out", "", a.t("記録を残すフォルダ", "folder for the records"))
	return c
}

// demo plays the whole flow on emulated drives, under a training root made for
// this one time.
func (a *app) demo(ctx context.Context, out string) error {
	if out == "" {
		return fail(exitUsage, "--out で記録を残すフォルダを指定してください。", "Name a folder with --out.")
	}
	if err := fonts.Available(); err != nil {
		return coded{exitNoFonts, err}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	place, err := evidence.Open(out)
	if err != nil {
		return err
	}
	sys, err := demoDrives()
	if err != nil {
		return err
	}
	files, err := prepareDemo(out, true)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.t("■ 訓練: 模擬の媒体です。実在の媒体には触れません。", "■ TRAINING (訓練): emulated drives; no real one is touched."))
	st, works, err := a.demoStation(ctx, sys, place, files)
	if err != nil {
		return err
	}
	if err := a.carryOut(ctx, st, works); err != nil {
		return err
	}
	return a.demoVerify(out)
}

// demoMiB is the size of each emulated drive.
const demoMiB = 32

// demoDrives are a disk, a SATA SSD, an NVMe SSD and a USB stick, full of
// invented files.
func demoDrives() (*emulator.System, error) {
	var all []*emulator.Drive
	for i, k := range []emulator.Kind{emulator.HDD, emulator.SSD, emulator.NVMe, emulator.USBFlash} {
		d, err := emulator.New(emulator.Params{
			Kind: k, Serial: fmt.Sprintf("DEMO%s%04d", []string{"HDD", "SSD", "NVME", "USB"}[i], 1001+i), Sectors: demoMiB << 11, Seed: uint64(i),
		})
		if err != nil {
			return nil, err
		}
		d.Prefill()
		all = append(all, d)
	}
	return emulator.NewSystem(all...), nil
}

// demoCase is a signed case as an office would prepare it: one PC, four media,
// one for each row and kind.
func demoCase() cases.Case {
	row := func(s rules.System, c rules.Confidentiality, resident rules.Answer) *rules.Category {
		return &rules.Category{System: s, Confidentiality: c, ResidentInfo: resident}
	}
	pack := rules.Default()
	return cases.Case{
		SchemaVersion: cases.SchemaVersion, ID: "DEMO-001", Title: "事務用パソコン更新に伴う記憶媒体の抹消（訓練）", ContractNo: "訓練-001",
		Municipality: "訓練市", Addressee: "訓練市長 様", Department: "情報政策課",
		Contractor: certs.Contractor{Name: "訓練株式会社", Address: "訓練県訓練市1-2-3", Representative: "代表取締役 訓練太郎"},
		RulePack:   cases.RulePackRef{ID: pack.ID, Hash: pack.Hash()},
		Policy:     rules.Policy{ID: "demo", DestructionDays: 30},
		Roster: []cases.Asset{{
			Number: "KUNREN-0001", Lease: "リース物件", HostMaker: "EMULATED", HostModel: "PC", HostSerial: "DEMOPC0001", ExpectedMedia: 4,
			Section: "市民課", Category: *row(rules.SystemLGWAN, rules.Conf2, rules.AnswerNo),
			Media: []cases.Medium{
				{Serial: "DEMOHDD1001"},
				{Serial: "DEMOSSD1002", Category: row(rules.SystemMyNumber, rules.Conf3A, rules.AnswerYes)},
				{Serial: "DEMONVME1003"},
				{Serial: "DEMOUSB1004", Category: row(rules.SystemInternet, rules.Conf1, rules.AnswerNo)},
			},
		}},
		People: []cases.Person{
			{ID: "op1", Role: certs.RoleOperator, Name: "訓練 作業者", Title: "技術員", Organisation: "訓練株式会社", Contact: "000-0000-0000"},
			{ID: "wt1", Role: certs.RoleWitness, Name: "訓練 立会者", Title: "主事", Organisation: "訓練市情報政策課", Contact: "000-0000-0000"},
		},
		Created: now().UTC().Truncate(time.Second), Training: true, Unattended: true, Afterwards: cases.AfterShell,
	}
}

// prepareDemo makes a training root, a stick's key and a signed case in out, as
// massho-office does for a real one.
func prepareDemo(out string, unattended bool) (caseFiles, error) {
	from, until := now().Add(-time.Hour), now().AddDate(10, 0, 0)
	root, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Training}, CommonName: "訓練用の認証局", Organisation: "訓練市", NotBefore: from, NotAfter: until}, nil)
	if err != nil {
		return caseFiles{}, err
	}
	c := demoCase()
	c.Unattended = unattended
	var nonce [16]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return caseFiles{}, err
	}
	c.Nonce = hex.EncodeToString(nonce[:])
	stick, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Stick, Case: c.ID, Stick: "U1"}, CommonName: c.ID + " U1", Organisation: "訓練市", NotBefore: from, NotAfter: until}, &root)
	if err != nil {
		return caseFiles{}, err
	}
	signed, err := cases.Sign(c, root)
	if err != nil {
		return caseFiles{}, err
	}
	made, err := cases.StickFiles(signed, c.ID, "U1", root, stick)
	if err != nil {
		return caseFiles{}, err
	}
	dir := filepath.Join(out, evidence.DirCase)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return caseFiles{}, err
	}
	for name, data := range made {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return caseFiles{}, err
		}
	}
	if err := os.WriteFile(filepath.Join(out, "root.pem"), keys.EncodeCerts(root.Cert), 0o644); err != nil {
		return caseFiles{}, err
	}
	return caseFiles{file: filepath.Join(dir, cases.FileCase)}, nil
}

// demoStation detects and plans as a real start does, and makes the session.
func (a *app) demoStation(ctx context.Context, sys *emulator.System, place *evidence.Place, files caseFiles) (*station, []session.Work, error) {
	p := planner{pack: rules.Default()}
	var err error
	if p.c, err = files.load(now()); err != nil {
		return nil, nil, err
	}
	if p.host, err = sys.Host(ctx); err != nil {
		return nil, nil, err
	}
	devs, err := sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return nil, nil, err
	}
	if err := a.showDevices(devs, devices.Environment{Present: devs, Evidence: []string{place.Dir()}}); err != nil {
		return nil, nil, err
	}
	p.accept = &wipe.Acceptance{Level: rules.Row3, By: "訓練"}
	works, err := a.works(p, devs)
	if err != nil {
		return nil, nil, err
	}
	st, err := a.station(sys, p, files, place.Dir(), []string{"op1", "wt1"}, works)
	if err != nil {
		return nil, nil, err
	}
	// Emulated drives keep a clock of their own, which each poll moves on: there
	// is nothing to wait for.
	st.session.Runner.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return st, works, nil
}

// demoVerify reads the papers back as an auditor does.
func (a *app) demoVerify(out string) error {
	root, err := os.ReadFile(filepath.Join(out, "root.pem"))
	if err != nil {
		return err
	}
	trust, err := keys.ParseTrust(root)
	if err != nil {
		return err
	}
	papers, err := filepath.Glob(filepath.Join(out, evidence.DirRecords, "*.pdf"))
	if err != nil || len(papers) == 0 {
		return errors.Join(err, errors.New("the demo left no paper"))
	}
	for _, path := range papers {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rep := verify.File(filepath.Base(path), data, verify.Options{Trust: trust, Now: now()})
		fmt.Fprint(a.out, rep.Text())
		if rep.Code != verify.Valid {
			return fmt.Errorf("%s does not verify: code %d: %+v", path, rep.Code, rep.Findings)
		}
	}
	fmt.Fprintf(a.out, a.t("検証: massho-verify %s --trust %s\n", "verify: massho-verify %s --trust %s\n"), out, filepath.Join(out, "root.pem"))
	return nil
}
