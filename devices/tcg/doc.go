// Package tcg is the part of the TCG Storage protocol that erasing needs: bytes
// to meaning and meaning to bytes, as the TCG Storage Architecture Core
// Specification 2.01 (the "Core"), the Opal, Opalite and Pyrite Security
// Subsystem Classes and the feature sets PSID and Block SID Authentication name
// them. It holds no file descriptor, no goroutine and no clock.
//
// The wire is [Transport]; [OverNVMe], [OverSCSI] and [OverATA] put it on the
// roads there are. [Discover] is Level 0 Discovery: what the drive is, and
// whether it is locked; nothing is changed by it. [Open] talks to the drive's
// TPer (its security processor), and [TPer.RevertTPer] returns the drive to its
// factory state, which destroys the media key where there is one:
//
//	d, _, err := tcg.Discover(ctx, road)
//	t, err := tcg.Open(ctx, road, d, sleep)
//	err = t.RevertTPer(ctx, tcg.AuthorityPSID, psid)
//
// A method that the TPer refuses is a [*StatusError]. A revert is a crypto erase
// only where the Locking feature says MediaEncryption: a Pyrite drive has no key
// to destroy. Enterprise and Ruby drives are recognised, and not opened.
package tcg
