package verify

import (
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/pdf"
)

// attachments takes the attached files out of the first section. Only the
// three names that Issue writes may occur.
func attachments(first pdf.Section) (map[string]pdf.File, error) {
	files, err := pdf.Attached(first)
	if err != nil {
		return nil, err
	}
	for name := range files {
		switch name {
		case certs.AttachedStatement, certs.AttachedJournal, certs.AttachedCase:
		default:
			return nil, fmt.Errorf("attachment %q: unknown", name)
		}
	}
	return files, nil
}

// peekHash is the hash of the payload in a first section, before anything of it
// was checked; empty when there is none.
func peekHash(first pdf.Section) string {
	files, err := pdf.Attached(first)
	if err != nil {
		return ""
	}
	_, payload, err := dsse.Peek(files[certs.AttachedStatement].Data)
	if err != nil {
		return ""
	}
	return certs.Hash(payload)
}
