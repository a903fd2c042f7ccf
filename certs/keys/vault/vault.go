// Package vault keeps private keys under a passphrase: PKCS#8 with PBES2
// (PBKDF2-HMAC-SHA-256, AES-256-CBC; RFC 8018), which `openssl pkey` reads. It
// is apart from keys so that the verifier does not carry it.
package vault

import (
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"

	"github.com/massho/massho/certs/keys"
)

const (
	pemLocked  = "ENCRYPTED PRIVATE KEY"
	iterations = 600_000 // OWASP's figure for PBKDF2-HMAC-SHA-256
	// MinPassphrase is the least number of characters that Lock takes.
	MinPassphrase = 8
)

// ErrPassphrase means that the passphrase is wrong, or the file damaged.
var ErrPassphrase = errors.New("the passphrase does not open this key (or the file is damaged)")

// Lock is key as PEM under a passphrase.
func Lock(key crypto.Signer, passphrase []byte) ([]byte, error) {
	if len([]rune(string(passphrase))) < MinPassphrase {
		return nil, fmt.Errorf("vault: the passphrase is too short: use %d characters or more", MinPassphrase)
	}
	der, err := pkcs8.MarshalPrivateKey(key, passphrase, &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: 16, IterationCount: iterations, HMACHash: crypto.SHA256},
	})
	if err != nil {
		return nil, fmt.Errorf("vault: lock: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemLocked, Bytes: der}), nil
}

// Open reads what Lock wrote.
func Open(b, passphrase []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != pemLocked {
		return nil, errors.New("vault: no private key under a passphrase in this file")
	}
	k, err := pkcs8.ParsePKCS8PrivateKey(block.Bytes, passphrase)
	if err != nil {
		return nil, fmt.Errorf("vault: %w: %w", ErrPassphrase, err)
	}
	return keys.P256(k)
}
