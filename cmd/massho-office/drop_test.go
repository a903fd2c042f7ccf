package main

import (
	"slices"
	"testing"
)

func TestDropped(t *testing.T) {
	there := map[string]bool{"E:": true, "E:/records": true, "E:/case": true, "F:": true, "F:/EVIDENCE/records": true, "F:/EVIDENCE/case": true, "a.pdf": true, "B.PDF": true,
		"list.xlsx": true, "list.csv": true, "notes.txt": true, "folder": true}
	for name, c := range map[string]struct{ in, want []string }{
		"a stick":               {[]string{"E:"}, []string{"collect", "E:"}},
		"sticks":                {[]string{"E:", "F:"}, []string{"collect", "E:", "F:"}},
		"papers":                {[]string{"a.pdf", "B.PDF"}, []string{"verify", "a.pdf", "B.PDF"}},
		"a list":                {[]string{"list.xlsx"}, []string{"ledger", "list.xlsx"}},
		"a stick and a paper":   {[]string{"E:", "a.pdf"}, []string{"E:", "a.pdf"}},
		"something else":        {[]string{"notes.txt"}, []string{"notes.txt"}},
		"a folder":              {[]string{"folder"}, []string{"folder"}},
		"a command":             {[]string{"collect", "E:"}, []string{"collect", "E:"}},
		"a command's own words": {[]string{"ledger", "list.csv"}, []string{"ledger", "list.csv"}},
		"nothing":               {nil, nil},
		"what is not there":     {[]string{"gone.pdf"}, []string{"gone.pdf"}},
	} {
		if got := dropped(c.in, func(p string) bool { return there[p] }); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
