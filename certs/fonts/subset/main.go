// Command subset cuts from a large Japanese font the kanji that another font
// lacks: the CJK Unified and Compatibility Ideographs of the BMP, and those of
// extra.txt (JIS X 0213 beyond the BMP, and name kanji such as 𠮷).
//
// It runs at build time only, from certs/fonts/fetch.sh:
//
//	subset -from ipamjm.ttf -beside BIZUDPGothic-Regular.ttf -name MasshoFallback -o MasshoFallback.ttf.gz
//
// The output depends on its inputs alone.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"flag"
	"fmt"
	"os"

	"golang.org/x/image/font/sfnt"
)

//go:embed extra.txt
var extra string

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "subset:", err)
		os.Exit(1)
	}
}

func run() error {
	from := flag.String("from", "", "font to cut from (TrueType outlines)")
	beside := flag.String("beside", "", "font whose characters are left out")
	name := flag.String("name", "MasshoFallback", "name of the new font")
	out := flag.String("o", "", "file to write, gzip")
	flag.Parse()
	big, err := os.ReadFile(*from)
	if err != nil {
		return err
	}
	small, err := os.ReadFile(*beside)
	if err != nil {
		return err
	}
	ttf, n, err := subset(big, small, *name)
	if err != nil {
		return err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(ttf); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d characters, %d bytes, %d packed\n", *name, n, len(ttf), z.Len())
	return os.WriteFile(*out, z.Bytes(), 0o644)
}

// subset returns the cut font and how many characters it holds.
func subset(big, small []byte, name string) ([]byte, int, error) {
	t, err := parse(big)
	if err != nil {
		return nil, 0, err
	}
	have, err := sfnt.Parse(small)
	if err != nil {
		return nil, 0, err
	}
	source, err := sfnt.Parse(big)
	if err != nil {
		return nil, 0, err
	}
	var buf sfnt.Buffer
	index := func(f *sfnt.Font) func(rune) int {
		return func(r rune) int {
			g, err := f.GlyphIndex(&buf, r)
			if err != nil {
				return 0
			}
			return int(g)
		}
	}
	var runes []rune
	for _, r := range wanted() {
		if index(have)(r) == 0 && index(source)(r) != 0 {
			runes = append(runes, r)
		}
	}
	if len(runes) == 0 {
		return nil, 0, fmt.Errorf("nothing to cut: the first font has no kanji that the second lacks")
	}
	ttf, err := cut(t, runes, index(source), name)
	return ttf, len(runes), err
}

// wanted lists the candidates in rune order. extra.txt is sorted and holds
// only runes of Extension A and beyond the BMP.
func wanted() (out []rune) {
	var low, high []rune
	for _, r := range extra {
		switch {
		case r == '\n':
		case r < 0x4E00:
			low = append(low, r)
		default:
			high = append(high, r)
		}
	}
	out = low
	for r := rune(0x4E00); r <= 0x9FFF; r++ {
		out = append(out, r)
	}
	for r := rune(0xF900); r <= 0xFAFF; r++ {
		out = append(out, r)
	}
	return append(out, high...)
}
