package destroy

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// Waiting is a medium that was dealt with in the 庁舎 and waits for its
// destruction.
type Waiting struct {
	Ref        deed.Ref // its paper
	Title      string
	Serial     string
	Model      string
	Asset      string // 管理番号
	Row        rules.Row
	InsideOnly bool
	Due        time.Time // zero: none set
	Training   bool
}

// Labels is a page of QR labels to cut out and stick on media that wait.
func Labels(list []Waiting, caseName, tool string, printed time.Time) ([]byte, error) {
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	doc := page.Doc{Title: "破壊待ち媒体のラベル", Creator: tool, Created: printed, Footer: "破壊待ち媒体のラベル　" + caseName + "　" + deed.Date(printed),
		Blocks: []page.Block{page.Title{Text: "破壊待ち媒体のラベル", Sub: caseName},
			page.Para{Text: fmt.Sprintf("%d 枚。切り取り、製造番号を確かめて媒体に貼る。QRコードは証明書番号と記録のハッシュであり、保存されていた情報は含まない。", len(list))}}}
	var labels page.Labels
	for _, w := range list {
		if w.Training {
			doc.Watermark = "訓練"
		}
		due := "期限 定められていない"
		if !w.Due.IsZero() {
			due = "期限 " + w.Due.In(jst).Format(time.DateOnly)
		}
		lines := []string{"製造番号 " + deed.Known(w.Serial), "型番 " + deed.Known(w.Model), "管理番号 " + deed.Known(w.Asset), w.Row.Label().Ja, due}
		if w.InsideOnly {
			lines = append(lines, "庁舎外へ持ち出さない")
		}
		labels.Items = append(labels.Items, page.Label{QR: certs.QRText(w.Ref.Number, w.Ref.Payload), Head: "破壊待ち " + w.Ref.Number, Lines: lines})
	}
	doc.Blocks = append(doc.Blocks, labels)
	file, err := page.Render(doc, set)
	if err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	return file, nil
}

// Find looks for the medium at hand by what was typed, its whole serial, or by
// what a scanner read off its label. More than one with the same serial are
// none: the label must decide.
func Find(list []Waiting, input string) (Waiting, Identified, error) {
	input = strings.TrimSpace(input)
	if strings.HasPrefix(input, "massho:1:") {
		for _, w := range list {
			if input == certs.QRText(w.Ref.Number, w.Ref.Payload) {
				return w, ByLabel, nil
			}
		}
		return Waiting{}, "", fmt.Errorf("%w: no medium of this case waits under label %q", ErrMedium, input)
	}
	var hits []Waiting
	for _, w := range list {
		if key := serials.Key(w.Serial); key != "" && key == serials.Key(input) {
			hits = append(hits, w)
		}
	}
	switch len(hits) {
	case 0:
		return Waiting{}, "", fmt.Errorf("%w: no medium of this case with serial %q waits for its destruction", ErrMedium, input)
	case 1:
		return hits[0], ByTyping, nil
	}
	return Waiting{}, "", fmt.Errorf("%w: %d media wait under serial %q: read the QR label", ErrMedium, len(hits), input)
}
