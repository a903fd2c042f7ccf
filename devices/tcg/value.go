package tcg

import "fmt"

// Value is one value of a data stream: an atom, a list, or a named value (Core
// clause 3.2.2).
type Value struct {
	Token           // an atom, where neither List nor Name is set
	IsList  bool    // List holds its members
	List    []Value //
	IsNamed bool    // Name and List[0]
	Name    *Value
}

// maxDepth is deeper than any answer nests.
const maxDepth = 16

// Number is a number; not ok for anything else.
func (v Value) Number() (n uint64, ok bool) {
	return v.Uint, v.Kind == KindUint && !v.IsList && !v.IsNamed
}

// Octets is a byte string; not ok for anything else.
func (v Value) Octets() (b []byte, ok bool) {
	return v.Bytes, v.Kind == KindBytes && !v.IsList && !v.IsNamed
}

// Named is the member of a list that has this number as its name.
func (v Value) Named(name uint64) (Value, bool) {
	for _, m := range v.List {
		if !m.IsNamed {
			continue
		}
		if n, ok := m.Name.Number(); ok && n == name {
			return m.List[0], true
		}
	}
	return Value{}, false
}

// NamedText is the member of a list that has this byte string as its name.
func (v Value) NamedText(name string) (Value, bool) {
	for _, m := range v.List {
		if !m.IsNamed {
			continue
		}
		if b, ok := m.Name.Octets(); ok && string(b) == name {
			return m.List[0], true
		}
	}
	return Value{}, false
}

// parseValue reads one value. A control token that begins none is handed back:
// the caller knows whether it may stand there.
func parseValue(b []byte, depth int) (v Value, rest []byte, err error) {
	if depth > maxDepth {
		return Value{}, nil, &ParseError{stream, fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	t, rest, err := nextToken(b)
	switch {
	case err != nil:
		return Value{}, nil, err
	case t.Kind == 0:
		return Value{}, nil, &ParseError{stream, "it ends inside a value"}
	case t.Kind != KindControl:
		return Value{Token: t}, rest, nil
	case t.Control == tokStartList:
		return parseList(rest, depth)
	case t.Control == tokStartName:
		return parseNamed(rest, depth)
	}
	return Value{Token: t}, rest, nil
}

func parseList(b []byte, depth int) (Value, []byte, error) {
	list := Value{IsList: true}
	for {
		m, rest, err := parseValue(b, depth+1)
		if err != nil {
			return Value{}, nil, err
		}
		if m.Kind == KindControl {
			if m.Control == tokEndList {
				return list, rest, nil
			}
			return Value{}, nil, &ParseError{stream, fmt.Sprintf("token %02Xh in a list", m.Control)}
		}
		list.List, b = append(list.List, m), rest
	}
}

func parseNamed(b []byte, depth int) (Value, []byte, error) {
	var parts [2]Value
	for i := range parts {
		m, rest, err := parseValue(b, depth+1)
		if err != nil {
			return Value{}, nil, err
		}
		if m.Kind == KindControl {
			return Value{}, nil, &ParseError{stream, fmt.Sprintf("token %02Xh in a named value", m.Control)}
		}
		parts[i], b = m, rest
	}
	t, rest, err := nextToken(b)
	if err != nil {
		return Value{}, nil, err
	}
	if t.Kind != KindControl || t.Control != tokEndName {
		return Value{}, nil, &ParseError{stream, "a named value does not end"}
	}
	return Value{IsNamed: true, Name: &parts[0], List: parts[1:]}, rest, nil
}
