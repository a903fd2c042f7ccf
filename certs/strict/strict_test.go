package strict

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

type inner struct {
	X int `json:"x"`
}

type embedded struct {
	E string `json:"e"`
}

type outer struct {
	embedded
	A    string            `json:"a"`
	In   *inner            `json:"in"`
	List []inner           `json:"list"`
	Free map[string]string `json:"free"`
	When time.Time         `json:"when"`
	Raw  json.RawMessage   `json:"raw"`
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ name, in, wrong string }{
		{"all", `{"a":"1","in":{"x":1},"list":[{"x":2}],"free":{"k":"v"},"when":"2026-01-02T03:04:05Z","raw":{"Any":1},"e":"z"}`, ""},
		{"null", `{"in":null}`, ""},
		{"unknown member", `{"b":1}`, "unknown field"},
		{"unknown member inside", `{"list":[{"y":1}]}`, "unknown field"},
		{"other case", `{"A":"1"}`, "upper and lower case"},
		{"other case inside", `{"in":{"X":1}}`, "upper and lower case"},
		{"double member", `{"a":"1","a":"2"}`, "given twice"},
		{"double member inside", `{"free":{"k":"v","k":"w"}}`, "given twice"},
		{"something behind", `{} {}`, "follows"},
		{"brace behind", `{}}`, "follows"},
		{"cut off", `{"a":`, "EOF"},
		{"wrong type", `{"a":1}`, "cannot unmarshal"},
		{"empty", ``, "EOF"},
	} {
		var v outer
		err := Decode([]byte(c.in), &v)
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%s: %v, want %q", c.name, err, c.wrong)
		}
	}
}

// FuzzDecode: what is accepted, encoding/json accepts too.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"a":"1","in":{"x":1},"list":[{"x":2}]}`))
	f.Add([]byte(`[[[`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v, w outer
		if Decode(b, &v) == nil && json.Unmarshal(b, &w) != nil {
			t.Fatal("accepted what encoding/json refuses")
		}
	})
}
