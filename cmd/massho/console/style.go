package console

import "strings"

// style is an SGR sequence (ECMA-48 §8.3.117). Every style has a word or a sign
// beside it on the screen: colour is never the only one.
type style string

const (
	plain    style = ""
	bold     style = "1"
	faint    style = "2"
	inverse  style = "7"
	alarm    style = "1;97;41" // must not go unseen
	caution  style = "30;43"
	good     style = "1;92"
	bad      style = "1;91"
	warn     style = "93"
	title    style = "1;97;44"
	training style = "1;30;43"
	paper    style = "30;107" // black on white, for QR codes and forms
)

// on paints s. The style ends with s.
func (st style) on(s string) string {
	if st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// serialSafe replaces characters whose width terminals disagree about (East
// Asian Ambiguous) and drawings that many lack, one for one, so that columns
// stay where they are.
var serialSafe = strings.NewReplacer(
	"─", "-", "│", "|", "┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "┬", "+", "┴", "+", "┼", "+",
	"━", "=", "█", "#", "▓", "#", "▒", ":", "░", ".", "▁", ".", "▂", ".", "▃", "-", "▄", "-", "▅", "=", "▆", "=", "▇", "#", "▀", "#", "▌", "|",
	"…", ".", "→", ">", "←", "<", "↑", "^", "↓", "v", "▲", "^", "▼", "v", "▶", ">", "■", "#", "□", "-", "●", "*", "○", "o", "◆", "*",
	"①", "1", "②", "2", "③", "3", "④", "4", "⑤", "5", "※", "*", "×", "x", "÷", "/", "°", " ", "±", "+", "≥", ">", "≦", "<", "△", "^", "§", "S",
	"“", "\"", "”", "\"", "‘", "'", "’", "'", "–", "-", "—", "-", "✓", "v", "✔", "v",
)
