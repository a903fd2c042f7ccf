// Package ata is the ATA command set that erasing needs: bytes to meaning and
// meaning to bytes, as ACS-4 and ACS-5 name them (ATA8-ACS for HPA and DCO,
// which later standards dropped), and SAT-5 for the road through SCSI. It
// holds no file descriptor, no goroutine and no clock.
//
// The wire is [Transport]. A device that refuses a command is a
// [*CommandError]; registers that a bridge did not return are nil, and what
// they would have said is unknown: never idle, never done.
//
// Functions are named as their commands. Each sends one command and decodes
// the answer; the pure builders and decoders stand beside them.
package ata
