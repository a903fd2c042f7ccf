package main

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/keys/vault"
)

// office is the folder in which a 団体 keeps what it issues, in plain files:
//
//	root.pem            the authority's certificate: what verifiers trust
//	root.key.pem        its key, PKCS#8 under a passphrase
//	revoked.pem         revocation list, if anything was revoked
//	cases/ID/           case.dsse.json and sticks/U1.crt.pem …
//	staff/              certificates of people
type office struct {
	dir        string
	passphrase string // file; empty: asked for
}

// The files of an office.
const (
	fileRoot    = "root.pem"
	fileRootKey = "root.key.pem"
	fileRevoked = "revoked.pem"
	dirCases    = "cases"
	dirStaff    = "staff"
)

func (o *office) flags(c *cobra.Command, a *app) {
	c.Flags().StringVar(&o.dir, "office", "", a.t("庁内の保管フォルダ（省略時は、このプログラムのあるフォルダ）", "the office's folder (default: where this program lies)"))
	c.Flags().StringVar(&o.passphrase, "passphrase-file", "", a.t("パスフレーズを1行で書いたファイル（省略時は入力を求める）", "file whose first line is the passphrase (default: asked for)"))
}

func (o *office) path(elem ...string) string {
	return filepath.Join(append([]string{o.dir}, elem...)...)
}

func (o *office) check() error {
	if o.dir == "" {
		o.dir = besideProgram()
	}
	if o.dir == "" {
		return fail(exitUsage, nil, "--office で庁内の保管フォルダを指定してください。", "Name the office's folder with --office.")
	}
	return nil
}

// minPassphrase is the shortest passphrase for a new key, in characters.
const minPassphrase = 12

// secret reads the passphrase from the file or the terminal, never from the
// command line or the environment, where others could see it.
func (a *app) secret(o office) ([]byte, error) {
	return a.askSecret(o, a.t("認証局のパスフレーズ: ", "Passphrase of the authority: "))
}

// newSecret reads the passphrase of a key that is being made. At a terminal it is
// typed twice: one slip would lock the key for ever.
func (a *app) newSecret(o office, whose string) ([]byte, error) {
	first, err := a.askSecret(o, whose)
	if f, ok := a.in.(*os.File); err != nil || o.passphrase != "" || !ok || !term.IsTerminal(int(f.Fd())) {
		return first, err
	}
	again, err := a.askSecret(o, a.t("もう一度: ", "Once more: "))
	if err == nil && !bytes.Equal(first, again) {
		err = fail(exitSecret, nil, "2回の入力が一致しません。もう一度やり直してください。", "The two do not agree; start again.")
	}
	return first, err
}

// askSecret reads one passphrase, from the file if one is named.
func (a *app) askSecret(o office, prompt string) ([]byte, error) {
	if o.passphrase != "" {
		b, err := os.ReadFile(o.passphrase)
		if err != nil {
			return nil, fail(exitSecret, err, "パスフレーズのファイルを読めません。", "The passphrase file cannot be read.")
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		return bytes.TrimRight(line, "\r"), nil
	}
	fmt.Fprint(a.err, prompt)
	if f, ok := a.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.err)
		return b, err
	}
	line, err := bufio.NewReader(a.in).ReadBytes('\n')
	if err != nil && len(line) == 0 {
		return nil, fail(exitSecret, err, "パスフレーズが入力されていません。", "No passphrase was given.")
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// authority opens the authority's key.
func (a *app) authority(o office) (keys.Pair, error) {
	pem, err := os.ReadFile(o.path(fileRoot))
	if err != nil {
		return keys.Pair{}, fail(exitInvalid, err, "認証局がありません。先に massho-office keys init を実行してください。", "There is no authority here; run massho-office keys init first.")
	}
	certs, err := keys.DecodeCerts(pem)
	if err != nil {
		return keys.Pair{}, err
	}
	locked, err := os.ReadFile(o.path(fileRootKey))
	if err != nil {
		return keys.Pair{}, fail(exitInvalid, err, "認証局の鍵がありません。バックアップから戻してください。", "The authority's key is missing; restore it from the backup.")
	}
	pass, err := a.secret(o)
	if err != nil {
		return keys.Pair{}, err
	}
	key, err := vault.Open(locked, pass)
	if err != nil { // also a file that is no key any more: which of the two, nobody can tell
		return keys.Pair{}, fail(exitSecret, err, "パスフレーズが違うか、鍵のファイルが壊れています。", "The passphrase is wrong, or the key file is damaged.")
	}
	return keys.Pair{Key: key, Cert: certs[0]}, keys.Match(key, certs[0])
}

// training reports whether the authority is for training only.
func training(root *x509.Certificate) (bool, error) {
	h, err := keys.HolderOf(root)
	return h.Kind == keys.Training, err
}

// absent refuses when one of the files is there already, before anything is
// written.
func absent(paths ...string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); !errors.Is(err, os.ErrNotExist) {
			return fail(exitExists, err, p+" は既にあります。上書きはしません。", p+" is there already and is never overwritten.")
		}
	}
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fail(exitExists, err, path+" は既にあります。上書きはしません。", path+" is there already and is never overwritten.")
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
