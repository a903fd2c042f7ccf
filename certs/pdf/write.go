package pdf

import (
	"bytes"
	"fmt"
	"strings"
)

// The bytes behind %PDF mark the file as binary (ISO 32000-2 §7.5.2).
const header = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"

// Append writes s behind file, which is empty for the first section.
func Append(file []byte, s Section) []byte {
	out := bytes.NewBuffer(bytes.Clone(file))
	if len(file) == 0 {
		out.WriteString(header)
	}
	offsets := map[int]int{}
	for _, o := range s.Objects {
		offsets[o.Num] = out.Len()
		writeObject(out, o)
	}
	start := out.Len()
	out.WriteString("xref\n")
	for i := 0; i < len(s.Objects); {
		j := i
		for j < len(s.Objects) && s.Objects[j].Num == s.Objects[i].Num+j-i {
			j++
		}
		if s.Trailer.Prev < 0 && i == 0 { // one subsection from object 0 (§7.5.4)
			fmt.Fprintf(out, "0 %d\n0000000000 65535 f \n", j+1)
		} else {
			fmt.Fprintf(out, "%d %d\n", s.Objects[i].Num, j-i)
		}
		for ; i < j; i++ {
			fmt.Fprintf(out, "%010d 00000 n \n", offsets[s.Objects[i].Num])
		}
	}
	out.WriteString("trailer\n" + s.Trailer.text() + "\n")
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", start)
	return out.Bytes()
}

func writeObject(out *bytes.Buffer, o Object) {
	fmt.Fprintf(out, "%d 0 obj\n", o.Num)
	if o.Stream == nil {
		out.WriteString(o.Body + "\nendobj\n")
		return
	}
	fmt.Fprintf(out, "<< /Length %d%s\nstream\n", len(o.Stream), strings.TrimPrefix(o.Body, "<<"))
	out.Write(o.Stream)
	out.WriteString("\nendstream\nendobj\n")
}

func (t Trailer) text() string {
	s := fmt.Sprintf("<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>]", t.Size, t.Root, t.Info, t.ID, t.ID)
	if t.Prev >= 0 {
		s += fmt.Sprintf(" /Prev %d", t.Prev)
	}
	return s + " >>"
}

// Text is s as a PDF text string, UTF-16BE in hex (ISO 32000-2 §7.9.2.2).
func Text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, r := range s {
		b.WriteString(utf16Hex(r))
	}
	return b.String() + ">"
}

// utf16Hex is r in UTF-16BE as hex digits.
func utf16Hex(r rune) string {
	if r < 0x10000 {
		return fmt.Sprintf("%04X", r)
	}
	r -= 0x10000
	return fmt.Sprintf("%04X%04X", 0xD800+(r>>10), 0xDC00+(r&0x3FF))
}
