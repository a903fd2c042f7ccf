package verifycmd

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
)

// fileRevoked is the revocation list beside a root.
const fileRevoked = "revoked.pem"

// storeDir is the user's trust folder; empty when the system names none.
func storeDir(env Env) string {
	if env.ConfigDir == "" {
		return ""
	}
	return filepath.Join(env.ConfigDir, "massho", "trust")
}

// readTrust reads the named roots, or those of the user's trust folder.
func readTrust(names []string, env Env) (keys.Trust, verify.Code, error) {
	if len(names) == 0 && env.ConfigDir != "" {
		found, err := filepath.Glob(filepath.Join(storeDir(env), "*.pem"))
		if err != nil {
			return keys.Trust{}, verify.TrustUnreadable, err
		}
		names = found
	}
	if len(names) == 0 {
		return keys.Trust{}, verify.Usage, errors.New("信頼する団体の認証局がありません。root.pem は団体の担当から受け取ります（USBや書面からは読みません）。" +
			"`" + env.Prog + " trust add root.pem` で加えるか、--trust root.pem で指定してください")
	}
	files, err := withLists(names)
	if err != nil {
		return keys.Trust{}, verify.TrustUnreadable, err
	}
	t, err := keys.ParseTrust(files...)
	if err != nil {
		return t, verify.TrustUnreadable, fmt.Errorf("信頼するファイルが使えません。団体の担当から受け取り直してください: %w", err)
	}
	return t, verify.Valid, nil
}

// withLists reads files, and the revocation list beside each.
func withLists(names []string) ([][]byte, error) {
	seen := map[string]bool{}
	var files [][]byte
	for _, n := range names {
		list := filepath.Join(filepath.Dir(n), fileRevoked)
		for _, name := range []string{n, list} {
			b, err := os.ReadFile(name)
			if name == list && errors.Is(err, fs.ErrNotExist) || seen[name] {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("信頼するファイルが読めません: %w", err)
			}
			seen[name] = true
			files = append(files, b)
		}
	}
	return files, nil
}

// trustCommand keeps the user's trust folder.
func trustCommand(args []string, env Env) verify.Code {
	dir := storeDir(env)
	var err error
	switch {
	case dir == "":
		err = errors.New("利用者の設定フォルダが分からないため、覚えておけません。検査のたびに --trust で指定してください")
		return failed(err, env)
	case len(args) >= 3 && args[0] == "add" && args[1] == "--tsa":
		return tsaAdd(args[2:], env)
	case len(args) >= 2 && args[0] == "add":
		return trustAdd(args[1:], env)
	case len(args) == 1 && args[0] == "list":
		return trustList(env)
	case len(args) == 2 && args[0] == "remove":
		return trustRemove(args[1], env)
	}
	return misused(errors.New("trust add root.pem、trust add --tsa tsa.pem、trust list、trust remove 指紋 のどれかを指定してください"), env)
}

// Fingerprint is the SHA-256 of a certificate in groups, as it is read out over
// the telephone.
func fingerprint(raw []byte) string {
	sum := sha256.Sum256(raw)
	s := ""
	for i := 0; i < len(sum); i += 4 {
		if i > 0 {
			s += " "
		}
		s += hex.EncodeToString(sum[i : i+4])
	}
	return s
}

func shortName(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// candidates are the roots and lists of files, checked together with those
// that are trusted already: a newer revocation list may come alone.
func candidates(names []string, env Env) (found keys.Trust, err error) {
	files, err := withLists(names)
	if err != nil {
		return found, err
	}
	known := keys.Trust{}
	if old, _, err := readTrust(nil, env); err == nil {
		known = old
	}
	all := append([][]byte{}, files...)
	all = append(all, keys.EncodeCerts(known.Roots...))
	if _, err := keys.ParseTrust(all...); err != nil {
		return found, fmt.Errorf("信頼に加えられるファイルではありません。団体の担当から root.pem を受け取り直してください: %w", err)
	}
	found, err = keys.PeekTrust(files...)
	if err == nil && len(found.Roots)+len(found.Lists) == 0 {
		err = errors.New("認証局の証明書も失効リストも、このファイルにはありません。団体の担当から root.pem を受け取ってください")
	}
	return found, err
}

// trustAdd remembers roots, and the revocation lists beside them.
func trustAdd(names []string, env Env) verify.Code {
	found, err := candidates(names, env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return verify.TrustUnreadable
	}
	for _, c := range found.Roots {
		if err := remember(env, shortName(c.Raw)+".pem", keys.EncodeCerts(c)); err != nil {
			return failed(err, env)
		}
		fmt.Fprintf(env.Out, "信頼に加えました: %s\n  指紋 %s\n  この指紋を、団体の担当に電話など別の方法で確かめてください。\n", rootLine(c), fingerprint(c.Raw))
	}
	for _, l := range found.Lists {
		if err := remember(env, "revoked-"+shortName(l.Raw)+".pem", keys.EncodeList(l)); err != nil {
			return failed(err, env)
		}
		fmt.Fprintf(env.Out, "失効リスト 第%s号（%d 件）を加えました。\n", l.Number, len(l.RevokedCertificateEntries))
	}
	return verify.Valid
}

// remember writes a file of the trust folder whole or not at all.
func remember(env Env, name string, data []byte) error {
	path := filepath.Join(storeDir(env), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if there, err := exists(path); there || err != nil {
		return err // named by its content: it is there already
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
