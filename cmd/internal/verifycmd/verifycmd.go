// Package verifycmd is the command that checks certificates: the whole of
// massho-verify, and `massho-office verify`.
//
//	PROG FILE|DIR… [--trust root.pem] [--tsa tsa.pem] [--json] [--complete]
//	PROG camera --code XXXX-XXXX-XXXX FILE|DIR…
//	PROG trust add|list|remove …
package verifycmd

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/massho/massho/certs/verify"
)

// Env is what the command needs from the program around it.
type Env struct {
	Prog      string // how the command is called
	In        io.Reader
	Out, Err  io.Writer
	Now       time.Time
	ConfigDir string // the user's; trust roots lie in massho/trust under it; may be empty
	// Clicked: a person started the program with a double click, or dropped files
	// on it. The window vanishes with the program, so it waits for a key.
	Clicked bool
}

const usage = `使い方: %[1]s ファイル|フォルダ… [--trust root.pem] [--tsa tsa.pem] [--json] [--complete]
        %[1]s camera --code XXXX-XXXX-XXXX ファイル|フォルダ…
        %[1]s trust add root.pem | trust add --tsa tsa.pem | trust list | trust remove 指紋

massho の書面（PDF）を、ネットワークなしで検査します。フォルダは中の *.pdf をすべて調べます。
一緒に渡した却下・訂正・取消・再発行、破壊の完了証明書、総括表とも突き合わせます。
Windows では、書面やフォルダをこのプログラムのアイコンへドラッグしても検査できます。
  --trust root.pem   信頼する団体の認証局。繰り返せます。同じフォルダの revoked.pem（失効リスト）も読みます。
                     省略すると trust add で加えたもの（%[2]s）を使います。
                     書面やUSBから読むことはありません。
  --tsa tsa.pem      信頼する時刻認証局。繰り返せます。省略すると trust add --tsa で加えたものを使います。
  --json             1件1行のJSON（最後の行は要約）
  --complete         破壊待ち・未完了の書面を合格としない
camera  撮影された画面の符号（4桁×3）を、添付のジャーナルから探します。
trust   信頼する認証局を、この利用者のために覚えます。指紋は団体の担当に別の方法で確かめてください。
終了コード: 0 有効 / 2 使い方 / 3 信頼するファイルが読めない / 10 読めない / 11 署名なし / 12 改変 /
  13 署名者不明 / 14 失効・期間外 / 15 紙面と添付が不一致 / 16 書式 / 17 ルールパック不明 / 18 判定が不一致 /
  19 訓練と本番の混在 / 20 案件が支えない / 21 ジャーナルが支えない / 22 番号の重複 / 23 分類が未署名 /
  24 要確認（鍵の期間が終わり、署名の時刻の上限なし） / 25 未完了（--complete） / 26 後の書面により無効 /
  27 要確認（書体がないなど、調べきれない） / 28 符号が見つからない（camera） /
  29 要確認（失効した鍵で、署名の時刻の上限なし） / 30 参照し合う書面が不一致。
  複数あるときは、最も悪いもの（小さい番号）。
`

// options of one call.
type options struct {
	paths    []string
	trust    []string
	tsa      []string
	code     string // of a film
	json     bool
	complete bool
}

// Run does what args ask for and returns the exit code.
func Run(args []string, env Env) int {
	code := dispatch(args, env)
	if env.Clicked {
		fmt.Fprint(env.Out, "\nEnter キーで終わります。")
		waitForEnter(env.In)
	}
	return int(code)
}

// waitForEnter reads one line; the end of the input is as good.
func waitForEnter(r io.Reader) {
	if r != nil {
		_, _ = bufio.NewReader(r).ReadString('\n') // only waiting: whatever it was, the work is done
	}
}

func dispatch(args []string, env Env) verify.Code {
	switch {
	case len(args) > 0 && args[0] == "camera":
		return camera(args[1:], env)
	case len(args) > 0 && args[0] == "trust":
		return trustCommand(args[1:], env)
	case env.Clicked && onlyTrustFiles(args):
		return askToTrust(args, env)
	}
	return check(args, env)
}

// onlyTrustFiles: what was dropped is a root, not a paper.
func onlyTrustFiles(args []string) bool {
	for _, a := range args {
		if !strings.EqualFold(filepath.Ext(a), ".pem") {
			return false
		}
	}
	return len(args) > 0
}

func check(args []string, env Env) verify.Code {
	o, err := parse(args, env.Prog)
	if errors.Is(err, flag.ErrHelp) {
		help(env.Out, env)
		return verify.Valid
	}
	if err == nil && o.code != "" {
		err = errors.New("--code は camera とともに指定してください")
	}
	if err == nil && len(o.paths) == 0 {
		err = errors.New("調べるファイルかフォルダを指定してください")
	}
	if err != nil {
		return misused(err, env)
	}
	opt, code, err := o.checking(env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return code
	}
	reports := verify.Many(gather(o.paths, extPaper), opt)
	if err := show(reports, o.json, env.Out); err != nil {
		return failed(err, env)
	}
	return verify.Summarise(reports).Code
}

// camera looks for a code that was read off a film.
func camera(args []string, env Env) verify.Code {
	o, err := parse(args, env.Prog)
	if errors.Is(err, flag.ErrHelp) {
		help(env.Out, env)
		return verify.Valid
	}
	switch {
	case err != nil:
	case !verify.FilmCode(o.code):
		err = errors.New("--code に、画面の符号（英数字4桁×3、例 7ZK3-9QWE-1M0P）を指定してください")
	case len(o.paths) == 0:
		err = errors.New("符号を探す書面、ジャーナル、またはフォルダを指定してください")
	}
	if err != nil {
		return misused(err, env)
	}
	opt, code, err := o.checking(env)
	if err != nil {
		fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
		return code
	}
	all := verify.Camera(gather(o.paths, extPaper, extJournal), o.code, opt)
	if err := showFilmed(all, o, env.Out); err != nil {
		return failed(err, env)
	}
	return verify.CameraCode(all)
}

// checking is what a check needs from the reader.
func (o options) checking(env Env) (verify.Options, verify.Code, error) {
	trust, code, err := readTrust(o.trust, env)
	if err != nil {
		return verify.Options{}, code, err
	}
	stamps, err := readTSA(o.tsa, env)
	if err != nil {
		return verify.Options{}, verify.TrustUnreadable, err
	}
	return verify.Options{Trust: trust, Stamps: stamps, Now: env.Now, Complete: o.complete}, verify.Valid, nil
}

func misused(err error, env Env) verify.Code {
	fmt.Fprintf(env.Err, "%s: %v\n\n", env.Prog, err)
	help(env.Err, env)
	return verify.Usage
}

func failed(err error, env Env) verify.Code {
	fmt.Fprintf(env.Err, "%s: %v\n", env.Prog, err)
	return verify.Failure
}

func help(w io.Writer, env Env) {
	fmt.Fprintf(w, usage, env.Prog, or(storeDir(env), "利用者の設定フォルダの massho/trust"))
}

func or(s, t string) string {
	if s == "" {
		return t
	}
	return s
}

// parse takes options before, between and behind the files.
func parse(args []string, prog string) (options, error) {
	var o options
	f := flag.NewFlagSet(prog, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Func("trust", "", func(s string) error { o.trust = append(o.trust, s); return nil })
	f.Func("tsa", "", func(s string) error { o.tsa = append(o.tsa, s); return nil })
	f.StringVar(&o.code, "code", "", "")
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

// exists tells a file that is not there from one that cannot be read.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
