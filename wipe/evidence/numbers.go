package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MaxNumber is the last number that a stick may give: numbers have four digits.
const MaxNumber = 9999

// ErrNumbers says that every number of this stick was given.
var ErrNumbers = errors.New("this stick has given all its certificate numbers: prepare another stick in the office")

// Reserve takes the next certificate number of this stick for good:
// 案件番号-USB番号-連番. The reservation is durable before it is returned and
// is never taken back, so that no number is given twice even after a power cut
// between reservation and paper.
func (p *Place) Reserve(caseID, stickID string) (string, error) {
	next, err := p.highest()
	if err != nil {
		return "", err
	}
	for next++; next <= MaxNumber; next++ {
		f, err := os.OpenFile(p.Path(DirNumbers, fmt.Sprintf("%04d", next)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", Classify("reserve a number", err)
		}
		err = errors.Join(f.Sync(), f.Close(), SyncDir(filepath.Join(p.dir, DirNumbers)))
		if err != nil {
			return "", Classify("reserve a number", err)
		}
		return fmt.Sprintf("%s-%s-%04d", caseID, stickID, next), nil
	}
	return "", fmt.Errorf("evidence: reserve a number: %w", ErrNumbers)
}

// highest is the largest number that was reserved or that a paper carries:
// a lost reservation file must not give a paper's number again.
func (p *Place) highest() (int, error) {
	top := 0
	for _, folder := range []string{DirNumbers, DirRecords} {
		entries, err := os.ReadDir(filepath.Join(p.dir, folder))
		if err != nil {
			return 0, Classify("list numbers", err)
		}
		for _, e := range entries {
			top = max(top, numberOf(e.Name()))
		}
	}
	return top, nil
}

// numberOf is the trailing number of "0007", "C1-U1-0007.pdf" or
// "C1-U1-0007-R1.pdf"; 0 for any other name.
func numberOf(name string) int {
	name = strings.TrimSuffix(name, ".pdf")
	if i := strings.LastIndex(name, "-R"); i > 0 && !strings.Contains(name[i+1:], "-") {
		name = name[:i] // a reissue: -R1
	}
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[i+1:]
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 0 || n > MaxNumber {
		return 0
	}
	return n
}
