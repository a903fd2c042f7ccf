// Package scsi is the SCSI command set that erasing needs: bytes to meaning and
// meaning to bytes, as SPC-5/SPC-6 (commands of all devices), SBC-4 (disks)
// and ZBC name them. It holds no file descriptor, no goroutine and no clock.
//
// The wire is [Transport]: one method that carries a CDB and brings back the
// status, the sense data and the residual. On top of it stand functions named
// as their commands: each returns the decoded answer, or a [*SenseError] for a
// CHECK CONDITION, or a [*StatusError] for any other status. An error of the
// transport itself passes through, wrapped with the command's name.
//
// Every answer also has a pure decoder (ParseInquiry, ParseVPD83, ...), which
// never trusts a length that the device states beyond the bytes it sent.
//
// What a device does not say is support.Unknown, and Unknown is never Yes: a
// rotation rate of 0000h, a page that is missing, and a REPORT SUPPORTED
// OPERATION CODES that is itself refused all end there.
package scsi
