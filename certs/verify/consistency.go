package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

// belongs checks that this stick may have issued this number, and that
// training and real things are not mixed.
func (c *check) belongs() {
	h, s := c.signer.Holder, c.s
	if s.Training != c.signer.Training {
		c.find(TrainingMixed, Integrity, fmt.Sprintf("記録の訓練の別（%v）が認証局（%v）と異なる", s.Training, c.signer.Training), nil)
	}
	if s.Case.Signed && h.Case != s.Case.ID {
		c.find(UnknownSigner, Integrity, "このUSBは別の案件のために発行された: "+h.Case, nil)
	}
	if !strings.HasPrefix(s.Number, s.Case.ID+"-"+h.Stick+"-") && (s.Case.Signed || !strings.Contains(s.Number, "-"+h.Stick+"-")) {
		c.find(UnknownSigner, Integrity, "証明書番号がこのUSB（"+h.Stick+"）のものではない: "+s.Number, nil)
	}
	if got, want := c.doc.Signatures[0].Info, certs.SignatureInfo(s, c.doc.Signatures[0].Signer); got.Field != want.Field ||
		got.Name != want.Name || got.Reason != want.Reason || !got.Time.Equal(want.Time) {
		c.find(PageDiffers, Consistency, "署名の記載が記録と異なる", nil)
	}
}

func (c *check) rulePack() bool {
	ref := c.s.RulePack
	pack, err := rules.Load(ref.ID)
	if err != nil {
		c.find(RulePackUnknown, Consistency, "ルールパック "+ref.ID+" はこのプログラムにない", err)
		return false
	}
	if pack.Hash() != ref.Hash || pack.Edition != ref.Edition || pack.Source != ref.Source {
		c.find(RulePackUnknown, Consistency, "ルールパック "+ref.ID+" の内容が記録と異なる", fmt.Errorf("hash %s here, %s in the statement", pack.Hash(), ref.Hash))
		return false
	}
	c.pack = pack
	c.ok(Consistency, "ルールパック "+ref.ID+" のハッシュは一致")
	return true
}

// outcome derives everything again that follows from something else.
func (c *check) outcome() {
	s := c.s
	before := len(c.Findings)
	if !certs.SameJSON(certs.Derive(c.pack, &s), s.Derivation) {
		c.find(OutcomeDiffers, Consistency, words[OutcomeDiffers], nil)
	}
	pol := s.Policy
	pol.Signed = s.PolicySigned
	row, _, err := c.pack.Classify(s.Classification.Category, pol)
	if err != nil || s.Classification.Row < rules.Row1 || s.Classification.Row > row {
		c.find(OutcomeDiffers, Consistency, "分類から導かれる行と異なる", err)
	}
	if err := agree(s); err != nil {
		c.find(OutcomeDiffers, Consistency, "工程の記録と判定の根拠が一致しない", err)
	}
	if len(c.Findings) == before {
		c.ok(Consistency, "判定は同じルールから導き直したものと一致: "+s.Derivation.Paper.Label().Ja+"・"+s.Derivation.Outcome.Label().Ja)
	}
}

// agree compares what is printed of the steps with the facts that the outcome
// rests on.
func agree(s certs.Statement) error {
	if len(s.Steps) != len(s.Facts.Steps) {
		return fmt.Errorf("%d steps, %d in the facts", len(s.Steps), len(s.Facts.Steps))
	}
	for i, st := range s.Steps {
		f := s.Facts.Steps[i]
		if st.Technique != f.Technique || st.Status != f.Status {
			return fmt.Errorf("step %d: %s %s, in the facts %s %s", i+1, st.Technique, st.Status, f.Technique, f.Status)
		}
	}
	m, f := s.Medium, s.Facts
	if m.Kind != f.Medium {
		return fmt.Errorf("medium %s, in the facts %s", m.Kind, f.Medium)
	}
	if d := s.Destruction; d != nil && d.Serial != m.Serial {
		return errors.New("the destruction prompt names another medium")
	}
	return nil
}

// page draws the page again and compares the whole first section.
func (c *check) page() {
	set, err := fonts.Load()
	if err != nil {
		c.find(NotChecked, Consistency, "このプログラムには書体がなく、紙面を描き直して比べられない", err)
		return
	}
	if err := sameFonts(c.s.Layout, set); err != nil {
		c.find(NotChecked, Consistency, "書面と同じ書体・紙面の版がなく、描き直して比べられない", err)
		return
	}
	again, err := c.compose(set)
	if err != nil {
		c.find(PageDiffers, Consistency, "紙面を描き直せない", err)
		return
	}
	if err := samePages(again, c.file[:c.doc.First.End], c.doc.First); err != nil {
		c.find(PageDiffers, Consistency, words[PageDiffers], err)
		return
	}
	c.ok(Consistency, "紙面は添付の記録から描き直したものと一致")
}

// compose draws the page of the Statement with the attachments as they lie in
// the file.
func (c *check) compose(set *fonts.Set) ([]byte, error) {
	files := certs.Files(c.attached[certs.AttachedStatement].Data, c.attached[certs.AttachedJournal].Data, c.attached[certs.AttachedCase].Data)
	for i := range files {
		files[i].Packed = c.attached[files[i].Name].Packed
	}
	return certs.Compose(&c.s, c.pack, c.payload, files, set)
}

func sameFonts(l certs.Layout, set *fonts.Set) error {
	if l.Version < 1 || l.Version > certs.LayoutVersion || (l.Version == 1 && l.Lang != "ja") {
		return fmt.Errorf("layout %d %s", l.Version, l.Lang)
	}
	have := map[string]string{}
	for _, f := range []*fonts.Font{set.Regular, set.Bold, set.Fallback} {
		have[f.Name] = f.SHA256
	}
	for _, f := range l.Fonts {
		if have[f.Name] != f.SHA256 {
			return fmt.Errorf("font %s: %s here, %s in the statement", f.Name, have[f.Name], f.SHA256)
		}
	}
	return nil
}

// samePages compares bytes; where they differ, because another release of Go
// packs streams otherwise, every object's decoded content.
func samePages(again, file []byte, first pdf.Section) error {
	if bytes.Equal(again, file) {
		return nil
	}
	sections, err := pdf.Read(again)
	if err != nil {
		return err
	}
	return pdf.SameContent(sections[0], first)
}
