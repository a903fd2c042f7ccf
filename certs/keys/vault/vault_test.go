package vault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestLockAndOpen(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Lock(k, []byte("正しい合言葉です"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Open(b, []byte("正しい合言葉です"))
	if err != nil || !k.Equal(got) {
		t.Errorf("%v", err)
	}
	if _, err := Open(b, []byte("wrong")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("%v, want ErrPassphrase", err)
	}
	if _, err := Lock(k, []byte("short")); err == nil {
		t.Error("a short passphrase was accepted")
	}
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "k.pem")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("openssl", "pkey", "-noout", "-in", file, "-passin", "pass:正しい合言葉です").CombinedOutput(); err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}
