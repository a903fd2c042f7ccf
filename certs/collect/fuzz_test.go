package collect

import (
	"testing"
	"testing/fstest"
)

// FuzzRead: whatever lies on a stick, it is read without harm and nothing of it
// is believed: no sound paper comes of bytes that nobody signed.
func FuzzRead(f *testing.F) {
	d := newDay(f)
	s := d.first()
	for name, file := range s.fs {
		if len(Trim(file.Data)) < 8192 {
			f.Add(name, Trim(file.Data))
		}
	}
	f.Add("records/x.pdf", []byte("%PDF-1.7\n"))
	f.Add("journals/x.mjl", make([]byte, 1024))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		fs := fstest.MapFS{"case/stick.crt.pem": s.fs["case/stick.crt.pem"], "case/stick.json": s.fs["case/stick.json"]}
		fs["journals/"+"a.mjl"] = &fstest.MapFile{Data: data}
		fs["records/a.pdf"] = &fstest.MapFile{Data: data}
		if len(name) < 200 {
			fs["numbers/"+name] = &fstest.MapFile{}
		}
		st := Read("E:", fs)
		for _, file := range st.Files {
			if isJournal(file.Path) && int64(len(file.Data)) > file.Size {
				t.Fatalf("%s grew", file.Path)
			}
		}
		for _, p := range Examine(d.input(st)).Papers {
			if p.Sound {
				t.Fatal("a sound paper")
			}
		}
	})
}
