package stick

import "errors"

// Personalise rewrites the image file at path: its UUIDs become p.Identity, its
// EVIDENCE is formatted anew and holds p.Files. Boot files are not changed
// except the boot configuration. An error that wraps ErrNotImage leaves the
// file as it was.
func Personalise(path string, p Personal) error { return errors.New("stick: not written yet") }
