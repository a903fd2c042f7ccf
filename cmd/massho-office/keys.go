package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/keys/vault"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: a.t("認証局の鍵を作り、管理する", "make and keep the authority's keys")}
	c.AddCommand(a.keysInitCommand(), a.keysStaffCommand(), a.keysRevokeCommand())
	return c
}

type initOptions struct {
	office
	name     string
	years    int
	training bool
}

func (a *app) keysInitCommand() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init",
		Short: a.t("団体の認証局を作る（最初に一度だけ）", "make the 団体's authority (once)"),
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.keysInit(o) },
	}
	o.flags(c, a)
	c.Flags().StringVar(&o.name, "name", "", a.t("団体名（必須）", "name of the 団体 (required)"))
	c.Flags().IntVar(&o.years, "years", 15, a.t("有効年数", "term in years"))
	c.Flags().BoolVar(&o.training, "training", false, a.t("訓練用の認証局にする", "an authority for training only"))
	return c
}

// keysInit makes the root. Certificates are checked for ten years and more, so
// its term is long; its key never leaves the office.
func (a *app) keysInit(o initOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.name == "" || o.years < 1 || o.years > 30 {
		return fail(exitUsage, nil, "--name に団体名を、--years に1〜30を指定してください。", "Give --name, and --years from 1 to 30.")
	}
	if _, err := os.Stat(o.path(fileRoot)); !errors.Is(err, os.ErrNotExist) {
		return fail(exitExists, err, "このフォルダには既に認証局があります。", "This folder has an authority already.")
	}
	pass, err := a.newSecret(o.office, a.t("認証局の新しいパスフレーズ: ", "New passphrase of the authority: "))
	if err != nil {
		return err
	}
	if len([]rune(string(pass))) < minPassphrase {
		return fail(exitSecret, nil, fmt.Sprintf("パスフレーズは%d文字以上にしてください。", minPassphrase), fmt.Sprintf("Use a passphrase of at least %d characters.", minPassphrase))
	}
	kind, suffix := keys.Authority, "認証局"
	if o.training {
		kind, suffix = keys.Training, "訓練用認証局"
	}
	root, err := keys.New(keys.Request{
		Holder: keys.Holder{Kind: kind}, CommonName: o.name + " massho " + suffix, Organisation: o.name,
		NotBefore: now(), NotAfter: now().AddDate(o.years, 0, 0),
	}, nil)
	if err != nil {
		return err
	}
	locked, err := vault.Lock(root.Key, pass)
	if err != nil {
		return err
	}
	if err := writeNew(o.path(fileRootKey), locked, 0o600); err != nil {
		return err
	}
	if err := writeNew(o.path(fileRoot), keys.EncodeCerts(root.Cert), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, a.t("認証局を作りました: %s\n次は: 鍵とパスフレーズを別々に保管し、massho-office prepare で案件とUSBを準備してください。\n",
		"The authority was made: %s\nNext: keep key and passphrase apart, then prepare a case and sticks with massho-office prepare.\n"), o.path(fileRoot))
	return err
}
