package scsi

import (
	"context"
	"fmt"
)

// Bytes of an address descriptor by DEFECT LIST FORMAT (SBC-4 clause 6.2).
var defectSize = [8]uint32{0: 4, 1: 8, 2: 8, 3: 8, 4: 8, 5: 8}

// ParseGrownCount12 reads the number of grown defects from READ DEFECT
// DATA(12) data.
func ParseGrownCount12(b []byte) (uint64, error) {
	if len(b) < 8 {
		return 0, &ParseError{What: "READ DEFECT DATA(12) data", Why: "shorter than 8 bytes"}
	}
	return grownCount("READ DEFECT DATA(12) data", b[1], be32(b[4:]))
}

// ParseGrownCount10 reads the number of grown defects from READ DEFECT
// DATA(10) data.
func ParseGrownCount10(b []byte) (uint64, error) {
	if len(b) < 4 {
		return 0, &ParseError{What: "READ DEFECT DATA(10) data", Why: "shorter than 4 bytes"}
	}
	return grownCount("READ DEFECT DATA(10) data", b[1], uint32(be16(b[2:])))
}

func grownCount(what string, flags byte, length uint32) (uint64, error) {
	size := defectSize[flags&7]
	switch {
	case flags&0x18 != 0x08:
		return 0, &ParseError{What: what, Why: "not the grown list alone"}
	case size == 0:
		return 0, &ParseError{What: what, Why: fmt.Sprintf("defect list format %d", flags&7)}
	case length%size != 0:
		return 0, &ParseError{What: what, Why: fmt.Sprintf("%d bytes of %d-byte descriptors", length, size)}
	}
	return uint64(length / size), nil
}

// GrownDefects returns the length of the grown defect list by READ DEFECT
// DATA(12), or (10) where the device does not know that. It asks for the
// header only: the list itself can be large and drives answer in a format of
// their own choice.
func GrownDefects(ctx context.Context, t Transport) (uint64, error) {
	cdb := make([]byte, 12)
	cdb[0], cdb[1] = OpReadDefectData12, 0x08|5
	put32(cdb[6:], 8)
	b, err := run(ctx, t, "READ DEFECT DATA(12)", Command{CDB: cdb, Dir: In, Data: make([]byte, 8)})
	if err = otherFormat(err); err == nil {
		return ParseGrownCount12(b)
	}
	if !Unsupported(err) {
		return 0, err
	}
	cdb = make([]byte, 10)
	cdb[0], cdb[2] = OpReadDefectData10, 0x08|5
	put16(cdb[7:], 4)
	b, err = run(ctx, t, "READ DEFECT DATA(10)", Command{CDB: cdb, Dir: In, Data: make([]byte, 4)})
	if err = otherFormat(err); err != nil {
		return 0, err
	}
	return ParseGrownCount10(b)
}

// otherFormat forgives RECOVERED ERROR 1Ch: the device answered in another
// format than asked for, and its header says in which.
func otherFormat(err error) error {
	if e, ok := AsSense(err); ok && e.Sense.Key == KeyRecoveredError && e.Sense.ASC == 0x1C {
		return nil
	}
	return err
}
