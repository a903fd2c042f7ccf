package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
)

// token gets the time stamp, from the network or from a reply that was fetched
// elsewhere.
func (w *stamper) token(path string, s pades.Stamping) ([]byte, error) {
	if w.o.replies != "" {
		reply, err := os.ReadFile(filepath.Join(w.o.replies, stem(path)+".tsr"))
		if err != nil {
			return nil, err
		}
		token, err := tsa.FromReply(reply, s.Digest, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, w.a.t("書面か失効リストが要求の後に変わっていないかを確かめ、--requests からやり直してください",
				"see whether paper or revocation list changed since the request, and begin again with --requests"))
		}
		return token, nil
	}
	req, nonce, err := tsa.Request(s.Digest, rand.Reader)
	if err != nil {
		return nil, err
	}
	reply, err := post(w.o.url, req)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, w.a.t("URLとネットワークを確かめるか、--requests で別のPCから送ってください", "check URL and network, or send the request from another PC with --requests"))
	}
	return tsa.FromReply(reply, s.Digest, nonce)
}

// maxReply is larger than any reply.
const maxReply = 1 << 20

// post sends a request as RFC 3161 §3.4 says.
func post(url string, request []byte) ([]byte, error) {
	c := http.Client{Timeout: 30 * time.Second}
	r, err := c.Post(url, "application/timestamp-query", bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, r.Status)
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxReply+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxReply {
		return nil, fmt.Errorf("%s: a reply of more than %d bytes", url, maxReply)
	}
	return b, nil
}
