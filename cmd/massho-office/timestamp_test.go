package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/tsa/tsatest"
	"github.com/massho/massho/certs/verify"
)

// bench is an office with one paper, a vector of version 1, and a time stamping
// authority that is openssl ts behind a server of this process.
type bench struct {
	t       *testing.T
	dir     string
	root    []byte
	ts      tsatest.OpenSSL
	url     string
	refuse  bool
	paper   []byte
	out     bytes.Buffer
	queries int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	b := &bench{t: t, dir: t.TempDir(), ts: tsatest.NewOpenSSL(t, "")}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || b.refuse || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return
		}
		b.queries++
		reply, err := b.ts.Reply(query)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(reply) // a client that is gone has its own error
	}))
	t.Cleanup(s.Close)
	b.url = s.URL
	b.root, b.paper = vector(t, "root.pem"), vector(t, "row2.pdf")
	b.put("office/root.pem", b.root)
	b.put("office/tsa/tsa.pem", b.ts.Root)
	b.put("papers/a.pdf", b.paper)
	return b
}

func vector(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "certs", "verify", "testdata", "v1", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) put(name string, data []byte) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(name string) []byte {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// run is the command in the bench's folder; args that name files begin with @.
func (b *bench) run(want int, args ...string) string {
	b.t.Helper()
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "@"); ok {
			args[i] = filepath.Join(b.dir, rest)
		}
	}
	b.out.Reset()
	got := run(append([]string{"timestamp", "--office", filepath.Join(b.dir, "office")}, args...),
		streams{strings.NewReader(""), &b.out, &b.out}, func(string) string { return "" })
	if got != want {
		b.t.Fatalf("%v: %d, want %d\n%s", args, got, want, &b.out)
	}
	return b.out.String()
}

// stamps are the time stamps of a file that verify.File takes for good.
func (b *bench) stamps(name string) (n int) {
	b.t.Helper()
	trust, err := tsa.ParseTrust(b.ts.Root)
	if err != nil {
		b.t.Fatal(err)
	}
	own, err := keys.ParseTrust(b.root)
	if err != nil {
		b.t.Fatal(err)
	}
	r := verify.File(name, b.get(name), verify.Options{Trust: own, Stamps: trust, Now: time.Now()})
	for _, s := range r.Stamps {
		if s.Counts && s.Authority == "openssl TSA" {
			n++
		}
	}
	// The vectors' clock is their own: a stamp by today's may come before it.
	if r.Code != verify.Valid && r.Code != verify.NeedsConfirmation {
		b.t.Errorf("%s", r.Text())
	}
	return n
}

func TestTimestamp(t *testing.T) {
	b := newBench(t)
	if out := b.run(exitDone, "--url", b.url, "@papers"); !strings.Contains(out, "読み戻して確かめました") {
		t.Error(out)
	}
	got := b.get("papers/a.pdf")
	if !bytes.HasPrefix(got, b.paper) || b.stamps("papers/a.pdf") != 1 {
		t.Error("no stamp that counts, or the paper was changed")
	}
	doc, err := pades.Check(got)
	if err != nil || len(doc.Stores) != 1 || len(doc.Stores[0].Certs) != 2 {
		t.Errorf("%+v, %v", doc, err)
	}
	// Again it is left as it is, and with --again it is renewed.
	b.run(exitDone, "--url", b.url, "@papers/a.pdf")
	if b.queries != 1 || !bytes.Equal(b.get("papers/a.pdf"), got) {
		t.Error("a paper that has a stamp was stamped again")
	}
	second := tsatest.NewOpenSSL(t, "")
	b.put("office/tsa/second.pem", second.Root)
	b.run(exitDone, "--url", b.url, "--again", "@papers/a.pdf")
	doc, err = pades.Check(b.get("papers/a.pdf"))
	if err != nil || len(doc.Stamps) != 2 || len(doc.Stores) != 2 || len(doc.Stores[1].Certs) != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
}

// TestTimestampWithoutNetwork: request here, reply from elsewhere.
func TestTimestampWithoutNetwork(t *testing.T) {
	b := newBench(t)
	b.run(exitDone, "--requests", "@tsq", "@papers")
	if !bytes.Equal(b.get("papers/a.pdf"), b.paper) {
		t.Fatal("asking changed the paper")
	}
	b.run(exitNotStamped, "--replies", "@tsq", "@papers") // none there yet
	reply, err := b.ts.Reply(b.get("tsq/a.tsq"))
	if err != nil {
		t.Fatal(err)
	}
	b.put("tsq/a.tsr", reply)
	b.put("papers/b.pdf", vector(t, "stage-a.pdf"))
	b.put("tsq/b.tsr", reply) // the reply for another paper
	out := b.run(exitNotStamped, "--replies", "@tsq", "@papers")
	if b.stamps("papers/a.pdf") != 1 || b.stamps("papers/b.pdf") != 0 || !strings.Contains(out, "2 件中 1 件にタイムスタンプがありません") {
		t.Error(out)
	}
}

// TestTimestampRefuses: nothing is written that would not count.
func TestTimestampRefuses(t *testing.T) {
	b := newBench(t)
	altered := bytes.Clone(b.paper)
	altered[5000] ^= 1
	b.put("papers/altered.pdf", altered)
	b.put("papers/text.pdf", []byte("hello"))
	b.put("stranger.pem", tsatest.NewOpenSSL(t, "").Root)
	before := b.get("papers/a.pdf")
	for name, c := range map[string]struct {
		want int
		args []string
	}{
		"altered":                {exitNotStamped, []string{"--url", b.url, "@papers/altered.pdf"}},
		"no paper":               {exitNotStamped, []string{"--url", b.url, "@papers/text.pdf"}},
		"absent":                 {exitInvalid, []string{"--url", b.url, "@papers/absent.pdf"}},
		"an authority not named": {exitNotStamped, []string{"--url", b.url, "--tsa", "@stranger.pem", "@papers/a.pdf"}},
		"nobody answers":         {exitNotStamped, []string{"--url", "http://127.0.0.1:1/", "@papers/a.pdf"}},
		"neither URL nor folder": {exitUsage, []string{"@papers/a.pdf"}},
		"both":                   {exitUsage, []string{"--url", b.url, "--replies", "@tsq", "@papers/a.pdf"}},
		"the root of papers":     {exitInvalid, []string{"--url", b.url, "--tsa", "@office/root.pem", "@papers/a.pdf"}},
	} {
		t.Log(name)
		b.run(c.want, c.args...)
	}
	other, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Training}, CommonName: "別の市",
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.put("office/root.pem", keys.EncodeCerts(other.Cert))
	if out := b.run(exitNotStamped, "--url", b.url, "@papers/a.pdf"); !strings.Contains(out, "この団体の書面ではありません") {
		t.Error(out)
	}
	b.put("office/root.pem", b.root)
	b.refuse = true
	if out := b.run(exitNotStamped, "--url", b.url, "@papers/a.pdf"); !strings.Contains(out, "503") {
		t.Error(out)
	}
	if !bytes.Equal(b.get("papers/a.pdf"), before) {
		t.Error("a paper was changed")
	}
}
