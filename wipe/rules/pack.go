package rules

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// DefaultID is the rule pack used where a case names none.
const DefaultID = "soumu-r7.3"

// packSchema is the only schema of packs that this program reads.
const packSchema = "massho/rule-pack/1"

// A released pack is never edited: certificates carry its hash. A change is a
// new file with a new id.
//
//go:embed packs/*.json
var packFiles embed.FS

// packIDs lists the embedded packs, the default first.
var packIDs = []string{DefaultID}

// ErrNoPack says that no pack of that id is built into this program.
var ErrNoPack = errors.New("rules: no such rule pack is built in: use a program version that has it")

// Pack is one edition of the rules as data. Treat it as read-only.
type Pack struct {
	Schema       string                      `json:"schema"`
	ID           string                      `json:"id"`
	Edition      string                      `json:"edition"`
	Source       string                      `json:"source"`
	Marks        map[string]string           `json:"marks"` // what "T" and "D" mean
	NewerEdition Note                        `json:"newerEdition"`
	Table41      Table41                     `json:"table41"`
	Table711     Table711                    `json:"table711"`
	Media        map[MediumKind][]MediumKind `json:"media"` // a kind → the kinds of which the strictest claim holds
	Claims       []Claim                     `json:"claims"`

	hash string
}

// Table41 is 図表41, letter by letter.
type Table41 struct {
	Mark    string       `json:"mark"`
	Number  string       `json:"number"`
	Title   string       `json:"title"`
	Columns []string     `json:"columns"`
	Rows    []Table41Row `json:"rows"`
	Methods []MethodText `json:"methods"`
	Notes   []string     `json:"notes"` // ※
}

// Table41Row is one row of 図表41.
type Table41Row struct {
	Row       Row      `json:"row"`
	Label     string   `json:"label"` // "(1)"
	Verb      string   `json:"verb"`  // 物理的に破壊, 抹消, 消去
	Class     string   `json:"class"`
	ClassNote string   `json:"classNote,omitempty"`
	Disposal  string   `json:"disposal"`  // 機器の廃棄等の方法
	Assurance string   `json:"assurance"` // 確実な履行を担保する方法
	Ways      []string `json:"ways,omitempty"`
}

// MethodText is one of the methods ①–⑤ of row (2).
type MethodText struct {
	Item      string       `json:"item"`
	Text      string       `json:"text"`
	RefusedOn []MediumKind `json:"refusedOn,omitempty"`
	Why       *Note        `json:"why,omitempty"`
}

// Table711 is 表7-1-1, letter by letter.
type Table711 struct {
	Mark     string        `json:"mark"`
	Number   string        `json:"number"`
	Source   string        `json:"source"`
	Columns  []string      `json:"columns"`
	Rows     []Table711Row `json:"rows"`
	Conflict Note          `json:"conflict"`
}

// Table711Row is one row of 表7-1-1.
type Table711Row struct {
	Medium  string `json:"medium"`
	Method  string `json:"method"`
	Caution string `json:"caution"`
}

// PackIDs lists the packs built into this program, the default first.
func PackIDs() []string { return slices.Clone(packIDs) }

// Load gives the built-in pack of that id, or ErrNoPack.
func Load(id string) (*Pack, error) {
	if !slices.Contains(packIDs, id) {
		return nil, fmt.Errorf("%w: %q", ErrNoPack, id)
	}
	b, err := packFiles.ReadFile("packs/" + id + ".json")
	if err != nil {
		return nil, fmt.Errorf("rules: read pack %s: %w", id, err)
	}
	p, err := ParsePack(b)
	if err != nil {
		return nil, err
	}
	if p.ID != id {
		return nil, fmt.Errorf("rules: pack %s calls itself %q", id, p.ID)
	}
	return p, nil
}

// Default gives the pack DefaultID.
func Default() *Pack {
	p, err := Load(DefaultID)
	if err != nil {
		panic(err) // the embedded file is part of this program; a test loads it
	}
	return p
}

// ParsePack reads a pack. Unknown fields, words and conditions are refused.
func ParsePack(b []byte) (*Pack, error) {
	p := &Pack{}
	if err := decodeStrict(b, p); err != nil {
		return nil, fmt.Errorf("rules: parse pack: %w", err)
	}
	if err := p.validate(); err != nil {
		return nil, fmt.Errorf("rules: pack %q: %w", p.ID, err)
	}
	sum := sha256.Sum256(b)
	p.hash = hex.EncodeToString(sum[:])
	return p, nil
}

// Hash is the SHA-256 over the pack's bytes, in hex.
func (p *Pack) Hash() string { return p.hash }

// Row gives the text of one row of 図表41.
func (p *Pack) Row(r Row) (Table41Row, bool) {
	for _, t := range p.Table41.Rows {
		if t.Row == r {
			return t, true
		}
	}
	return Table41Row{}, false
}

// Method gives the text of one of the methods ①–⑤.
func (p *Pack) Method(item string) (MethodText, bool) {
	for _, m := range p.Table41.Methods {
		if m.Item == item {
			return m, true
		}
	}
	return MethodText{}, false
}

// decodeStrict reads exactly one JSON value without unknown fields.
func decodeStrict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more after the end of the value")
	}
	return nil
}
