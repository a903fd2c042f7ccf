package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/folder"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/tsa"
)

// exitNotStamped: at least one file got no time stamp.
const exitNotStamped = 36

// dirTSA holds certificates of time stamping authorities in the office's folder.
const dirTSA = "tsa"

type timestampOptions struct {
	office
	url      string
	tsa      []string
	requests string // folder to write requests into
	replies  string // folder with replies
	again    bool
}

func (a *app) timestampCommand() *cobra.Command {
	var o timestampOptions
	c := &cobra.Command{
		Use:   "timestamp FILE|DIR…",
		Short: a.t("署名済みの書面にタイムスタンプ（RFC 3161）を加える", "put RFC 3161 time stamps on signed papers"),
		Long: a.t(`時刻認証局のタイムスタンプは、書面がその時刻に存在したことを示します。USBや職員の鍵の期間が
終わった後、また失効した後も、それより前の署名であることを確かめられます。
送るのは書面のハッシュだけで、書面そのものは送りません。

ネットワークのあるPCでは:  massho-office timestamp --office O --url http://… 書面フォルダ
ネットワークのないPCでは:
  1. massho-office timestamp --office O --requests DIR 書面フォルダ   （DIR に *.tsq ができる）
  2. 別のPCで各 *.tsq を時刻認証局へ送り、同じ名前の *.tsr を受け取る
  3. massho-office timestamp --office O --replies DIR 書面フォルダ

時刻認証局の証明書は、認証局から別の方法で受け取り、保管フォルダの tsa に *.pem として置くか、
--tsa で指定します。`, `A time stamp shows that a paper existed at a time: signatures under it hold after the
keys of sticks and staff are over or revoked. Only the paper's hash is sent.

With a network:    massho-office timestamp --office O --url http://… FOLDER
Without:           --requests DIR writes *.tsq; send each from another PC, put the
                   replies beside them as *.tsr, then --replies DIR.

Certificates of time stamping authorities lie in the folder tsa of the office,
or are named by --tsa.`),
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.timestamp(o, args) },
	}
	c.Flags().StringVar(&o.dir, "office", "", a.t("庁内の保管フォルダ（必須）", "the office's folder (required)"))
	c.Flags().StringVar(&o.url, "url", "", a.t("時刻認証局のURL", "URL of the time stamping authority"))
	c.Flags().StringArrayVar(&o.tsa, "tsa", nil, a.t("時刻認証局の証明書・失効リスト（繰り返せる。省略時は保管フォルダの tsa）", "certificates and lists of the authority (default: folder tsa of the office)"))
	c.Flags().StringVar(&o.requests, "requests", "", a.t("要求 (*.tsq) を書くフォルダ", "folder to write requests (*.tsq) into"))
	c.Flags().StringVar(&o.replies, "replies", "", a.t("応答 (*.tsr) のあるフォルダ", "folder with replies (*.tsr)"))
	c.Flags().BoolVar(&o.again, "again", false, a.t("既にタイムスタンプのある書面にも重ねる（更新）", "also papers that end with a time stamp (renewal)"))
	return c
}

// timestamp goes through all files; what goes wrong with one keeps no other
// from being stamped.
func (a *app) timestamp(o timestampOptions, paths []string) error {
	if err := o.check(); err != nil {
		return err
	}
	if n := len(slices.DeleteFunc([]string{o.url, o.requests, o.replies}, func(s string) bool { return s == "" })); n != 1 {
		return fail(exitUsage, nil, "--url、--requests、--replies のどれか一つを指定してください。", "Give one of --url, --requests and --replies.")
	}
	w, err := a.stamper(o)
	if err != nil {
		return err
	}
	files, err := papers(paths)
	if err != nil {
		return fail(exitInvalid, err, "書面を読めません。", "The papers cannot be read.")
	}
	bad := 0
	for _, f := range files {
		said, err := w.file(f)
		if err != nil {
			bad++
			fmt.Fprintf(a.err, "%s: %v\n", f, err)
			continue
		}
		fmt.Fprintf(a.out, "%s: %s\n", f, said)
	}
	if bad > 0 {
		return fail(exitNotStamped, nil, fmt.Sprintf("%d 件中 %d 件にタイムスタンプがありません。理由は上のとおりです。直してから、同じ命令をもう一度実行してください。", len(files), bad),
			fmt.Sprintf("%d of %d files got no time stamp; see above, then run the same command again.", bad, len(files)))
	}
	return nil
}

// papers are the files named, and the *.pdf of folders.
func papers(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, p)
			continue
		}
		found, err := filepath.Glob(filepath.Join(p, "*.pdf"))
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(found, func(f string) bool { return strings.HasPrefix(filepath.Base(f), "._") })...)
	}
	if len(out) == 0 {
		return nil, errors.New("no *.pdf")
	}
	return out, nil
}

// stamper puts time stamps on files of one authority.
type stamper struct {
	a     *app
	o     timestampOptions
	root  *x509.Certificate
	trust tsa.Trust
	store pades.Store // what a later checker may want
}

func (a *app) stamper(o timestampOptions) (*stamper, error) {
	w := &stamper{a: a, o: o}
	pem, err := os.ReadFile(o.path(fileRoot))
	if err != nil {
		return nil, fail(exitInvalid, err, "認証局がありません。先に massho-office keys init を実行してください。", "There is no authority here; run massho-office keys init first.")
	}
	chain, err := keys.DecodeCerts(pem)
	if err != nil {
		return nil, err
	}
	w.root = chain[0]
	names := o.tsa
	if len(names) == 0 {
		if names, err = filepath.Glob(o.path(dirTSA, "*.pem")); err != nil {
			return nil, err
		}
	}
	var files [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, fail(exitInvalid, err, "時刻認証局の証明書を読めません。", "The authority's certificate cannot be read.")
		}
		files = append(files, b)
	}
	if w.trust, err = tsa.ParseTrust(files...); err != nil {
		return nil, fail(exitInvalid, err, "時刻認証局の証明書を、保管フォルダの tsa に *.pem として置くか、--tsa で指定してください。",
			"Put the certificate of the time stamping authority into the folder tsa of the office, or name it with --tsa.")
	}
	list, err := o.revoked()
	if err != nil {
		return nil, err
	}
	w.store = pades.Store{Certs: append(append([]*x509.Certificate{w.root}, w.trust.Roots...), w.trust.Others...), Lists: w.trust.Lists}
	if list != nil {
		w.store.Lists = append([]*x509.RevocationList{list}, w.store.Lists...)
	}
	return w, nil
}

// file stamps one paper and says what was done.
func (w *stamper) file(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	doc, err := w.ours(b)
	if err != nil {
		return "", err
	}
	if doc.Revisions[len(doc.Revisions)-1].Stamp != nil && !w.o.again {
		return w.a.t("既にタイムスタンプがあります。", "it has a time stamp already"), nil
	}
	if fresh := missing(w.store, doc.Stores); len(fresh.Certs)+len(fresh.Lists) > 0 {
		if b, err = pades.AppendStore(b, fresh); err != nil {
			return "", err
		}
	}
	s, err := pades.BeginStamp(b)
	if err != nil {
		return "", err
	}
	if w.o.requests != "" {
		return w.request(path, s)
	}
	token, err := w.token(path, s)
	if err != nil {
		return "", err
	}
	stamp, err := tsa.Check(token, s.Digest)
	if err != nil {
		return "", err
	}
	if err := w.trust.Judge(stamp, now()); err != nil {
		return "", fmt.Errorf("%w: %s", err, w.a.t("--tsa の証明書が、この時刻認証局のものかを確かめてください", "see whether --tsa is this authority's"))
	}
	out, err := s.Finish(token)
	if err != nil {
		return "", err
	}
	if err := folder.At(filepath.Dir(path)).Extend(filepath.Base(path), out); err != nil {
		return "", err
	}
	return fmt.Sprintf(w.a.t("タイムスタンプ %s（%s）を加え、読み戻して確かめました。", "time stamp %s (%s), read back"),
		stamp.Time.Local().Format("2006-01-02 15:04:05 -07:00"), stamp.Signer.Subject.CommonName), nil
}

// ours wants every signature to be by a key that this authority issued.
func (w *stamper) ours(b []byte) (*pades.Document, error) {
	doc, err := pades.Check(b)
	if err != nil {
		return nil, err
	}
	for _, sig := range doc.Signatures {
		if s, err := (keys.Trust{Roots: []*x509.Certificate{w.root}}).Check(sig.Signer, sig.Time); s.Cert == nil {
			return nil, fmt.Errorf("%w: %s", err, w.a.t("この団体の書面ではありません", "not a paper of this authority"))
		}
	}
	return doc, nil
}

// missing is what of want no store holds yet.
func missing(want pades.Store, have []pades.Store) pades.Store {
	holds := func(raw []byte) bool {
		return slices.ContainsFunc(have, func(s pades.Store) bool {
			return slices.ContainsFunc(s.Certs, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, raw) }) ||
				slices.ContainsFunc(s.Lists, func(l *x509.RevocationList) bool { return bytes.Equal(l.Raw, raw) })
		})
	}
	return pades.Store{
		Certs: slices.DeleteFunc(slices.Clone(want.Certs), func(c *x509.Certificate) bool { return holds(c.Raw) }),
		Lists: slices.DeleteFunc(slices.Clone(want.Lists), func(l *x509.RevocationList) bool { return holds(l.Raw) }),
	}
}

// request writes what is to be sent from a PC with a network.
func (w *stamper) request(path string, s pades.Stamping) (string, error) {
	req, _, err := tsa.Request(s.Digest, rand.Reader)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(w.o.requests, 0o755); err != nil {
		return "", err
	}
	name := filepath.Join(w.o.requests, stem(path)+".tsq")
	if err := folder.At(w.o.requests).Replace(stem(path)+".tsq", req); err != nil {
		return "", err
	}
	return fmt.Sprintf(w.a.t("要求を書きました: %s（送り方の例: curl -H \"Content-Type: application/timestamp-query\" --data-binary @%s.tsq URL -o %s.tsr）",
		"request written: %s (send it for instance with: curl -H \"Content-Type: application/timestamp-query\" --data-binary @%s.tsq URL -o %s.tsr)"),
		name, stem(path), stem(path)), nil
}

func stem(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }
