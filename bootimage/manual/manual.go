// Package manual holds the documents that people at the 庁舎 and in the office
// read, and that lie on every stick: 操作手順書, and the two pages 手引き for
// the clerk who watches.
//
// They are written in Markdown, to be read in the repository. On a stick they
// are pages of HTML with style and pictures inside, so that any PC shows and
// prints them without a network:
//
//	docs, err := manual.Files() // "操作手順書.html", "手引き.html"
//
// Tests keep them true: cmd/massho/console paints the pictures, cmd/massho
// holds exit codes, refusals, screens and commands against the text, and
// cmd/massho-office prepares the case that stands in it as an example.
package manual

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

//go:embed 操作手順書.md 手引き.md style.css screens/*.png
var sources embed.FS

// Dir is the folder of the documents on a stick's volumes.
const Dir = "manual"

// The documents, without the ending of their file.
const (
	Procedure = "操作手順書" // for office and contractor
	Guide     = "手引き"   // two pages for the clerk who watches
)

// Files returns the documents as they lie on a stick, by file name: each a page
// of HTML that needs nothing beside it. The same sources give the same bytes.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range []string{Procedure, Guide} {
		page, err := document(name)
		if err != nil {
			return nil, fmt.Errorf("manual %s: %w", name, err)
		}
		out[name+".html"] = page
	}
	return out, nil
}

// Markdown returns the source of a document.
func Markdown(name string) ([]byte, error) { return sources.ReadFile(name + ".md") }

func document(name string) ([]byte, error) {
	source, err := Markdown(name)
	if err != nil {
		return nil, err
	}
	style, err := sources.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table))
	tree := md.Parser().Parse(text.NewReader(source))
	if err := inline(tree); err != nil {
		return nil, err
	}
	class := "procedure"
	if name == Guide {
		class = "guide"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<style>\n%s</style>\n</head>\n<body class=\"%s\">\n",
		html.EscapeString(name), style, class)
	if err := md.Renderer().Render(&b, source, tree); err != nil {
		return nil, err
	}
	b.WriteString("</body>\n</html>\n")
	return b.Bytes(), nil
}

// inline puts the pictures that a document names into it.
func inline(tree ast.Node) error {
	return ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		img, ok := n.(*ast.Image)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		name := string(img.Destination)
		if path.Ext(name) != ".png" || strings.Contains(name, "..") {
			return ast.WalkStop, fmt.Errorf("picture %q: only those of screens/ are carried along", name)
		}
		data, err := sources.ReadFile(name)
		if err != nil {
			return ast.WalkStop, err
		}
		img.Destination = []byte("data:image/png;base64," + base64.StdEncoding.EncodeToString(data))
		return ast.WalkContinue, nil
	})
}
