// Package emulator is drives in process, for tests, training and the demo:
// what a host sees at the wire, and what really lies on the medium behind it.
//
//	d, err := emulator.New(emulator.Params{Kind: emulator.SSD, Serial: "EMU000000001", Sectors: 131072})
//	d.Prefill()                               // invented files over every sector, hidden areas too
//	sys := emulator.NewSystem(d)              // a devices.System
//	... detect, open, wipe ...
//	for _, r := range d.Remnants() { ... }    // what survived, and whether a host could reach it
//
// A [Drive] keeps areas that addresses do not reach: a host protected area,
// reallocated sectors with their data, flash cells that were replaced. Its
// write cache is volatile: [Drive.PowerCut] keeps, loses or tears what was not
// flushed. What is wrong with it stands in [Faults], as plain fields. Chance is
// decided by Params.Seed, time by a [Clock] that nothing sleeps on, so the same
// seed and the same commands give the same result.
//
// Drives are safe for parallel use. A Conn that was open at a power cut is dead
// for good; power on, detect and open again, as after a restart.
package emulator
