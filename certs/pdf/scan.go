package pdf

// value returns the offset behind the PDF value that begins at i, or -1. It
// knows as much syntax as it takes to skip one (ISO 32000-2 §7.3).
func value(b []byte, i int) int {
	i = space(b, i)
	switch {
	case i >= len(b):
		return -1
	case b[i] == '<' && i+1 < len(b) && b[i+1] == '<':
		return container(b, i+2, ">>")
	case b[i] == '<':
		return until(b, i, '>')
	case b[i] == '[':
		return container(b, i+1, "]")
	case b[i] == '(':
		return literal(b, i)
	}
	return token(b, i)
}

// maxDepth keeps a file of brackets from exhausting the stack.
const maxDepth = 64

func container(b []byte, i int, end string) int {
	stack := []string{end}
	for len(stack) > 0 {
		if i = space(b, i); i >= len(b) || len(stack) > maxDepth {
			return -1
		}
		top := stack[len(stack)-1]
		switch {
		case i+len(top) <= len(b) && string(b[i:i+len(top)]) == top:
			i += len(top)
			stack = stack[:len(stack)-1]
		case b[i] == '<' && i+1 < len(b) && b[i+1] == '<':
			stack = append(stack, ">>")
			i += 2
		case b[i] == '[':
			stack = append(stack, "]")
			i++
		default:
			next := value(b, i)
			if next <= i {
				return -1
			}
			i = next
		}
	}
	return i
}

func until(b []byte, i int, end byte) int {
	for ; i < len(b); i++ {
		if b[i] == end {
			return i + 1
		}
	}
	return -1
}

func literal(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// token skips a name, number or keyword.
func token(b []byte, i int) int {
	start := i
	if b[i] == '/' {
		i++
	}
	for i < len(b) && !isSpace(b[i]) && !isDelimiter(b[i]) {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func space(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}
