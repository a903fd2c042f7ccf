package fbterm

import "fmt"

// Keymap is the layout of the keyboard.
type Keymap string

// The layouts. Letters, digits and the hyphen are in the same places on both.
const (
	KeymapUS  Keymap = "us"
	KeymapJIS Keymap = "jis" // JIS 106 and 109
)

// keyEntry is struct kbentry (linux/kd.h): what a key means in one table.
type keyEntry struct {
	table uint8 // 0 plain, 1 shift
	key   uint8 // keycode
	value uint16
}

// word is the struct as the 32-bit integer whose bytes it is.
func (k keyEntry) word() int { return int(k.table) | int(k.key)<<8 | int(k.value)<<16 }

// noKey is K_HOLE: the key does nothing.
const noKey = 0x0200

// differing are the keys on which the two layouts differ: keycode (linux/
// input-event-codes.h) and the characters plain and shifted. 0 is nothing.
var differing = []struct {
	code    uint8
	us, jis [2]byte
}{
	{3, [2]byte{'2', '@'}, [2]byte{'2', '"'}},
	{7, [2]byte{'6', '^'}, [2]byte{'6', '&'}},
	{8, [2]byte{'7', '&'}, [2]byte{'7', '\''}},
	{9, [2]byte{'8', '*'}, [2]byte{'8', '('}},
	{10, [2]byte{'9', '('}, [2]byte{'9', ')'}},
	{11, [2]byte{'0', ')'}, [2]byte{'0', '~'}},
	{12, [2]byte{'-', '_'}, [2]byte{'-', '='}},
	{13, [2]byte{'=', '+'}, [2]byte{'^', '~'}},
	{26, [2]byte{'[', '{'}, [2]byte{'@', '`'}},
	{27, [2]byte{']', '}'}, [2]byte{'[', '{'}},
	{39, [2]byte{';', ':'}, [2]byte{';', '+'}},
	{40, [2]byte{'\'', '"'}, [2]byte{':', '*'}},
	{41, [2]byte{'`', '~'}, [2]byte{}}, // 半角/全角: there is no IME to switch
	{43, [2]byte{'\\', '|'}, [2]byte{']', '}'}},
	{89, [2]byte{}, [2]byte{'\\', '_'}},  // KEY_RO
	{124, [2]byte{}, [2]byte{'\\', '|'}}, // KEY_YEN
	{92, [2]byte{}, [2]byte{}},           // 変換
	{93, [2]byte{}, [2]byte{}},           // ひらがな
	{94, [2]byte{}, [2]byte{}},           // 無変換
}

// entries are the table entries that turn any of the layouts into m.
func (m Keymap) entries() ([]keyEntry, error) {
	if m != KeymapUS && m != KeymapJIS {
		return nil, fmt.Errorf("keymap %q: unknown; known are us and jis", m)
	}
	var out []keyEntry
	for _, d := range differing {
		chars := d.us
		if m == KeymapJIS {
			chars = d.jis
		}
		for table, c := range chars {
			v := uint16(c) // KT_LATIN is type 0
			if c == 0 {
				v = noKey
			}
			out = append(out, keyEntry{uint8(table), d.code, v})
		}
	}
	return out, nil
}
