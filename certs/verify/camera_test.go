package verify

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func TestCamera(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	s := a.Statement(rules.Row2)
	log, err := journal.ParseExcerpt(sample.Journal(t, &s))
	if err != nil {
		t.Fatal(err)
	}
	paper, other := a.Issue(t, a.Statement(rules.Row2)), a.Issue(t, a.Statement(rules.Row3))
	altered := bytes.Clone(paper)
	altered[len(altered)-9] ^= 1
	raw := append(log.Bytes(), make([]byte, 1<<20-len(log.Bytes()))...) // as it lies on the stick
	torn := bytes.Clone(raw[:len(raw)/2])
	first, last := journal.Code(log.Records[1].Hash), log.Code()
	stranger := sample.New(t, false)
	for _, c := range []struct {
		name  string
		files []Named
		code  string
		trust keys.Trust
		want  Code
		seq   uint64
		found int
	}{
		{"the head", []Named{{Name: "a", Data: paper}}, last, a.Trust(), Valid, 3, 1},
		{"an intent, read badly", []Named{{Name: "a", Data: paper}}, strings.ToLower(strings.NewReplacer("-", " ", "0", "o", "1", "l").Replace(first)), a.Trust(), Valid, 1, 1},
		{"among several", []Named{{Name: "b", Data: other}, {Name: "a", Data: paper}}, first, a.Trust(), Valid, 1, 1},
		{"the journal itself", []Named{{Name: "j", Data: raw}}, first, a.Trust(), Unsigned, 1, 1},
		{"paper and journal", []Named{{Name: "a", Data: paper}, {Name: "j", Data: raw}}, first, a.Trust(), Unsigned, 1, 2},
		{"of another run", []Named{{Name: "b", Data: other}}, first, a.Trust(), CodeNotFound, 0, 0},
		{"nobody's code", []Named{{Name: "a", Data: paper}}, "0000-0000-0000", a.Trust(), CodeNotFound, 0, 0},
		{"a paper of a stranger", []Named{{Name: "a", Data: paper}}, first, stranger.Trust(), UnknownSigner, 0, 0},
		{"an altered paper", []Named{{Name: "a", Data: altered}}, first, a.Trust(), Altered, 0, 0},
		{"not found, and one could not be read", []Named{{Name: "b", Data: other}, {Name: "x", Err: os.ErrPermission}}, first, a.Trust(), Unreadable, 0, 0},
		{"found, and one could not be read", []Named{{Name: "a", Data: paper}, {Name: "x", Err: os.ErrPermission}}, first, a.Trust(), Valid, 1, 1},
		{"a journal cut short, found before the cut", []Named{{Name: "j", Data: torn}}, first, a.Trust(), JournalDiffers, 1, 1},
		{"a broken journal", []Named{{Name: "j", Data: append([]byte("MSHJ"), raw[8:]...)}}, first, a.Trust(), Unreadable, 0, 0},
		{"no file", nil, first, a.Trust(), CodeNotFound, 0, 0},
	} {
		o := options(a)
		o.Trust = c.trust
		all := Camera(c.files, c.code, o)
		found, text := 0, ""
		for _, r := range all {
			text += r.Text()
			if !r.Found {
				continue
			}
			found++
			if r.Seq != c.seq || r.Later != len(log.Records)-1-int(c.seq) || r.Hash != log.Records[c.seq].Hash.String() || len(r.Before) != int(c.seq)+1 {
				t.Errorf("%s: %+v", c.name, r)
			}
			if !strings.Contains(r.Text(), "撮影された時点で、この記録と、それより前のすべての記録が存在していた") {
				t.Errorf("%s: it does not say what it proves", c.name)
			}
		}
		if got := CameraCode(all); got != c.want || found != c.found {
			t.Errorf("%s: code %d, %d found; want %d, %d\n%s", c.name, got, found, c.want, c.found, text)
		}
	}
}

func TestFilmCode(t *testing.T) {
	for code, want := range map[string]bool{
		"7ZK3-9QWE-1M0P": true, "7zk3 9qwe 1m0p": true, "7ZK39QWE1MOL": true, "7ZK3-9QWE": false, "": false,
		"7ZK3-9QWE-1M0U": false, "7ZK3-9QWE-1M0P-0": false, "七ZK3-9QWE-1M0P": false,
	} {
		if FilmCode(code) != want {
			t.Errorf("%q: %v", code, !want)
		}
	}
}
