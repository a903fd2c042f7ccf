package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/keys/vault"
)

type staffOptions struct {
	office
	id, role, name, organisation, title string
	years                               int
	out, secret                         string
}

func (a *app) keysStaffCommand() *cobra.Command {
	var o staffOptions
	c := &cobra.Command{
		Use:   "staff",
		Short: a.t("職員・作業者一人の鍵と証明書を作る", "make one person's key and certificate"),
		Long: a.t(`作業者 (operator)、立会職員 (witness)、確認職員 (validator) が庁内で署名するための鍵です。
鍵は本人のパスフレーズで守られます。USBには入れません。`,
			`A key for signing in the office, as operator, witness or validator. It is kept under
the person's own passphrase and never put on a stick.`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.keysStaff(o) },
	}
	o.flags(c, a)
	f := c.Flags()
	f.StringVar(&o.id, "id", "", a.t("人のID（英数字、必須）", "the person's id (letters, digits, dashes; required)"))
	f.StringVar(&o.role, "role", "", "operator | witness | validator")
	f.StringVar(&o.name, "name", "", a.t("氏名（必須）", "name (required)"))
	f.StringVar(&o.organisation, "organisation", "", a.t("所属", "organisation"))
	f.StringVar(&o.title, "title", "", a.t("職名", "title"))
	f.IntVar(&o.years, "years", 3, a.t("有効年数", "term in years"))
	f.StringVar(&o.out, "out", "", a.t("鍵を置く、本人のフォルダ（必須）", "the person's folder for the key (required)"))
	f.StringVar(&o.secret, "staff-passphrase-file", "", a.t("本人のパスフレーズのファイル（省略時は入力を求める）", "file with the person's passphrase (default: asked for)"))
	return c
}

// keysStaff issues a certificate; the office keeps a copy so that it can be
// revoked.
func (a *app) keysStaff(o staffOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.complete(); err != nil {
		return err
	}
	copyPath := o.path(dirStaff, o.id+".crt.pem")
	keyPath, certPath := filepath.Join(o.out, o.id+".key.pem"), filepath.Join(o.out, o.id+".crt.pem")
	if err := absent(copyPath, keyPath, certPath); err != nil {
		return err
	}
	root, err := a.authority(o.office)
	if err != nil {
		return err
	}
	fmt.Fprint(a.err, a.t("新しい鍵を守る、本人の", "For the new key: "))
	pass, err := a.newSecret(office{passphrase: o.secret}, a.t("本人の新しいパスフレーズ: ", "New passphrase of this person: "))
	if err != nil {
		return err
	}
	if len([]rune(string(pass))) < minPassphrase {
		return fail(exitSecret, nil, fmt.Sprintf("本人のパスフレーズは%d文字以上にしてください。", minPassphrase), fmt.Sprintf("Use a passphrase of at least %d characters.", minPassphrase))
	}
	person, err := keys.New(keys.Request{
		Holder: keys.Holder{Kind: keys.Staff, ID: o.id, Role: o.role}, CommonName: o.name, Organisation: o.organisation, Title: o.title,
		NotBefore: notBefore(root), NotAfter: now().AddDate(o.years, 0, 0),
	}, &root)
	if err != nil {
		return err
	}
	locked, err := vault.Lock(person.Key, pass)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		path string
		data []byte
		mode os.FileMode
	}{
		{copyPath, keys.EncodeCerts(person.Cert), 0o644},
		{keyPath, locked, 0o600},
		{certPath, keys.EncodeCerts(person.Cert, root.Cert), 0o644},
	} {
		if err := writeNew(f.path, f.data, f.mode); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.out, a.t("%s の鍵を作りました: %s\n次は: 鍵のファイルとパスフレーズを本人だけに渡してください。\n",
		"The key of %s was made: %s\nNext: hand file and passphrase to that person alone.\n"), o.name, keyPath)
	return err
}

// complete refuses a request with holes.
func (o staffOptions) complete() error {
	role := o.role == certs.RoleOperator || o.role == certs.RoleWitness || o.role == certs.RoleValidator
	if !role || !cases.ValidID(o.id) || o.name == "" || o.out == "" || o.years < 1 || o.years > 10 {
		return fail(exitUsage, nil, "--id、--role（operator, witness, validator）、--name、--out を指定してください。年数は1〜10です。",
			"Give --id, --role (operator, witness, validator), --name and --out; --years from 1 to 10.")
	}
	return nil
}
