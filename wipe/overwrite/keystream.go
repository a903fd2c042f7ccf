package overwrite

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// piece is how much keystream is made at a time: little enough to stay in the
// first-level cache together with its source of zeros.
const piece = 4096

// zeros is what the keystream is XORed onto: a small source that is always in
// the cache costs less than clearing the buffer first.
var zeros [piece]byte

// Keystream is the random data of a pass: AES-128 in counter mode over zeros,
// the counter block being the byte offset divided by 16, big endian. Going on
// where the last call ended costs no allocation; a jump costs one of half a
// KiB. Not for use by several goroutines at once.
type Keystream struct {
	block  cipher.Block
	stream cipher.Stream
	at     int64 // offset the stream stands at
}

// NewKeystream returns the keystream of key, standing at offset 0.
func NewKeystream(key [16]byte) (*Keystream, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("overwrite: keystream: %w", err)
	}
	k := &Keystream{block: block}
	k.seek(0)
	return k, nil
}

// Fill sets dst to the keystream from byte offset off on.
func (k *Keystream) Fill(dst []byte, off int64) {
	if off != k.at {
		k.seek(off)
	}
	k.at += int64(len(dst))
	for len(dst) > 0 {
		n := min(piece, len(dst))
		k.stream.XORKeyStream(dst[:n], zeros[:n])
		dst = dst[n:]
	}
}

func (k *Keystream) seek(off int64) {
	var iv [aes.BlockSize]byte
	binary.BigEndian.PutUint64(iv[8:], uint64(off)/aes.BlockSize)
	k.stream = cipher.NewCTR(k.block, iv[:])
	if rest := off % aes.BlockSize; rest != 0 { // sectors of 520 bytes
		var skip [aes.BlockSize]byte
		k.stream.XORKeyStream(skip[:rest], skip[:rest])
	}
	k.at = off
}
