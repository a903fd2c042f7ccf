// Package schema holds the published JSON Schemas of massho's documents and
// checks a document against one (JSON Schema 2020-12).
//
// The newest statement-vN.json is made from the Go types and from the
// constraints in certs/schema_test.go by `go test ./certs -run Schema -update`.
// A released schema never changes; a new version is a new file.
package schema

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed *.json
var files embed.FS

// Statement is the name of the schema of a version of the Statement.
func Statement(version int) string { return fmt.Sprintf("statement-v%d.json", version) }

var (
	mu       sync.Mutex
	compiled = map[string]*jsonschema.Schema{}
)

// Check reports whether doc is JSON that follows the named schema.
func Check(name string, doc []byte) error {
	s, err := compile(name)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return fmt.Errorf("schema %s: %w", name, err)
	}
	if err := s.Validate(v); err != nil {
		return fmt.Errorf("schema %s: %s", name, oneLine(err))
	}
	return nil
}

func compile(name string) (*jsonschema.Schema, error) {
	mu.Lock()
	defer mu.Unlock()
	if s := compiled[name]; s != nil {
		return s, nil
	}
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, v); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	compiled[name] = s
	return s, nil
}

// oneLine puts the tree of findings on one line.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
