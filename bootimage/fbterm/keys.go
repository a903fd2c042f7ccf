package fbterm

import "bytes"

// consoleKeys turns the sequences that only the Linux console sends into those
// of xterm, which every terminal program knows.
var consoleKeys = [][2][]byte{
	{[]byte("\x1b[[A"), []byte("\x1bOP")},   // F1
	{[]byte("\x1b[[B"), []byte("\x1bOQ")},   // F2
	{[]byte("\x1b[[C"), []byte("\x1bOR")},   // F3
	{[]byte("\x1b[[D"), []byte("\x1bOS")},   // F4
	{[]byte("\x1b[[E"), []byte("\x1b[15~")}, // F5
}

// translateKeys expects whole sequences: the kernel queues a key's sequence at
// once, so a read returns it undivided.
func translateKeys(p []byte) []byte {
	if !bytes.Contains(p, []byte("\x1b[[")) {
		return p
	}
	for _, k := range consoleKeys {
		p = bytes.ReplaceAll(p, k[0], k[1])
	}
	return p
}
