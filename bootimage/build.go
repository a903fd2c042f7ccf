package bootimage

import (
	"context"
	"errors"
)

var errUnwritten = errors.New("bootimage: not written yet")

// Inputs are unpacked Debian packages.
type Inputs struct{}

// Packages names the Debian packages of an image.
type Packages struct{}

// Manifest says what an image was made of.
type Manifest struct{}

// FetchInputs downloads and unpacks the Debian packages that pkgs names.
func FetchInputs(ctx context.Context, dir string, pkgs Packages) (Inputs, error) {
	return Inputs{}, errUnwritten
}

// Build writes the image opts.Out and its manifest.
func Build(ctx context.Context, opts Options) (Manifest, error) { return Manifest{}, errUnwritten }

// BuildFiles writes the Explorer form of the stick into the folder dir, which
// must be empty or absent. opts.Out and opts.Identity are not used.
func BuildFiles(ctx context.Context, dir string, opts Options) (Manifest, error) {
	return Manifest{}, errUnwritten
}
