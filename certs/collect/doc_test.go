package collect

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of codes again")

// TestCodesAreWrittenDown keeps the table in OFFICE.md that of the code.
func TestCodesAreWrittenDown(t *testing.T) {
	const file = "../OFFICE.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const head = "| Code | Level | Means |\n|---|---|---|\n"
	before, after, ok := strings.Cut(string(b), head)
	if !ok {
		t.Fatal("no table of findings")
	}
	rest := ""
	if i := strings.Index(after, "\n\n"); i >= 0 {
		rest = after[i+1:]
	}
	var table strings.Builder
	for _, c := range Codes() {
		k := kinds[c]
		fmt.Fprintf(&table, "| `%s` | %s | %s — %s |\n", c, k.level.Label().En, k.text.Ja, k.text.En)
	}
	want := before + head + table.String() + rest
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(b) {
		t.Error("the table in OFFICE.md is not that of the code: go test ./certs/collect -run Written -update")
	}
}
