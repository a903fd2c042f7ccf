//go:build unix

package bootimage

import (
	"time"

	"github.com/massho/massho/bootimage/stick"
)

// Options says what an image is made of. The same Options and the same inputs
// give the same bytes.
type Options struct {
	// Inputs are the unpacked Debian packages, see FetchInputs.
	Inputs Inputs
	// Massho is the path of the stick's program, built with
	// CGO_ENABLED=0 go build -trimpath ./cmd/massho.
	Massho string
	// ModuleDir is a folder inside massho's source tree: the u-root commands
	// are built from the module versions of its go.mod. Empty means ".".
	ModuleDir string
	// CacheDir keeps the built u-root part between runs; empty means that
	// nothing is kept.
	CacheDir string
	// Identity holds the UUIDs; the zero value derives them from the
	// contents, so that an image is reproducible until it is personalised.
	Identity stick.Identity
	// EvidenceFiles maps slash-separated paths on EVIDENCE to contents:
	// the signed case, the stick's key and certificates.
	EvidenceFiles map[string][]byte
	// EvidenceSize is the size of the EVIDENCE partition in bytes, a multiple
	// of 1 MiB; 0 means DefaultEvidenceSize.
	EvidenceSize int64
	// Cmdline is appended to the kernel command line.
	Cmdline []string
	// ExtraModules names kernel modules beyond the selection, without ".ko".
	ExtraModules []string
	// ExtraCPIO holds newc archives appended to the initramfs. For tests only.
	ExtraCPIO [][]byte
	// Notices name further works inside the program, for the licence file.
	Notices []Notice
	// SourceDateEpoch stamps every file; the zero value means 2025-01-01 UTC.
	SourceDateEpoch time.Time
	// Out is the image to write; the manifest goes to Out + ".manifest.json".
	Out string
}

// DefaultEvidenceSize is the size of EVIDENCE when the caller names none.
// A drive's journals and paper take about 5 MiB: this holds sixty drives with room to spare.
const DefaultEvidenceSize = 512 << 20

// Notice names a work that is inside the image and its licence.
type Notice struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"`
	Source  string `json:"source"`
}
