//go:build linux

package early

import (
	"fmt"
	"os"
	"strings"

	"github.com/massho/massho/bootimage/depmod"
)

// Cmdline is the kernel command line as massho reads it.
type Cmdline struct {
	// Raw is /proc/cmdline without its line end: part of the evidence.
	Raw string
	// Params maps names to values; a bare word has the value "". The last
	// one of a name wins.
	Params map[string]string
	// Consoles are the values of all console= parameters in order, without
	// what follows a comma.
	Consoles []string

	words []string
}

// Names of our kernel parameters.
const (
	paramBootFS   = "massho.bootfs"
	paramEvidence = "massho.evidence"
)

// ReadCmdline reads /proc/cmdline under root.
func ReadCmdline(root string) (Cmdline, error) {
	b, err := os.ReadFile(at(root, "proc/cmdline"))
	if err != nil {
		return Cmdline{}, fmt.Errorf("kernel command line: %w", err)
	}
	return ParseCmdline(string(b)), nil
}

// ParseCmdline splits a kernel command line. Double quotes keep spaces
// together (kernel lib/cmdline.c, next_arg).
func ParseCmdline(s string) Cmdline {
	c := Cmdline{Raw: strings.TrimRight(s, "\r\n"), Params: map[string]string{}}
	quoted := false
	c.words = strings.FieldsFunc(c.Raw, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
	for i, w := range c.words {
		c.words[i] = strings.ReplaceAll(w, `"`, "")
		name, value, _ := strings.Cut(c.words[i], "=")
		c.Params[name] = value
		if name == "console" {
			device, _, _ := strings.Cut(value, ",")
			c.Consoles = append(c.Consoles, device)
		}
	}
	return c
}

// moduleParams returns the parameters of a module: the words "module.key=value"
// without the module's name, in order.
func (c Cmdline) moduleParams(module string) string {
	var params []string
	for _, w := range c.words {
		name, param, ok := strings.Cut(w, ".")
		if ok && depmod.Normal(name) == module {
			params = append(params, param)
		}
	}
	return strings.Join(params, " ")
}
