//go:build unix

package bootimage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/massho/massho/bootimage/debian"
)

// Manifest says what an image is made of. It lies on the stick as
// massho/manifest.json (without Image) and beside the image file.
type Manifest struct {
	// Image is the SHA-256 of the image file in hex, empty on the stick
	// itself and for the Explorer form; ImageSize is in bytes.
	Image     string `json:"imageSHA256,omitempty"`
	ImageSize int64  `json:"imageSize,omitempty"`
	// Release is the kernel's version; Cmdline its command line without the
	// two parameters that name volumes.
	Release string   `json:"kernelRelease"`
	Cmdline []string `json:"kernelCmdline"`
	// Modules are the kernel modules; UnmetModules their soft dependencies
	// that the image does not hold.
	Modules      []string `json:"modules"`
	UnmetModules []string `json:"unmetModules,omitempty"`
	// Packages are the Debian packages; Notices the other works.
	Packages []PackageNotice `json:"packages"`
	Notices  []Notice        `json:"notices"`
	// Files are the boot files by path.
	Files map[string]FileDigest `json:"files"`
}

// PackageNotice is a Debian package with its licence.
type PackageNotice struct {
	debian.Package
	Licence string `json:"licence"`
}

// FileDigest is a file's size in bytes and its SHA-256 in hex.
type FileDigest struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func digest(b []byte) FileDigest {
	sum := sha256.Sum256(b)
	return FileDigest{Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
}

func digests(files map[string][]byte) map[string]FileDigest {
	out := make(map[string]FileDigest, len(files))
	for name, b := range files {
		out[name] = digest(b)
	}
	return out
}

// seed is a hash of all boot files: an image without a given identity takes
// its UUIDs from it, and so does not depend on anything but its contents.
func (m Manifest) seed() [32]byte {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		fmt.Fprintf(h, "%s %s\n", m.Files[name].SHA256, name)
	}
	return [32]byte(h.Sum(nil))
}

func (m Manifest) json() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return append(b, '\n'), nil
}
