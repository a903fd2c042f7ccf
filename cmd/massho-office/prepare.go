package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/strict"
	"github.com/massho/massho/wipe/rules"
)

type prepareOptions struct {
	office
	draft string
	stick string
	out   string
	days  int
	list  rosterOptions
}

func (a *app) prepareCommand() *cobra.Command {
	var o prepareOptions
	c := &cobra.Command{
		Use:   "prepare",
		Short: a.t("案件に署名し、USBを1本ずつ準備する", "sign a case and prepare its sticks, one after another"),
		Long: a.t(`案件の下書き (JSON) を確認して署名し、USB 1本分のフォルダ（案件、鍵、証明書）を作ります。
2本目からは同じ案件に --stick を変えて実行します。署名済みの案件は変わりません。`,
			`Checks and signs the draft of a case (JSON) and makes the folder of one stick: case,
key, certificates. For further sticks of the same case change --stick; the signed
case stays as it is.`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.prepare(o) },
	}
	o.flags(c, a)
	c.Flags().StringVar(&o.draft, "case", "", a.t("案件の下書き（JSON、必須）", "the draft of the case (JSON, required)"))
	c.Flags().StringVar(&o.stick, "stick", "", a.t("USBの番号（例 U1、必須）", "id of the stick, e.g. U1 (required)"))
	c.Flags().StringVar(&o.out, "out", "", a.t("USB用フォルダの作成先（必須）", "folder to make for the stick (required)"))
	c.Flags().IntVar(&o.days, "days", 60, a.t("USBの鍵の有効日数", "term of the stick's key, in days"))
	o.list.flags(c, a)
	return c
}

func (a *app) prepare(o prepareOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.draft == "" || o.out == "" || !cases.ValidID(o.stick) || o.days < 1 {
		return fail(exitUsage, nil, "--case、--stick、--out を指定してください（USBの番号は英数字とハイフン）。", "Give --case, --stick (letters, digits, dashes) and --out.")
	}
	draft, err := readDraft(o.draft)
	if err != nil {
		return fail(exitInvalid, err, "案件の下書きに誤りがあります。", "The draft of the case cannot be used as it is.")
	}
	if !cases.ValidID(draft.ID) {
		return fail(exitInvalid, nil, "案件番号 (id) は英数字とハイフンで40文字以内にしてください。", "The case's id must be letters, digits and single dashes, 40 at most.")
	}
	if err := a.addRoster(o.list, &draft); err != nil {
		return err
	}
	mine := o.path(dirCases, draft.ID, "sticks", o.stick+".crt.pem")
	if err := absent(mine, filepath.Join(o.out, cases.FileCase), filepath.Join(o.out, cases.FileKey)); err != nil {
		return err
	}
	root, err := a.authority(o.office)
	if err != nil {
		return err
	}
	signed, err := a.signedCase(o, draft, root)
	if err != nil {
		return err
	}
	stick, err := keys.New(keys.Request{
		Holder: keys.Holder{Kind: keys.Stick, Case: draft.ID, Stick: o.stick}, CommonName: draft.ID + " " + o.stick,
		Organisation: draft.Municipality, NotBefore: notBefore(root), NotAfter: now().AddDate(0, 0, o.days),
	}, &root)
	if err != nil {
		return err
	}
	files, err := cases.StickFiles(signed, draft.ID, o.stick, root, stick)
	if err != nil {
		return err
	}
	// The office's own copy comes first: a stick that it does not know of must
	// not exist, and an id is given once.
	if err := writeNew(mine, keys.EncodeCerts(stick.Cert), 0o644); err != nil {
		return err
	}
	for name, data := range files {
		if err := writeNew(filepath.Join(o.out, name), data, 0o600); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.out, a.t("案件 %s のUSB %s を準備しました: %s\n次は: フォルダの中身を、起動用USBの EVIDENCE の case フォルダに置いてください（massho image --stick でイメージに入れることもできます）。\n",
		"Stick %[2]s of case %[1]s is prepared: %[3]s\nNext: put what is in the folder into the case folder of the stick's EVIDENCE, or into an image with massho image --stick.\n"),
		draft.ID, o.stick, o.out)
	return err
}

// notBefore is the beginning of a term: an hour ago, for clocks that run behind,
// but never before the authority's own.
func notBefore(root keys.Pair) time.Time {
	t := now().Add(-time.Hour)
	if t.Before(root.Cert.NotBefore) {
		return root.Cert.NotBefore
	}
	return t
}

// readDraft reads a case as the clerk wrote it and fills in what the office
// knows: version, rules, nonce, date.
func readDraft(path string) (cases.Case, error) {
	var c cases.Case
	b, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := strict.Decode(bytes.TrimPrefix(b, []byte("\ufeff")), &c); err != nil {
		return c, err
	}
	c.SchemaVersion = cases.SchemaVersion
	if c.RulePack.ID == "" {
		pack := rules.Default()
		c.RulePack = cases.RulePackRef{ID: pack.ID, Hash: pack.Hash()}
	}
	if c.Created.IsZero() {
		c.Created = now()
	}
	if c.Nonce == "" {
		var nonce [16]byte
		if _, err := rand.Read(nonce[:]); err != nil {
			return c, fmt.Errorf("draw a nonce: %w", err)
		}
		c.Nonce = hex.EncodeToString(nonce[:])
	}
	return c, nil
}

// signedCase is the case's signed file: made with its first stick, the same for
// all others.
func (a *app) signedCase(o prepareOptions, draft cases.Case, root keys.Pair) ([]byte, error) {
	path := o.path(dirCases, draft.ID, cases.FileCase)
	signed, err := os.ReadFile(path)
	if err == nil {
		// What lies in the folder is checked like any case that comes from outside.
		if _, err := cases.Load(signed, keys.Trust{Roots: []*x509.Certificate{root.Cert}}, now()); err != nil {
			return nil, fail(exitInvalid, err, "署名済みの案件が使えません。", "The case as it was signed cannot be used.")
		}
		fmt.Fprintln(a.err, a.t("署名済みの案件を使います（下書きの変更は反映されません）。", "Using the case as it was signed; changes of the draft are not taken over."))
		return signed, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	isTraining, err := training(root.Cert)
	if err != nil {
		return nil, err
	}
	draft.Training = isTraining
	if signed, err = cases.Sign(draft, root); err != nil {
		return nil, fail(exitInvalid, err, "案件に誤りがあるため署名しません。", "The case has faults and was not signed.")
	}
	return signed, writeNew(path, signed, 0o644)
}
