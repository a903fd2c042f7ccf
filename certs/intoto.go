package certs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/certs/schema"
	"github.com/massho/massho/certs/strict"
)

// inToto is an in-toto Statement v1. The library's type is generated from
// protobuf and carries its runtime; these four members are all there is.
type inToto struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Statement `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// PredicateType is the full name of a version of the Statement.
func PredicateType(version int) string { return predicateBase + strconv.Itoa(version) }

// Payload is the in-toto Statement of s: what is signed, and what the page's QR
// code carries the hash of. Lists that are nil become empty ones.
func Payload(s Statement) ([]byte, error) {
	fillNil(reflect.ValueOf(&s).Elem())
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(inToto{StatementType, subjects(s), PredicateType(s.SchemaVersion), s}); err != nil {
		return nil, fmt.Errorf("certs: statement %s: %w", s.Number, err)
	}
	return b.Bytes(), nil
}

// subjects are the medium, by what it said of itself, and the journal.
func subjects(s Statement) []subject {
	id := sha256.Sum256([]byte(s.Medium.Model + "\n" + s.Medium.Serial + "\n" + s.Medium.WWN + "\n"))
	out := []subject{{"medium " + s.Medium.Serial, map[string]string{"sha256": hex.EncodeToString(id[:])}}}
	if s.Journal.HeadHash != "" {
		out = append(out, subject{"journal " + s.Journal.RunID, map[string]string{"sha256": s.Journal.HeadHash}})
	}
	return out
}

// ParsePayload reads what Payload wrote and checks it against the schema.
func ParsePayload(b []byte) (Statement, error) {
	var in inToto
	if err := strict.Decode(b, &in); err != nil {
		return Statement{}, err
	}
	if v := in.Predicate.SchemaVersion; in.Type != StatementType || v < 1 || v > SchemaVersion || in.PredicateType != PredicateType(v) {
		return Statement{}, fmt.Errorf("certs: statement of type %q, predicate %q, version %d: another program's, or a newer version's",
			in.Type, in.PredicateType, v)
	}
	if err := checkSchema(in.Predicate); err != nil {
		return Statement{}, err
	}
	again, err := Payload(in.Predicate)
	if err != nil {
		return Statement{}, err
	}
	if !bytes.Equal(again, b) {
		return Statement{}, fmt.Errorf("certs: statement %s: not in the form this program writes", in.Predicate.Number)
	}
	return in.Predicate, nil
}

func checkSchema(s Statement) error {
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("certs: statement %s: %w", s.Number, err)
	}
	return schema.Check(schema.Statement(s.SchemaVersion), b)
}

// Hash is the SHA-256 of a payload, hex: the second half of the QR code.
func Hash(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}

var timeType = reflect.TypeFor[time.Time]()

// fillNil turns nil slices into empty ones, times into UTC milliseconds and
// texts into UTF-8, so that a value survives its own JSON.
func fillNil(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		// A drive may answer with any bytes; raw answers keep them.
		v.SetString(strings.ToValidUTF8(v.String(), "\uFFFD"))
	case reflect.Struct:
		if v.Type() == timeType {
			if t, ok := v.Interface().(time.Time); ok && !t.IsZero() {
				v.Set(reflect.ValueOf(t.Round(0).UTC().Truncate(time.Millisecond)))
			}
			return
		}
		for i := range v.NumField() {
			fillNil(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return
		}
		// The caller keeps its own lists: what is changed here is a copy.
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		for i := range c.Len() {
			fillNil(c.Index(i))
		}
		v.Set(c)
	case reflect.Pointer:
		if !v.IsNil() {
			c := reflect.New(v.Type().Elem())
			c.Elem().Set(v.Elem())
			fillNil(c.Elem())
			v.Set(c)
		}
	}
}
