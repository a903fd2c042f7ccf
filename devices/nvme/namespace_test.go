package nvme

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/massho/massho/devices/support"
)

// namespace is Identify Namespace data with n formats and index f in use.
func namespace(n, f int) []byte {
	b := make([]byte, 4096)
	le := binary.LittleEndian
	le.PutUint64(b, 1000)
	le.PutUint64(b[8:], 900)
	b[25] = byte(n - 1)
	b[26] = byte(f&0x0F | f>>4<<5)
	for i := range n {
		le.PutUint32(b[128+4*i:], 9<<16)
	}
	le.PutUint32(b[128+4*f:], 12<<16|8)
	return b
}

func TestParseNamespace(t *testing.T) {
	b := namespace(2, 1)
	b[26] |= 0x10
	b[29], b[30], b[32] = 0x0A, 1, 0x80|37
	n, _, err := IdentifyNamespace(context.Background(), says(b), 1)
	if err != nil || n.FormatIndex != 1 || n.Current() != (LBAFormat{DataSize: 4096, MetadataSize: 8}) ||
		!n.MetadataInline || n.PIType != 2 || !n.PIFirst || !n.Shared || n.FormatProgress != support.Yes ||
		n.FormatRemaining != 37 || n.NGUID != "" || n.EUI64 != "" {
		t.Errorf("%+v, %v", n, err)
	}
	b[32] = 0x80
	if n, err := ParseNamespace(b); err != nil || n.FormatProgress != support.No {
		t.Errorf("%+v, %v", n, err)
	}
	b[32] = 0
	if n, err := ParseNamespace(b); err != nil || n.FormatProgress != support.Unknown {
		t.Errorf("%+v, %v", n, err)
	}
	// Index 33 needs bits 6:5, which mean nothing with 16 formats or fewer.
	if n, err := ParseNamespace(namespace(40, 33)); err != nil || n.FormatIndex != 33 || n.Current().DataSize != 4096 {
		t.Errorf("%+v, %v", n, err)
	}
	b = namespace(2, 1)
	b[26] |= 0x60
	if n, err := ParseNamespace(b); err != nil || n.FormatIndex != 1 {
		t.Errorf("%+v, %v", n, err)
	}
	bad := namespace(2, 1)
	bad[130+4] = 8 // LBADS below 9
	for name, b := range map[string][]byte{
		"short": namespace(1, 0)[:131], "inactive": make([]byte, 4096), "format cut off": namespace(2, 1)[:132],
		"format beyond the list": append(namespace(1, 0)[:26], append([]byte{3}, namespace(1, 0)[27:]...)...),
		"format not available":   bad,
	} {
		var e *ParseError
		if n, err := ParseNamespace(b); !errors.As(err, &e) {
			t.Errorf("%s: %+v", name, n)
		}
	}
}

func TestDescriptors(t *testing.T) {
	list := append([]byte{1, 8, 0, 0}, 0, 0x25, 0x38, 1, 2, 3, 4, 5)
	list = append(list, append([]byte{2, 16, 0, 0}, bytes.Repeat([]byte{0xAB}, 16)...)...)
	list = append(list, 9, 2, 0, 0, 1, 2) // a type of the future
	list = append(list, 4, 1, 0, 0, 2)
	f := says(list)
	ids, _, err := IdentifyDescriptors(context.Background(), f, 5)
	if err != nil || ids.EUI64 != "0025380102030405" || ids.Name() != "nguid."+strings.Repeat("ab", 16) || !ids.CSIKnown || ids.CSI != 2 {
		t.Errorf("%+v, %v", ids, err)
	}
	if c := f.sent[0]; c.CDW10 != 3 || c.NSID != 5 || len(c.Data) != 4096 {
		t.Errorf("%+v", c)
	}
	for want, ids := range map[string]NamespaceIDs{"": {}, "eui.01": {EUI64: "01"}, "uuid.02": {UUID: "02", NGUID: "03"}} {
		if ids.Name() != want {
			t.Errorf("%q, want %q", ids.Name(), want)
		}
	}
	for name, b := range map[string][]byte{"cut": {1, 8, 0, 0, 1}, "wrong length": {2, 8, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}} {
		if _, err := ParseDescriptors(b); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestNamespaceLists(t *testing.T) {
	// 1500 namespaces need two answers.
	f := &fake{}
	f.answer = func(c AdminCommand) error {
		for i := range uint32(1024) {
			if id := c.NSID + 1 + i; id <= 1500 {
				binary.LittleEndian.PutUint32(c.Data[4*i:], id)
			}
		}
		return nil
	}
	ids, err := AllocatedNamespaces(context.Background(), f)
	if err != nil || len(ids) != 1500 || ids[1499] != 1500 || len(f.sent) != 2 || f.sent[0].CDW10 != 0x10 || f.sent[1].NSID != 1024 {
		t.Errorf("%d IDs, %v", len(ids), err)
	}
	if ids, err := ActiveNamespaces(context.Background(), says([]byte{1, 0, 0, 0, 3})); err != nil || len(ids) != 2 || ids[1] != 3 {
		t.Errorf("%v, %v", ids, err)
	}
	if ids, err := ActiveNamespaces(context.Background(), says(nil)); err != nil || len(ids) != 0 {
		t.Errorf("%v, %v", ids, err)
	}
	if _, err := ActiveNamespaces(context.Background(), says([]byte{3, 0, 0, 0, 2})); err == nil {
		t.Error("a falling list was taken")
	}
	// A controller that always answers the same full list must not hang us.
	full := make([]byte, 4096)
	for i := range uint32(1024) {
		binary.LittleEndian.PutUint32(full[4*i:], i+1)
	}
	if _, err := ActiveNamespaces(context.Background(), says(full)); err == nil {
		t.Error("a list without end was taken")
	}
}
