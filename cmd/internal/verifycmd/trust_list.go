package verifycmd

import (
	"bufio"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
)

// rootLine names a root: whose it is, until when, and whether for training.
func rootLine(c *x509.Certificate) string {
	s := fmt.Sprintf("%s（%s まで）", c.Subject.CommonName, c.NotAfter.Format("2006-01-02"))
	if h, err := keys.HolderOf(c); err == nil && h.Kind == keys.Training {
		s = "【訓練】" + s
	}
	return s
}

// trustList shows what the user trusts.
func trustList(env Env) verify.Code {
	trust, code, err := readTrust(nil, env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return code
	}
	for _, c := range trust.Roots {
		fmt.Fprintf(env.Out, "%s\n  指紋 %s\n", rootLine(c), fingerprint(c.Raw))
	}
	for _, l := range trust.Lists {
		fmt.Fprintf(env.Out, "失効リスト 第%s号　%s　%d 件\n", l.Number, l.ThisUpdate.Format("2006-01-02"), len(l.RevokedCertificateEntries))
	}
	stamps, err := readTSA(nil, env)
	if err != nil {
		return failed(err, env)
	}
	for _, c := range stamps.Roots {
		fmt.Fprintf(env.Out, "時刻認証局 %s（%s まで）\n  指紋 %s\n", c.Subject.CommonName, c.NotAfter.Format("2006-01-02"), fingerprint(c.Raw))
	}
	return verify.Valid
}

// trustRemove forgets the root whose fingerprint begins so, and its lists.
func trustRemove(prefix string, env Env) verify.Code {
	prefix = strings.ToLower(strings.ReplaceAll(prefix, " ", ""))
	trust, code, err := readTrust(nil, env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return code
	}
	var hits []*x509.Certificate
	for _, c := range trust.Roots {
		if strings.HasPrefix(strings.ReplaceAll(fingerprint(c.Raw), " ", ""), prefix) && len(prefix) >= 8 {
			hits = append(hits, c)
		}
	}
	if len(hits) != 1 {
		return misused(fmt.Errorf("指紋の先頭8桁以上で、一つの認証局を指定してください（%d 件が当てはまります）。trust list で見られます", len(hits)), env)
	}
	if err := forget(hits[0], env); err != nil {
		return failed(err, env)
	}
	fmt.Fprintf(env.Out, "信頼から外しました: %s\n", rootLine(hits[0]))
	return verify.Valid
}

// forget removes every file of the trust folder that holds only root, or lists
// that it signed.
func forget(root *x509.Certificate, env Env) error {
	files, err := filepath.Glob(filepath.Join(storeDir(env), "*.pem"))
	if err != nil {
		return err
	}
	gone := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		t, err := keys.PeekTrust(b)
		if err != nil {
			return err
		}
		of := len(t.Lists) > 0
		for _, c := range t.Roots {
			if of = c.Equal(root); !of {
				break
			}
			gone = true
		}
		for _, l := range t.Lists {
			of = of && l.CheckSignatureFrom(root) == nil
		}
		if !of {
			continue
		}
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	if !gone {
		return errors.New("この認証局は、ほかのものと一つのファイルにあります。信頼のフォルダで、そのファイルを分けてください")
	}
	return nil
}

// askToTrust is what dropping a root on the program does: nothing without a
// person's yes.
func askToTrust(names []string, env Env) verify.Code {
	found, err := candidates(names, env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return verify.TrustUnreadable
	}
	for _, c := range found.Roots {
		fmt.Fprintf(env.Out, "%s\n  指紋 %s\n", rootLine(c), fingerprint(c.Raw))
	}
	for _, l := range found.Lists {
		fmt.Fprintf(env.Out, "失効リスト 第%s号（%d 件）\n", l.Number, len(l.RevokedCertificateEntries))
	}
	fmt.Fprint(env.Out, "この認証局の書面を、今後信頼しますか。指紋を団体の担当に確かめてから、yes と入力してください: ")
	line, err := bufio.NewReader(env.In).ReadString('\n')
	if err != nil || !strings.EqualFold(strings.TrimSpace(line), "yes") {
		fmt.Fprintln(env.Out, "加えませんでした。")
		return verify.Usage
	}
	return trustAdd(names, env)
}
