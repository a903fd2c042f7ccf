// Package handover is the 受渡票: the paper that says what left the 庁舎, in which
// state, to whom, and what did not leave. certs/collect makes its lists.
package handover

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/page"
)

// Handover is the content of the paper.
type Handover struct {
	deed.Head
	At       time.Time    `json:"at"`
	Place    string       `json:"place"`
	From     certs.Person `json:"from"` // of the 団体
	To       certs.Person `json:"to"`   // of the contractor
	Purpose  string       `json:"purpose"`
	Leaves   []Item       `json:"leaves"`
	Stays    []Item       `json:"stays"`   // must not leave, with why
	Missing  []Item       `json:"missing"` // expected and not found
	Deadline time.Time    `json:"deadline,omitzero"`
}

// Item is one medium, or media of one PC that are not there.
type Item struct {
	Asset  string `json:"asset"` // 管理番号
	Host   string `json:"host"`  // serial of the PC
	Model  string `json:"model"`
	Serial string `json:"serial"`
	Number string `json:"number"` // of its paper
	State  string `json:"state"`
}

// Kind is the deed's kind.
func (h *Handover) Kind() string { return "handover/v1" }

// Title is the paper's title.
func (h *Handover) Title() string { return "受渡票" }

// Subjects is empty: the papers are named by number in the lists.
func (h *Handover) Subjects() []deed.Ref { return nil }

// Files is empty.
func (h *Handover) Files() []deed.FileRef { return nil }

// Validate refuses a paper that does not say who, when and where.
func (h *Handover) Validate() error {
	switch {
	case h.At.IsZero() || strings.TrimSpace(h.Place) == "":
		return errors.New("time or place of the hand-over is missing")
	case h.From.Name == "" || h.To.Name == "":
		return errors.New("who handed over, or who received, is missing")
	}
	return nil
}

// Blocks is the page.
func (h *Handover) Blocks(hash string, _ map[string][]byte) []page.Block {
	sub := "庁舎から引き渡した記憶媒体と、その状態"
	if h.Training {
		sub = "訓練のための書面であり、効力を持たない　" + sub
	}
	due := "定められていない"
	if !h.Deadline.IsZero() {
		due = deed.Date(h.Deadline)
	}
	out := []page.Block{h.FromOffice(hash), page.Title{Text: h.Title(), Sub: sub},
		page.Box{Heavy: true, Lead: fmt.Sprintf("引き渡すもの %d 個　　庁舎に残すもの %d 個　　見つかっていないもの %d 件", len(h.Leaves), len(h.Stays), len(h.Missing))},
		page.Fields{Rows: [][]page.Field{
			deed.Row("引渡し日時", deed.Moment(h.At), "場所", h.Place),
			deed.Row("引き渡した者", deed.Joined(" ", h.From.Organisation, h.From.Title, h.From.Name)),
			deed.Row("受け取った者", deed.Joined(" ", h.To.Organisation, h.To.Title, h.To.Name)),
			deed.Row("目的", h.Purpose, "破壊の完了証明書の提出期限", due),
		}},
		page.Grid{Head: []string{"", "氏名", "署名・押印", "日付"}, Widths: []float64{16, 30, 30, 24},
			Rows: [][]string{{"引き渡した者", h.From.Name, "\n\n", ""}, {"受け取った者", h.To.Name, "\n\n", ""}}},
	}
	for _, part := range []struct {
		title string
		items []Item
		none  string
	}{
		{"引き渡すもの", h.Leaves, "なし"},
		{"庁舎に残すもの（庁舎外へ持ち出さない）", h.Stays, "なし"},
		{"見つかっていないもの・記録のないもの", h.Missing, "なし"},
	} {
		out = append(out, page.Heading{Text: part.title}, itemGrid(part.items, part.none))
	}
	return append(out, h.Checking(hash)...)
}

func itemGrid(items []Item, none string) page.Block {
	if len(items) == 0 {
		return page.Para{Text: none}
	}
	g := page.Grid{Head: []string{"", "管理番号", "機器の製造番号", "媒体の型番・製造番号", "証明書番号", "状態"}, Widths: []float64{5, 13, 15, 26, 20, 21}}
	for i, it := range items {
		g.Rows = append(g.Rows, []string{fmt.Sprint(i + 1), it.Asset, it.Host, strings.TrimSpace(it.Model + "\n" + it.Serial), it.Number, it.State})
	}
	return g
}
