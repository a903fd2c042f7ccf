// Package rules holds what 図表41 and 表7-1-1 ask, as data, and the one pure
// function that says what a list of executed steps may claim. It imports
// nothing of ours: the planner, the runner, the certificate and the checker all
// derive a claim with the same [Pack.Derive].
//
// # Rule packs
//
// A [Pack] is one edition of the rules: the tables letter by letter, and the
// claims table (technique × medium → row, item, NIST method, 表7-1-1, basis, and
// the conditions that must be shown). Packs are JSON files built into the
// program. A released pack is never edited, because certificates carry its hash
// ([Pack.Hash], SHA-256 over the file's bytes). A newer edition of the tables
// may exist: [Pack.NewerEdition] is the sentence that screens and papers show.
//
// # From category to paper
//
// [Pack.Classify] turns the answers of people into a row of 図表41. Silence is
// refused; 不明 leads to the strictest row that is still possible. [Policy] is
// what the 団体 signed on top: it may only be stricter, except
// SoleOverwriteForRow2, which counts only in a signed policy.
//
// [Pack.Derive] turns [Facts] into a [Derivation]. It claims too little rather
// than too much:
//
//   - A step counts only when it completed. One failed step, one error, one
//     sector that could not be written or read, one surviving canary, and
//     nothing is claimed at all. A refused command changed nothing and only
//     does not count. An interrupted step takes nothing away once the same
//     technique ran again from its start with evidence of its own.
//   - An overwrite counts when it was read back over the whole addressable
//     size. Samples (SP 800-88 Rev.1 §4.7: at least 10 %, recorded seed) do,
//     unless the policy asks for a full read-back or the run was interrupted,
//     resumed or is missing from the journal: the seam of an interrupted pass
//     is exactly what samples miss.
//   - A device's own command counts when at least [DefaultCanaries] marks were
//     planted and all of them were read and gone. The marks of the beginning
//     speak for the first technique that changed the medium; for a later one
//     they must have been planted again. Where none could be planted a
//     full read-back or a host overwrite read back in full stands in for them,
//     and a command that runs in the background must also have been seen at
//     work. A crypto erase always needs the canaries, and its three key
//     conditions answered yes.
//   - (2)③ needs HPA, DCO and Accessible Max Address opened or shown absent.
//     Without that the same command reaches (3) at most.
//   - Hybrid disks and media of unknown kind may claim only what both a disk
//     and flash may. A block erase is thus no claim on them, nor on a disk: the
//     standards' tables name it for flash.
//   - Row (1) is never completed here. The best paper is Stage A.
//
// The rows of 図表41, the NIST method and 表7-1-1 are separate findings. None
// implies another, and all of them are printed.
package rules
