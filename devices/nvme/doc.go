// Package nvme is the NVMe admin command set that erasing needs: bytes to
// meaning and meaning to bytes, as NVM Express Base Specification 2.x and the
// NVM Command Set Specification name them. It holds no file descriptor, no
// goroutine and no clock.
//
// The wire is [Transport]. A non-zero status is always a [*StatusError].
// Functions are named as their commands; each answer has a pure decoder.
//
// Format NVM with SES 0 erases nothing that may be claimed. Sanitize acts on
// every namespace of the NVM subsystem. The Sanitize Status log may be that of
// an earlier run: tie it to one's own command by SCDW10 and by having seen the
// operation in progress.
package nvme
