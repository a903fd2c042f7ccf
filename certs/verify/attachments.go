package verify

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/pdf"
)

// attachment is one attached file, and the stream it was packed into.
type attachment struct {
	data, packed []byte
}

var specForm = regexp.MustCompile(`^<< /Type /Filespec /F \(([a-z.]+)\) .* /EF << /F (\d+) 0 R /UF (\d+) 0 R >> >>$`)

// attachments takes the attached files out of the first section. Only the
// three names that Issue writes may occur.
func attachments(first pdf.Section) (map[string]attachment, error) {
	objects := map[int]pdf.Object{}
	for _, o := range first.Objects {
		objects[o.Num] = o
	}
	out := map[string]attachment{}
	for _, o := range first.Objects {
		m := specForm.FindStringSubmatch(o.Body)
		if m == nil {
			continue
		}
		switch m[1] {
		case certs.AttachedStatement, certs.AttachedJournal, certs.AttachedCase:
		default:
			return nil, fmt.Errorf("attachment %q: unknown", m[1])
		}
		num, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", m[1], err)
		}
		if _, twice := out[m[1]]; twice {
			return nil, fmt.Errorf("attachment %s: twice", m[1])
		}
		data, err := pdf.Unpack(objects[num].Stream)
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", m[1], err)
		}
		out[m[1]] = attachment{data, objects[num].Stream}
	}
	return out, nil
}
