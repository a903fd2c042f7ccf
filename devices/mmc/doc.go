// Package mmc is the part of the e.MMC (JESD84-B51) and SD (SD Physical Layer
// Simplified Specification) command sets that erasing needs: bytes to meaning
// and meaning to bytes. It holds no file descriptor, no goroutine and no clock.
//
// The registers come either from the kernel's sysfs files (cid and csd as hex
// text) or from the card (EXT_CSD, 512 bytes). The wire is [Transport]; error
// bits of a card's R1 status are a [*StatusError].
//
// SANITIZE purges what the user area no longer maps: the user area is erased
// first, and the sanitize may take minutes. A sanitize that was interrupted
// guarantees nothing.
package mmc
