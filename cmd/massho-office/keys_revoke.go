package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/keys"
)

func (a *app) keysRevokeCommand() *cobra.Command {
	var o office
	var lost string
	c := &cobra.Command{
		Use:   "revoke CERT.crt.pem",
		Short: a.t("失くしたUSBや、離れた人の鍵を失効させる", "revoke the key of a lost stick, or of somebody who left"),
		Long: a.t(`失効リスト revoked.pem を新しくします。検査する人へ root.pem と一緒に渡してください。
USBの証明書は 保管フォルダの cases/案件番号/sticks、人の証明書は staff にあります。
失くした時が分かるときは --lost で指定します。それより前に署名され、そのことを回収票・職員の署名・
タイムスタンプが示す書面は、有効なままです。`,
			`Writes a newer revocation list, revoked.pem. Give it, beside root.pem, to whoever
checks certificates. Certificates of sticks lie in cases/ID/sticks of the office's
folder, those of people in staff. --lost says since when the key was in wrong hands:
what was signed before, as a receipt, a countersignature or a time stamp shows, stays valid.`),
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.keysRevoke(o, args[0], lost) },
	}
	o.flags(c, a)
	c.Flags().StringVar(&lost, "lost", "", a.t("失くした時（2026-11-21 または \"2026-11-21 15:00\"。省略時は今）", "since when it was lost (default: now)"))
	return c
}

// keysRevoke adds one certificate to the list. The old list is replaced only by
// a whole new one.
func (a *app) keysRevoke(o office, path, lost string) error {
	if err := o.check(); err != nil {
		return err
	}
	at := now()
	since, err := lostSince(lost, at)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fail(exitInvalid, err, "失効させる証明書を読めません。", "The certificate to revoke cannot be read.")
	}
	chain, err := keys.DecodeCerts(b)
	if err != nil {
		return fail(exitInvalid, err, "証明書のファイルではありません。", "That is no certificate.")
	}
	old, err := o.revoked()
	if err != nil {
		return err
	}
	root, err := a.authority(o)
	if err != nil {
		return err
	}
	list, err := keys.RevokeSince(root, old, chain[0], at, since)
	if err != nil {
		return fail(exitInvalid, err, "この認証局の証明書ではないため、失効できません。", "It is not a certificate of this authority and cannot be revoked here.")
	}
	if err := replace(o.path(fileRevoked), list); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, a.t("失効させました: %s\n次は: %s を、書面を検査する人すべてに root.pem と一緒に渡してください。\n",
		"Revoked: %s\nNext: give %s, beside root.pem, to everybody who checks certificates.\n"), chain[0].Subject.CommonName, o.path(fileRevoked))
	return err
}

// lostSince reads when a key was lost; a day means its beginning, and nothing is
// lost in the future.
func lostSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	t, err := moment(s)
	if err != nil {
		return t, err
	}
	if t.After(now) {
		return t, fail(exitUsage, nil, "--lost が今より後です。", "--lost is later than now.")
	}
	return t, nil
}

// revoked is the office's revocation list; nil when there is none yet.
func (o office) revoked() (*x509.RevocationList, error) {
	b, err := os.ReadFile(o.path(fileRevoked))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := keys.DecodeList(b)
	if err != nil {
		return nil, fail(exitInvalid, err, "これまでの失効リストが壊れています。バックアップから戻してください。", "The revocation list is damaged; restore it from the backup.")
	}
	return l, nil
}

// replace writes a file whole or not at all: temporary file, sync, rename.
func replace(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := writeNew(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
