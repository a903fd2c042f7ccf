package devices

import (
	"context"
	"io"

	"github.com/massho/massho/devices/mmc"
)

// Area is a part of an e.MMC beside the user area that a Conn addresses: boot0,
// boot1, a general purpose partition. It is exclusively open until Close; RPMB,
// which takes authenticated writes only, is none.
type Area struct {
	Name  string // "boot0", "gp1"
	Bytes int64
	io.ReaderAt
	io.Closer
	// MMC is the card's bus; commands sent here act on this area.
	MMC mmc.Transport
}

// AreaOpener is a Conn that reaches the other areas of its card. OpenAreas opens
// all of them or, with an error that says which could not be, none.
type AreaOpener interface {
	OpenAreas(ctx context.Context) ([]Area, error)
}

// MMCRoad is a Conn that has the bus of a card; nil where it has not.
type MMCRoad interface{ MMC() mmc.Transport }
