// Package strict decodes JSON without the kindness of encoding/json: unknown
// members, members that differ in case, double members and anything behind the
// value are errors. Two readers of one signed document must read the same.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Decode reads b into v, a pointer.
func Decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("json: something follows the value")
	}
	w := walker{d: json.NewDecoder(bytes.NewReader(b))}
	w.d.UseNumber()
	return w.value("", reflect.TypeOf(v).Elem())
}

// walker goes over the tokens beside the type they were decoded into.
type walker struct{ d *json.Decoder }

func (w *walker) value(path string, t reflect.Type) error {
	tok, err := w.d.Token()
	if err != nil {
		return fmt.Errorf("json: %s: %w", path, err)
	}
	switch tok {
	case json.Delim('{'):
		return w.object(path, t)
	case json.Delim('['):
		return w.array(path, t)
	}
	return nil
}

func (w *walker) object(path string, t reflect.Type) error {
	seen := map[string]bool{}
	names := members(t)
	for w.d.More() {
		tok, err := w.d.Token()
		if err != nil {
			return fmt.Errorf("json: %s: %w", path, err)
		}
		key, _ := tok.(string)
		if seen[key] {
			return fmt.Errorf("json: %s/%s: given twice", path, key)
		}
		seen[key] = true
		sub, known := names[key]
		if names != nil && !known {
			return fmt.Errorf("json: %s/%s: unknown (upper and lower case matter)", path, key)
		}
		if err := w.value(path+"/"+key, sub); err != nil {
			return err
		}
	}
	_, err := w.d.Token()
	return err
}

func (w *walker) array(path string, t reflect.Type) error {
	var elem reflect.Type
	if t = deref(t); t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		elem = t.Elem()
	}
	for i := 0; w.d.More(); i++ {
		if err := w.value(fmt.Sprintf("%s/%d", path, i), elem); err != nil {
			return err
		}
	}
	_, err := w.d.Token()
	return err
}

func deref(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// members maps the JSON names of a struct to their types; nil when t is no
// plain struct and any name may occur.
func members(t reflect.Type) map[string]reflect.Type {
	t = deref(t)
	if t == nil || t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(unmarshaler) {
		return nil
	}
	m := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			for k, v := range members(f.Type) {
				m[k] = v
			}
		case name == "":
			m[f.Name] = f.Type
		default:
			m[name] = f.Type
		}
	}
	return m
}
