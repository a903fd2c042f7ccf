package manual

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := Markdown(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFiles(t *testing.T) {
	docs, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	for name, page := range docs {
		for _, want := range []string{"<table>", "<h2>", "data:image/png;base64,iVBORw0KGgo", `lang="ja"`, "@page"} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("%s holds no %s", name, want)
			}
		}
		// What Markdown did not take for markup, and what would need a network
		// or a file beside the page.
		text := regexp.MustCompile(`(?s)<pre>.*?</pre>|<code>.*?</code>|data:image/png;base64,[A-Za-z0-9+/=]+`).ReplaceAllString(string(page), "")
		for _, bad := range []string{"**", "|--", "](", "http://", "https://", "screens/", "<!-- raw HTML omitted -->", "```"} {
			if at := strings.Index(text, bad); at >= 0 {
				t.Errorf("%s holds %q: …%s…", name, bad, text[max(0, at-60):min(len(text), at+60)])
			}
		}
	}
	again, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for name := range docs {
		if !bytes.Equal(docs[name], again[name]) {
			t.Errorf("%s differs from one call to the next", name)
		}
	}
}

// TestPicturesAreUsed: what no document shows need not lie on every stick.
func TestPicturesAreUsed(t *testing.T) {
	all := read(t, Procedure) + read(t, Guide)
	pictures, err := fs.Glob(sources, "screens/*.png")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("%d pictures, %v", len(pictures), err)
	}
	for _, p := range pictures {
		if !strings.Contains(all, "("+p+")") {
			t.Errorf("%s is shown nowhere", p)
		}
	}
}

// TestReferences: a number in brackets names a chapter that is there.
func TestReferences(t *testing.T) {
	text := read(t, Procedure)
	there := map[string]bool{}
	for _, h := range regexp.MustCompile(`(?m)^##+ (?:付録)?([0-9A-C](?:\.[0-9]+)?)[ .]`).FindAllStringSubmatch(text, -1) {
		there[h[1]] = true
	}
	if len(there) < 40 {
		t.Fatalf("only %d headings: %v", len(there), there)
	}
	for _, name := range []string{Procedure, Guide} {
		for _, ref := range regexp.MustCompile(`(?:^|[^0-9.])([1-8A-C]\.[0-9]+)(?:[）、。をでから|の]| \|)`).FindAllStringSubmatch(read(t, name), -1) {
			if !there[ref[1]] {
				t.Errorf("%s refers to %s, which is no heading (%q)", name, ref[1], ref[0])
			}
		}
	}
}

// TestWords: what a 市役所 must not read here, and the legal words that have to
// stand letter by letter.
func TestWords(t *testing.T) {
	for _, name := range []string{Procedure, Guide} {
		text := read(t, name)
		for _, bad := range []string{"成功", "簡単", "安心", "完全に消去", "絶対", "準拠し", "ワイプ", "/root", "/tmp"} {
			if bad == "準拠し" && strings.Count(text, bad) == strings.Count(text, "準拠しているとは言いません") {
				continue
			}
			if strings.Contains(text, bad) {
				t.Errorf("%s says %q", name, bad)
			}
		}
		for _, want := range []string{"分解・粉砕・溶解・焼却・細断", "破壊の完了証明書", "検証済み", "破壊待ち"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
	text := read(t, Procedure)
	for _, want := range []string{"抹消措置の完了証明書", "消去作業完了確認書", "庁舎内消去記録（破壊待ち）", "消去・抹消 未完了報告書",
		"本記録は図表41(1)の物理的破壊の完了を証明するものではない", "装置の自己申告に依拠。媒体内部は未確認",
		"カメラによるリアルタイムでの監視やカメラ映像の記録の確認などで代替できる", "情報の機密性に応じた機器の廃棄等の方法"} {
		if !strings.Contains(text, want) {
			t.Errorf("操作手順書 does not say %q", want)
		}
	}
}
