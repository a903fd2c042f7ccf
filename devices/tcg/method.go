package tcg

import "fmt"

// call builds one method call (Core clause 3.2.4).
type call struct{ b []byte }

func newCall(object, method UID) *call {
	c := &call{b: []byte{tokCall}}
	return c.bytes(object[:]).bytes(method[:]).token(tokStartList)
}

func (c *call) token(t byte) *call   { c.b = append(c.b, t); return c }
func (c *call) uint(v uint64) *call  { c.b = appendUint(c.b, v); return c }
func (c *call) bytes(v []byte) *call { c.b = appendBytes(c.b, v); return c }

// named adds an optional parameter: its number, then the value.
func (c *call) named(n uint64, value func(*call)) *call {
	c.token(tokStartName).uint(n)
	value(c)
	return c.token(tokEndName)
}

// done closes the parameters; the status list of a call is all zero.
func (c *call) done() []byte {
	return c.token(tokEndList).token(tokEndOfData).token(tokStartList).uint(0).uint(0).uint(0).token(tokEndList).b
}

// endOfSession is the whole payload that ends a session (Core clause 3.3.7.1).
func endOfSession() []byte { return []byte{tokEndOfSession} }

// Response is the answer to a method: a list of results, or for the session
// manager a call of its own, and the status.
type Response struct {
	Object, Method UID   // of a session manager's answer; zero otherwise
	Results        Value // a list
	Status         Status
	EndOfSession   bool // the TPer ended the session instead
}

// ParseResponse decodes the payload of an answer (Core clauses 3.2.4, 5.2).
func ParseResponse(b []byte) (Response, error) {
	var r Response
	v, rest, err := parseValue(b, 0)
	if err != nil {
		return r, err
	}
	if v.Kind == KindControl && v.Control == tokEndOfSession {
		r.EndOfSession = true
		return r, nil
	}
	if v.Kind == KindControl && v.Control == tokCall {
		if rest, err = r.head(rest); err != nil {
			return r, err
		}
		if v, rest, err = parseValue(rest, 0); err != nil {
			return r, err
		}
	}
	if !v.IsList {
		return r, &ParseError{"TCG response", "no list of results"}
	}
	r.Results = v
	return r, r.tail(rest)
}

// head reads object and method of a session manager's answer.
func (r *Response) head(b []byte) (rest []byte, err error) {
	for _, to := range []*UID{&r.Object, &r.Method} {
		var v Value
		if v, b, err = parseValue(b, 0); err != nil {
			return nil, err
		}
		octets, ok := v.Octets()
		if !ok || len(octets) != len(to) {
			return nil, &ParseError{"TCG response", "no UID where a method is called"}
		}
		copy(to[:], octets)
	}
	return b, nil
}

// tail reads the end of data and the status list.
func (r *Response) tail(b []byte) error {
	t, rest, err := nextToken(b)
	if err != nil {
		return err
	}
	if t.Kind != KindControl || t.Control != tokEndOfData {
		return &ParseError{"TCG response", "no end of data"}
	}
	v, _, err := parseValue(rest, 0)
	if err != nil {
		return err
	}
	if !v.IsList || len(v.List) == 0 {
		return &ParseError{"TCG response", "no status"}
	}
	n, ok := v.List[0].Number()
	if !ok || n > 0xFF {
		return &ParseError{"TCG response", fmt.Sprintf("status %d", n)}
	}
	r.Status = Status(n)
	return nil
}

// check turns a status into an error.
func (r Response) check(method string) error {
	switch {
	case r.EndOfSession:
		return fmt.Errorf("TCG %s: %w", method, ErrSessionClosed)
	case r.Status != StatusSuccess:
		return &StatusError{method, r.Status}
	}
	return nil
}
