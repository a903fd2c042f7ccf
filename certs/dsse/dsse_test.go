package dsse

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestOpen(t *testing.T) {
	k, other := key(t), key(t)
	env, err := Sign("t", []byte(`{"a":1}`), k)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Sign("t", []byte(`{"a":1}`), k)
	if err != nil || !bytes.Equal(env, again) {
		t.Errorf("signing twice differs: %v", err)
	}
	edit := func(f func(m map[string]any)) []byte {
		var m map[string]any
		if err := json.Unmarshal(env, &m); err != nil {
			t.Fatal(err)
		}
		f(m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name string
		env  []byte
		typ  string
		key  *ecdsa.PrivateKey
		want error
	}{
		{"good", env, "t", k, nil},
		{"other key", env, "t", other, ErrUnknown},
		{"other type asked", env, "u", k, ErrDamaged},
		{"no signature", edit(func(m map[string]any) { m["signatures"] = []any{} }), "t", k, ErrUnsigned},
		{"payload changed", edit(func(m map[string]any) { m["payload"] = base64.StdEncoding.EncodeToString([]byte(`{"a":2}`)) }), "t", k, ErrAltered},
		{"type changed", edit(func(m map[string]any) { m["payloadType"] = "u" }), "u", k, ErrAltered},
		{"key id changed", edit(func(m map[string]any) { m["signatures"].([]any)[0].(map[string]any)["keyid"] = "x" }), "t", k, ErrUnknown},
		{"member added", edit(func(m map[string]any) { m["x"] = 1 }), "t", k, ErrDamaged},
		{"payload gone", edit(func(m map[string]any) { delete(m, "payload") }), "t", k, ErrDamaged},
		{"cut off", env[:len(env)-4], "t", k, ErrDamaged},
		{"empty", nil, "t", k, ErrDamaged},
	} {
		p, err := Open(c.env, c.typ, &c.key.PublicKey)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (err == nil && string(p) != `{"a":1}`) {
			t.Errorf("%s: %q %v, want %v", c.name, p, err, c.want)
		}
	}
}

// TestOpenSSL: anybody can check an envelope without our program.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	k := key(t)
	env, err := Sign("application/x", []byte("payload"), k)
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Signatures []struct{ Sig []byte } }
	if err := json.Unmarshal(env, &m); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	pub := file("pub.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	out, err := exec.Command("openssl", "dgst", "-sha256", "-verify", pub,
		"-signature", file("sig", m.Signatures[0].Sig), file("pae", PAE("application/x", []byte("payload")))).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

func FuzzOpen(f *testing.F) {
	// Fuzzing runs in several processes: a key made anew would differ in each.
	const vectors = "../verify/testdata/v1/"
	env, err := os.ReadFile(vectors + "case.dsse.json")
	if err != nil {
		f.Fatal(err)
	}
	root, err := os.ReadFile(vectors + "root.pem")
	if err != nil {
		f.Fatal(err)
	}
	block, _ := pem.Decode(root)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		f.Fatal(err)
	}
	typ, want, err := Peek(env)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(env)
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Open(b, typ, cert.PublicKey); err == nil && !bytes.Equal(p, want) {
			t.Fatalf("%q was never signed", p)
		}
	})
}
