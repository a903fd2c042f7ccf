package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var fileSpec = regexp.MustCompile(`^<< /Type /Filespec /F \(([a-z0-9][a-z0-9.-]*)\) .* /EF << /F (\d+) 0 R /UF \d+ 0 R >> >>$`)

// Attached takes the attached files out of a first section that Assemble made:
// name, content, and the stream they were packed into. MIME, Relation and Desc
// are left out; whoever draws the file again gives them.
func Attached(first Section) (map[string]File, error) {
	objects := Latest([]Section{first})
	out := map[string]File{}
	for _, o := range first.Objects {
		m := fileSpec.FindStringSubmatch(o.Body)
		if m == nil {
			continue
		}
		num, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, fmt.Errorf("pdf: attachment %s: %w", m[1], err)
		}
		if _, twice := out[m[1]]; twice {
			return nil, fmt.Errorf("pdf: attachment %s: twice", m[1])
		}
		packed := objects[num].Stream
		data, err := Unpack(packed)
		if err != nil {
			return nil, fmt.Errorf("pdf: attachment %s: %w", m[1], err)
		}
		out[m[1]] = File{Name: m[1], Data: data, Packed: packed}
	}
	return out, nil
}

// SameContent compares two first sections object by object, and packed streams
// by what they hold: another release of Go may pack otherwise.
func SameContent(want, got Section) error {
	if len(want.Objects) != len(got.Objects) || want.Trailer != got.Trailer {
		return fmt.Errorf("pdf: %d objects, %d expected, or trailers differ", len(got.Objects), len(want.Objects))
	}
	for i, w := range want.Objects {
		g := got.Objects[i]
		if w.Num != g.Num || w.Body != g.Body || (w.Stream == nil) != (g.Stream == nil) {
			return fmt.Errorf("pdf: object %d differs", g.Num)
		}
		if bytes.Equal(w.Stream, g.Stream) {
			continue
		}
		if !strings.Contains(w.Body, "/FlateDecode") {
			return fmt.Errorf("pdf: object %d: content differs", g.Num)
		}
		a, errA := Unpack(w.Stream)
		b, errB := Unpack(g.Stream)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			return fmt.Errorf("pdf: object %d: content differs", g.Num)
		}
	}
	return nil
}
