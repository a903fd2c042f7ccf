package verifycmd

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/verify"
)

// dirTSA is where time stamping authorities lie in the user's trust folder: they
// are never taken for an authority of papers.
const dirTSA = "tsa"

// readTSA reads the named time stamping authorities, or those of the user's
// trust folder. None is fine: then no time stamp counts.
func readTSA(names []string, env Env) (tsa.Trust, error) {
	if len(names) == 0 && env.ConfigDir != "" {
		found, err := filepath.Glob(filepath.Join(storeDir(env), dirTSA, "*.pem"))
		if err != nil {
			return tsa.Trust{}, err
		}
		names = found
	}
	if len(names) == 0 {
		return tsa.Trust{}, nil
	}
	t, err := parseTSA(names)
	if err != nil {
		return t, fmt.Errorf("時刻認証局のファイルが使えません: %w", err)
	}
	return t, nil
}

func parseTSA(names []string) (tsa.Trust, error) {
	var files [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return tsa.Trust{}, err
		}
		files = append(files, b)
	}
	return tsa.ParseTrust(files...)
}

// tsaAdd remembers time stamping authorities, each file as it is.
func tsaAdd(names []string, env Env) verify.Code {
	for _, n := range names {
		t, err := parseTSA([]string{n})
		if err != nil {
			fmt.Fprintf(env.Err, "%s: 時刻認証局の証明書（自己署名の認証局を含むもの）ではありません: %v\n", env.Prog, err)
			return verify.TrustUnreadable
		}
		b, err := os.ReadFile(n)
		if err != nil {
			return failed(err, env)
		}
		sum := sha256.Sum256(b)
		if err := remember(env, dirTSA+"/"+hex.EncodeToString(sum[:8])+".pem", b); err != nil {
			return failed(err, env)
		}
		for _, c := range t.Roots {
			fmt.Fprintf(env.Out, "信頼する時刻認証局に加えました: %s\n  指紋 %s\n  この指紋を、時刻認証局が公表するものと比べてください。\n", c.Subject.CommonName, fingerprint(c.Raw))
		}
	}
	return verify.Valid
}
