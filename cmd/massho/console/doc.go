// Package console is the full-screen console at the 庁舎: a pure model and its
// views, which know the world only through the World interface.
//
//	clock → people and PC → drives → 系, then 機密性 → plan → confirmation by the
//	end of the serial (and a second person) → progress → results → missing
//	media → hand-over → power off
//
// Run shows one Model on one or more seats (the framebuffer and a serial port):
// what is typed at either moves both. The Model opens no device, reads no clock
// and no environment: World does that for it, in package main.
//
// What holds on every screen:
//   - The header names case, clock, drive and the code of the journal's head;
//     its full hash is beside it as a QR code where a picture can show one.
//   - The footer says 抜いてよい or 抜かないでください, as World says, on every frame.
//   - 訓練 stands in the header and in the footer of a training sitting.
//   - Nothing scrolls away: what does not fit is paged, and the page is numbered.
//   - Colour is never the only sign.
//   - F1 help, F2 language, F3 log, F4 keyboard, F5 large mode, F6 challenge
//     word; where a terminal has no function keys, Ctrl+G L O K B W. Ctrl+R
//     draws the screen again.
//
// Nothing destructive starts without the end of the serial number typed for
// that very drive, except where a signed case asks for an unattended run.
package console
