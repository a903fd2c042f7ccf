package console

import tea "charm.land/bubbletea/v2"

// global handles the keys that work on every screen.
func (m *Model) global(k keyPress) (tea.Cmd, bool) {
	switch k.name {
	case "f1", "ctrl+g":
		m.toggle(&helpPage{about: m.page})
	case "f2", "ctrl+l":
		m.lang = m.t("en", "ja")
	case "f3", "ctrl+o":
		m.toggle(&logPage{})
	case "f4", "ctrl+k":
		return m.switchKeyboard(), true
	case "f5", "ctrl+b":
		m.toggle(&largePage{})
	case "f6", "ctrl+w":
		m.toggle(newWordPage())
	case "ctrl+c": // many hands type it from habit: it ends nothing here
		m.refuse("Ctrl+C では終わりません。終了は最後の画面から行います。", "Ctrl+C ends nothing here. The last screen ends the console.")
	default:
		return nil, false
	}
	return nil, true
}

// toggle lays p over the page, or takes away one of its kind.
func (m *Model) toggle(p page) {
	if m.over != nil && m.over.title(m) == p.title(m) {
		m.over = nil
		return
	}
	if _, ok := m.over.(*messagePage); ok {
		return // an error is acknowledged first
	}
	m.over = p
}

func (m *Model) switchKeyboard() tea.Cmd {
	if m.keyboard == "" {
		m.refuse("この端末ではキーボードの種類を変えられません。", "The keyboard layout cannot be changed at this terminal.")
		return nil
	}
	next := "jis"
	if m.keyboard == "jis" {
		next = "us"
	}
	w := m.world
	return m.act(func() error { return w.SetKeyboard(next) }, func(m *Model) tea.Cmd {
		m.keyboard = next
		m.say("キーボード: "+keyboardName(next), "Keyboard: "+keyboardName(next))
		return nil
	})
}

func keyboardName(layout string) string {
	if layout == "jis" {
		return "JIS 106/109"
	}
	return "US 101/104"
}

// globalHints stand beside the title of every screen.
var globalHints = []hint{
	{"F1", "ヘルプ", "Help"}, {"F2", "English", "日本語"}, {"F3", "ログ", "Log"},
	{"F5", "大画面", "Large"}, {"F6", "合言葉", "Word"},
}
