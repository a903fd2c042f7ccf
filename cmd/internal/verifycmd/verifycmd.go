// Package verifycmd is the command that checks certificates: the whole of
// massho-verify, and `massho-office verify`.
package verifycmd

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
)

// Env is what the command needs from the program around it.
type Env struct {
	Prog      string // how the command is called
	Out, Err  io.Writer
	Now       time.Time
	ConfigDir string // the user's; trust roots lie in massho/trust under it; may be empty
}

const usage = `使い方: %[1]s ファイル|フォルダ… --trust root.pem [--json] [--complete]

massho の書面（PDF）を、ネットワークなしで検査します。フォルダは中の *.pdf をすべて調べます。
  --trust root.pem   信頼する団体の認証局。繰り返せます。同じフォルダの revoked.pem（失効リスト）も読みます。
                     省略すると %[2]s の *.pem を使います。書面やUSBから読むことはありません。
  --json             1件1行のJSON（最後の行は要約）
  --complete         破壊待ち・未完了の書面を合格としない
終了コード: 0 有効 / 2 使い方 / 3 信頼するファイルが読めない / 10 読めない / 11 署名なし / 12 改変 /
  13 署名者不明 / 14 失効・期間外 / 15 紙面と添付が不一致 / 16 書式 / 17 ルールパック不明 / 18 判定が不一致 /
  19 訓練と本番の混在 / 20 案件が支えない / 21 ジャーナルが支えない / 22 番号の重複 / 23 分類が未署名 /
  24 要確認 / 25 未完了（--complete）。複数あるときは、最も悪いもの（小さい番号）。
`

// options of one call.
type options struct {
	paths    []string
	trust    []string
	json     bool
	complete bool
}

// Run checks what args name and returns the exit code.
func Run(args []string, env Env) int {
	o, err := parse(args, env)
	if errors.Is(err, flag.ErrHelp) {
		help(env.Out, env)
		return int(verify.Valid)
	}
	if err == nil && len(o.paths) == 0 {
		err = errors.New("調べるファイルかフォルダを指定してください")
	}
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n\n", env.Prog, err)
		help(env.Err, env)
		return int(verify.Usage)
	}
	trust, code, err := readTrust(o.trust, env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return int(code)
	}
	reports := verify.Many(collect(o.paths), verify.Options{Trust: trust, Now: env.Now, Complete: o.complete})
	if err := show(reports, o.json, env.Out); err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return int(verify.Failure)
	}
	return int(verify.Summarise(reports).Code)
}

func help(w io.Writer, env Env) {
	fmt.Fprintf(w, usage, env.Prog, filepath.Join(or(env.ConfigDir, "(ユーザー設定)"), "massho", "trust"))
}

func or(s, t string) string {
	if s == "" {
		return t
	}
	return s
}

// parse takes options before, between and behind the files.
func parse(args []string, env Env) (options, error) {
	var o options
	f := flag.NewFlagSet(env.Prog, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Func("trust", "", func(s string) error { o.trust = append(o.trust, s); return nil })
	f.BoolVar(&o.json, "json", false, "")
	f.BoolVar(&o.complete, "complete", false, "")
	for {
		if err := f.Parse(args); err != nil {
			return o, err
		}
		rest := f.Args()
		if len(rest) == 0 {
			return o, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			o.paths = append(o.paths, rest...)
			return o, nil
		}
		o.paths = append(o.paths, rest[0])
		args = rest[1:]
	}
}

// fileRevoked is the revocation list beside a root.
const fileRevoked = "revoked.pem"

// readTrust reads the named roots, or those of the user's trust folder.
func readTrust(names []string, env Env) (keys.Trust, verify.Code, error) {
	if len(names) == 0 && env.ConfigDir != "" {
		found, err := filepath.Glob(filepath.Join(env.ConfigDir, "massho", "trust", "*.pem"))
		if err != nil {
			return keys.Trust{}, verify.TrustUnreadable, err
		}
		names = found
	}
	if len(names) == 0 {
		return keys.Trust{}, verify.Usage, errors.New("信頼する団体の認証局を --trust root.pem で指定してください。root.pem は団体の担当から受け取ります（USBや書面からは読みません）")
	}
	seen := map[string]bool{}
	var files [][]byte
	for _, n := range names {
		list := filepath.Join(filepath.Dir(n), fileRevoked)
		for _, name := range []string{n, list} {
			b, err := os.ReadFile(name)
			if name == list && errors.Is(err, fs.ErrNotExist) || seen[name] {
				continue
			}
			if err != nil {
				return keys.Trust{}, verify.TrustUnreadable, fmt.Errorf("信頼するファイルが読めません: %w", err)
			}
			seen[name] = true
			files = append(files, b)
		}
	}
	t, err := keys.ParseTrust(files...)
	if err != nil {
		return t, verify.TrustUnreadable, fmt.Errorf("信頼するファイルが使えません。団体の担当から受け取り直してください: %w", err)
	}
	return t, verify.Valid, nil
}

// maxFile is larger than any certificate.
const maxFile = 256 << 20

// collect reads files, and every *.pdf of folders. What cannot be read is in
// the list all the same.
func collect(paths []string) []verify.Named {
	var out []verify.Named
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			out = append(out, verify.Named{Name: p, Err: err})
		case info.IsDir():
			found := folder(p)
			if len(found) == 0 {
				found = []verify.Named{{Name: p, Err: errors.New("no *.pdf in this folder")}}
			}
			out = append(out, found...)
		default:
			out = append(out, read(p))
		}
	}
	return out
}

func folder(dir string) []verify.Named {
	var out []verify.Named
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, verify.Named{Name: p, Err: err})
		case !d.IsDir() && strings.EqualFold(filepath.Ext(p), ".pdf") && !strings.HasPrefix(d.Name(), "._"):
			// "._x.pdf" is what macOS leaves beside x.pdf on FAT.
			out = append(out, read(p))
		}
		return nil
	})
	if err != nil {
		out = append(out, verify.Named{Name: dir, Err: err})
	}
	return out
}

func read(p string) verify.Named {
	if info, err := os.Stat(p); err == nil && info.Size() > maxFile {
		return verify.Named{Name: p, Err: fmt.Errorf("%d bytes: larger than any certificate", info.Size())}
	}
	b, err := os.ReadFile(p)
	return verify.Named{Name: p, Data: b, Err: err}
}

// show prints all reports and the summary. When a paper of training is among
// them, the first line says so.
func show(reports []verify.Report, asJSON bool, w io.Writer) error {
	s := verify.Summarise(reports)
	if asJSON {
		return showJSON(reports, s, w)
	}
	if s.Training > 0 {
		if _, err := fmt.Fprintf(w, "訓練: %d 件のうち %d 件は訓練の書面であり、効力を持たない。\n", s.Files, s.Training); err != nil {
			return err
		}
	}
	for _, r := range reports {
		if _, err := io.WriteString(w, r.Text()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d 件のうち %d 件が有効。終了コード %d\n", s.Files, s.Valid, s.Code)
	return err
}

func showJSON(reports []verify.Report, s verify.Summary, w io.Writer) error {
	for _, r := range reports {
		b, err := r.JSON()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	b, err := s.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
