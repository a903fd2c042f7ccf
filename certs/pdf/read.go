package pdf

import (
	"bytes"
	"regexp"
	"strconv"
)

// maxSections bounds what a reader does for a hostile file.
const maxSections = 64

// Read splits a file that this package wrote into its sections. Any byte that
// Append would not write at its place is an error.
func Read(file []byte) ([]Section, error) {
	if !bytes.HasPrefix(file, []byte(header)) {
		return nil, &Error{0, "not a file of this program"}
	}
	var out []Section
	for pos := 0; pos < len(file); {
		if len(out) == maxSections {
			return nil, &Error{pos, "too many revisions"}
		}
		from := pos
		if pos == 0 {
			pos = len(header)
		}
		s, err := readSection(file, pos)
		if err != nil {
			return out, err
		}
		if err := checkSection(s, out, file, from); err != nil {
			return out, err
		}
		out = append(out, s)
		pos = s.End
	}
	return out, nil
}

// checkSection compares s with what Append writes at the same place.
func checkSection(s Section, before []Section, file []byte, from int) error {
	if (s.Trailer.Prev < 0) != (from == 0) {
		return &Error{from, "first section and /Prev disagree"}
	}
	if from > 0 {
		last := before[len(before)-1]
		if prev := startOf(file[:last.End]); s.Trailer.Prev != prev {
			return &Error{from, "/Prev does not point at the revision before"}
		}
	}
	again := Append(file[:from], s)
	if i := mismatch(again[from:], file[from:s.End]); i >= 0 {
		return &Error{from + i, "bytes that this program does not write there"}
	}
	return nil
}

func mismatch(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}

var (
	objectHead  = regexp.MustCompile(`^(\d{1,8}) 0 obj\s+`)
	lengthEntry = regexp.MustCompile(`\s*/Length (\d{1,10})\b`)
	trailerLine = regexp.MustCompile(`^trailer\n<< /Size (\d{1,8}) /Root (\d{1,8}) 0 R /Info (\d{1,8}) 0 R ` +
		`/ID \[<([0-9a-f]{32})> <[0-9a-f]{32}>\](?: /Prev (\d{1,10}))? >>\nstartxref\n(\d{1,10})\n%%EOF\n`)
	xrefLines = regexp.MustCompile(`^xref\n(?:\d{1,8} \d{1,8}\n|\d{10} \d{5} [nf] \n)+`)
)

func readSection(file []byte, pos int) (Section, error) {
	objects, pos, err := readObjects(file, pos)
	if err != nil {
		return Section{}, err
	}
	x := xrefLines.Find(file[pos:])
	t := trailerLine.FindSubmatch(file[pos+len(x):])
	if x == nil || t == nil {
		return Section{}, &Error{pos, "no cross-reference table with a trailer of ours"}
	}
	s := Section{Objects: objects, End: pos + len(x) + len(t[0])}
	s.Trailer = Trailer{Size: atoi(t[1]), Root: atoi(t[2]), Info: atoi(t[3]), ID: string(t[4]), Prev: -1}
	if len(t[5]) > 0 {
		s.Trailer.Prev = atoi(t[5])
	}
	return s, nil
}

// readObjects reads objects one behind the other until something else begins.
func readObjects(file []byte, pos int) ([]Object, int, error) {
	var out []Object
	for {
		h := objectHead.FindSubmatch(file[pos:])
		if h == nil {
			return out, pos, nil
		}
		o := Object{Num: atoi(h[1])}
		if n := len(out); n > 0 && out[n-1].Num >= o.Num {
			return out, pos, &Error{pos, "object numbers do not ascend"}
		}
		start := pos + len(h[0])
		end := value(file, start)
		if end < 0 {
			return out, pos, &Error{pos, "object without value"}
		}
		o.Body = string(file[start:end])
		pos = space(file, end)
		if bytes.HasPrefix(file[pos:], []byte("stream\n")) {
			var err error
			if pos, err = readStream(file, pos+len("stream\n"), &o); err != nil {
				return out, pos, err
			}
		}
		if !bytes.HasPrefix(file[pos:], []byte("endobj\n")) {
			return out, pos, &Error{pos, "endobj expected"}
		}
		pos = space(file, pos+len("endobj\n"))
		out = append(out, o)
	}
}

// readStream takes the stream at pos and its /Length out of the dictionary.
func readStream(file []byte, pos int, o *Object) (int, error) {
	m := lengthEntry.FindStringSubmatchIndex(o.Body)
	if m == nil {
		return pos, &Error{pos, "stream without direct /Length"}
	}
	n, err := strconv.Atoi(o.Body[m[2]:m[3]])
	if err != nil || n > len(file)-pos {
		return pos, &Error{pos, "stream runs beyond the file"}
	}
	o.Body = o.Body[:m[0]] + o.Body[m[1]:]
	o.Stream = append([]byte{}, file[pos:pos+n]...)
	pos = space(file, pos+n)
	if !bytes.HasPrefix(file[pos:], []byte("endstream")) {
		return pos, &Error{pos, "endstream expected"}
	}
	return space(file, pos+len("endstream")), nil
}

// startOf returns the startxref of the last section of file.
func startOf(file []byte) int {
	i := bytes.LastIndex(file, []byte("startxref\n"))
	if i < 0 {
		return -1
	}
	line, _, _ := bytes.Cut(file[i+len("startxref\n"):], []byte("\n"))
	return atoi(line)
}

// PrevOf is the /Prev of an update that is appended to file.
func PrevOf(file []byte) int { return startOf(file) }

func atoi(b []byte) int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return -1
	}
	return n
}

// ReadForeign reads the objects of a file with one section that gopdf wrote.
func ReadForeign(file []byte) ([]Object, error) {
	first := bytes.Index(file, []byte("\n1 0 obj\n"))
	if first < 0 {
		return nil, &Error{0, "no object 1"}
	}
	objects, pos, err := readObjects(file, first+1)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(file[pos:], []byte("xref\n")) {
		return nil, &Error{pos, "xref expected"}
	}
	for i, o := range objects {
		if o.Num != i+1 {
			return nil, &Error{0, "object numbers have gaps"}
		}
	}
	return objects, nil
}
