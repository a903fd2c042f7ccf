package console

import (
	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
)

// page is one screen. body returns at most h lines of at most w columns; a page
// that has more shows them in parts.
type page interface {
	title(m *Model) string
	body(m *Model, w, h int) []string
	hints(m *Model) []hint
	help() rules.Label
	key(m *Model, k keyPress) tea.Cmd
	enter(m *Model) tea.Cmd
}

// ticker is a page that does something by time.
type ticker interface{ tick(m *Model) tea.Cmd }

// hint is one key of a page and what it does.
type hint struct{ key, ja, en string }

// list is a cursor over n items that fit on pages.
type list struct {
	at  int // the item under the cursor
	top int // the first item that is shown
}

// move handles the keys of a list; it reports whether k was one of them.
func (l *list) move(k keyPress, n, page int) bool {
	switch k.name {
	case "up", "ctrl+p":
		l.at--
	case "down", "ctrl+n":
		l.at++
	case "pgup":
		l.at -= page
	case "pgdown":
		l.at += page
	case "home":
		l.at = 0
	case "end":
		l.at = n - 1
	default:
		return false
	}
	l.clamp(n)
	return true
}

func (l *list) clamp(n int) { l.at = max(0, min(l.at, n-1)) }

// window is which of n items are shown when h fit: whole pages, so that nothing
// moves but the cursor.
func (l *list) window(n, h int) (from, to int) {
	l.clamp(n)
	if h < 1 {
		return 0, 0
	}
	l.top = l.at / h * h
	return l.top, min(n, l.top+h)
}

// pager shows long text in pages.
type pager struct{ top int }

// key moves by pages; the text's length is known only to show, which corrects
// what went too far.
func (p *pager) key(k keyPress, h int) bool {
	switch k.name {
	case "pgdown", "space", "down":
		p.top += max(1, h)
	case "pgup", "up", "b":
		p.top -= max(1, h)
	case "home":
		p.top = 0
	default:
		return false
	}
	return true
}

// show returns the page that is looked at, and how many there are.
func (p *pager) show(lines []string, h int) (part []string, page, pages int) {
	h = max(1, h)
	pages = max(1, (len(lines)+h-1)/h)
	p.top = max(0, min(p.top/h, pages-1)) * h
	return lines[p.top:min(len(lines), p.top+h)], p.top/h + 1, pages
}

// field is a line of typed text: letters, digits and marks; there is no IME.
type field struct {
	text string
	max  int
}

// key edits the field; it reports whether k was for it.
func (f *field) key(k keyPress) bool {
	switch {
	case k.name == "backspace" || k.name == "ctrl+h":
		if r := []rune(f.text); len(r) > 0 {
			f.text = string(r[:len(r)-1])
		}
	case k.name == "ctrl+u":
		f.text = ""
	case k.text != "" && k.text >= " " && len([]rune(f.text)) < f.max:
		f.text += k.text
	default:
		return false
	}
	return true
}

// show draws the field with its cursor; places beyond what was typed are shown
// as lines to fill.
func (f *field) show() string {
	rest := max(0, f.max-width(f.text))
	line := ""
	for range rest {
		line += "_"
	}
	if line != "" {
		line = inverse.on(line[:1]) + line[1:]
	}
	return bold.on(f.text) + line
}

// number reads a key 1–9 as a place in a list, from 0; -1 for any other key.
func number(k keyPress) int {
	if len(k.text) == 1 && k.text[0] >= '1' && k.text[0] <= '9' {
		return int(k.text[0] - '1')
	}
	return -1
}
