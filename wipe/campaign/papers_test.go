package campaign

import (
	"crypto/x509"
	"os"
	"testing"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/devices/emulator"
)

// One schedule in fifty gives real papers, signed and drawn, and the auditor's
// program finds nothing wrong with them but that nobody signed the classification.
func TestPapersVerify(t *testing.T) {
	if err := fonts.Available(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	from, until := emulator.Epoch.Add(-time.Hour), emulator.Epoch.AddDate(10, 0, 0)
	root, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Training}, CommonName: "campaign", Organisation: "campaign", NotBefore: from, NotAfter: until}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signers := map[string]certs.Signer{}
	for _, id := range []string{"U1", "U2", "U3", "U4"} {
		pair, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Stick, Case: "C", Stick: id}, CommonName: "C " + id, Organisation: "campaign", NotBefore: from, NotAfter: until}, &root)
		if err != nil {
			t.Fatal(err)
		}
		signers[id] = certs.Signer{Key: pair.Key, Chain: []*x509.Certificate{pair.Cert, root.Cert}}
	}
	trust, err := keys.ParseTrust(keys.EncodeCerts(root.Cert))
	if err != nil {
		t.Fatal(err)
	}
	papers := 0
	for seed := uint64(0); seed < 500/slower; seed += 50 {
		w, err := newWorld(draw(seed))
		if err != nil {
			t.Fatal(err)
		}
		w.sign = func(st certs.Statement, excerpt []byte) ([]byte, error) {
			papers++
			pdf, err := certs.Issue(st, excerpt, nil, signers[w.sticks[0].ID], w.clock.Now())
			if err != nil {
				w.violation("issue: %v", err)
				return pdf, err
			}
			rep := verify.File(st.Number+".pdf", pdf, verify.Options{Trust: trust, Now: w.clock.Now()})
			if rep.Code != verify.ClassificationUnsigned {
				w.violation("paper %s: code %d: %+v", st.Number, rep.Code, rep.Findings)
			}
			return pdf, nil
		}
		w.live()
		for _, v := range w.wrong {
			t.Errorf("seed %d: %s", seed, v)
		}
	}
	if papers == 0 {
		t.Error("no paper was issued")
	}
	t.Logf("%d papers", papers)
}
