// Package pdf reads and writes PDF files as sections: one first section with
// all objects, and any number of incremental updates (ISO 32000-2 §7.5.6), each
// with a classical cross-reference table (§7.5.4).
//
// It is no general reader. It reads what gopdf wrote (ReadForeign) and what
// this package wrote (Read). Read accepts a file only if writing its sections
// again gives the same bytes: nothing can hide between objects, behind the end,
// or in an offset that points elsewhere.
package pdf

import "fmt"

// Object is one indirect object of generation 0.
type Object struct {
	Num    int
	Body   string // the value; for a stream its dictionary without /Length
	Stream []byte // raw bytes of the stream, nil when there is none
}

// Section is the objects, in ascending order, and the trailer of one revision.
type Section struct {
	Objects []Object
	Trailer Trailer
	End     int // offset behind the section's %%EOF line
}

// Trailer is what this package puts into a trailer dictionary.
type Trailer struct {
	Size int
	Root int
	Info int
	ID   string // 32 hex digits, used for both parts
	Prev int    // offset of the previous table; -1 in the first section
}

// Error says what is wrong with a file and where.
type Error struct {
	Offset int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("pdf: offset %d: %s", e.Offset, e.Reason) }

// Latest returns the newest version of every object after all sections.
func Latest(sections []Section) map[int]Object {
	m := map[int]Object{}
	for _, s := range sections {
		for _, o := range s.Objects {
			m[o.Num] = o
		}
	}
	return m
}
