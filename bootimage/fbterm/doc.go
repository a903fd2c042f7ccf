// Package fbterm is a terminal on the Linux framebuffer that can show
// Japanese, which the kernel's own console cannot.
//
// Open maps /dev/fb0, takes the keyboard of a virtual terminal and returns a
// Terminal: bytes written to it are output (UTF-8 and the usual VT
// sequences), bytes read from it are what was typed. Whatever runs on a serial
// line runs on it unchanged. Close gives screen and keyboard back.
//
//	bytes ─▶ Screen (cells) ─▶ Renderer (pixels) ─▶ Canvas (framebuffer, image)
//
// Screen and Renderer know nothing of devices, so the same pixels can be drawn
// into an image: tests and the manual's pictures are made that way.
//
// What it does about the peculiarities of such a screen:
//   - The cell is chosen so that at least 80 columns and 30 rows fit, as large
//     as possible: 10x20 on 800x600, 32x64 on 3840x2160 (ChooseCell).
//   - Box drawing (U+2500–257F), block elements (U+2580–259F) and Braille
//     patterns (U+2800–28FF) are drawn here, edge to edge: the font's lines
//     are full-width and its blocks are missing. Braille dots are drawn as
//     rectangles without gaps, so that they serve as 2x4 pixels a cell: QR
//     codes and small graphs.
//   - Characters of ambiguous width (→ … ① ※) take one cell, as the terminal
//     world counts them, and the font's full-width glyph is squeezed into it.
//   - A character that no font has is drawn as a hollow box, never as nothing.
//   - Only cells that have changed are painted.
//   - Virtual terminals are not switched away while it is open.
//
// OpenLine does for a serial port what Open does for the screen: raw bytes both
// ways, to a terminal at the other end.
//
// What a program may send: text, SGR (also the bright colours), cursor movement,
// erasing, inserting and deleting, private modes. Everything else is dropped
// (filter.go), insert mode (IRM) too: a program should believe itself on xterm.
//
// The emulator is tcell's vt package, whose interface is not declared stable:
// vt.go is the only file that imports it.
package fbterm
