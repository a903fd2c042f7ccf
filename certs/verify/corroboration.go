package verify

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// corroborate asks the signed case and the journal.
func (c *check) corroborate() {
	if !c.s.Classification.Signed {
		c.find(ClassificationUnsigned, Corroboration, "分類は作業者の申告である", nil)
	}
	if err := c.signedCase(); err != nil {
		c.find(CaseDiffers, Corroboration, words[CaseDiffers], err)
	}
	if err := c.journal(); err != nil {
		c.find(JournalDiffers, Corroboration, words[JournalDiffers], err)
	}
}

// signedCase checks what the Statement says that the authority signed.
func (c *check) signedCase() error {
	s := c.s
	claims := s.Case.Signed || s.PolicySigned || s.Classification.Signed
	file, attached := c.attached[certs.AttachedCase]
	if !attached {
		if claims {
			return errors.New("the statement rests on a signed case, and none is attached")
		}
		return nil
	}
	// The same authority must have issued the stick and signed the case.
	l, err := cases.Load(file.Data, keys.Trust{Roots: []*x509.Certificate{c.signer.Root}}, s.Issued)
	if err != nil {
		return err
	}
	if s.Case != (certs.CaseRef{ID: l.ID, Title: l.Title, ContractNo: l.ContractNo, Municipality: l.Municipality, Addressee: l.Addressee,
		Department: l.Department, Contractor: l.Contractor, Signed: true, Hash: l.Hash, Nonce: l.Nonce, Place: l.Place}) {
		return errors.New("the case in the statement is not the attached one")
	}
	if s.Issued.Before(l.Created) {
		return fmt.Errorf("issued %s, before the case was made", s.Issued)
	}
	if l.RulePack.ID != s.RulePack.ID || l.RulePack.Hash != s.RulePack.Hash {
		return errors.New("the case names another rule pack")
	}
	if s.PolicySigned && !certs.SameJSON(l.Policy, s.Policy) {
		return errors.New("the policy is not that of the case")
	}
	if err := c.asset(l.Case); err != nil {
		return err
	}
	if err := samePeople(l.Case, s.Persons); err != nil {
		return err
	}
	c.ok(Corroboration, "案件 "+l.ID+" の署名は有効で、分類・方針・名簿は記録と一致")
	return nil
}

// asset checks the roster's line and that the classification is no weaker.
func (c *check) asset(l cases.Case) error {
	s := c.s
	if !s.Asset.InRoster {
		if s.Classification.Signed {
			return errors.New("classified by the case, but not in its roster")
		}
		return nil
	}
	if s.Asset.RosterIndex < 0 || s.Asset.RosterIndex >= len(l.Roster) {
		return fmt.Errorf("the roster has no line %d", s.Asset.RosterIndex+1)
	}
	a := l.Roster[s.Asset.RosterIndex]
	if a.Number != s.Asset.Number || a.Section != s.Asset.Section || a.Lease != s.Asset.Lease || a.ExpectedMedia != s.Asset.ExpectedMedia {
		return fmt.Errorf("roster line %d says something else of %s", s.Asset.RosterIndex+1, s.Asset.Number)
	}
	if h := s.Host; h.Source == "roster" && (h.Maker != a.HostMaker || h.Model != a.HostModel || h.Serial != a.HostSerial) {
		return fmt.Errorf("roster line %d names another PC", s.Asset.RosterIndex+1)
	}
	category := a.Category
	for _, m := range a.Media {
		if m.Serial == s.Medium.Serial && m.Category != nil {
			category = *m.Category
		}
	}
	if c.pack == nil {
		return nil
	}
	pol := l.Policy
	pol.Signed = true
	row, _, err := c.pack.Classify(category, pol)
	if err != nil {
		return err
	}
	if s.Classification.Row > row {
		return fmt.Errorf("classified as %s, the case says %s", s.Classification.Row.Label().En, row.Label().En)
	}
	return nil
}

// samePeople: who is not marked 名簿外 stands in the case under that name.
func samePeople(l cases.Case, people []certs.Person) error {
	for _, p := range people {
		if p.OffRoster {
			continue
		}
		found := false
		for _, q := range l.People {
			found = found || (q.ID == p.ID && q.Name == p.Name && q.Organisation == p.Organisation && q.Role == p.Role)
		}
		if !found {
			return fmt.Errorf("the case names no %s %q (%s)", p.Role, p.Name, p.ID)
		}
	}
	return nil
}

// journal checks that the attached journal ends where the Statement says, and
// tells the same of every step.
func (c *check) journal() error {
	j := c.s.Journal
	file, attached := c.attached[certs.AttachedJournal]
	if !attached {
		return errors.New("no journal is attached")
	}
	log, err := journal.ParseExcerpt(file.Data)
	if err != nil {
		return err
	}
	switch {
	case log.Head().String() != j.HeadHash || log.Code() != j.Code:
		return fmt.Errorf("its head is %s, the statement names %s", log.Head(), j.HeadHash)
	case log.Header.Run.String() != j.RunID || uint64(len(log.Records)) != j.Records || j.AttachedName != certs.AttachedJournal:
		return errors.New("run or number of records differ")
	case log.Header.Training != c.s.Training:
		return errors.New("training differs")
	case c.s.Case.Signed && (log.Header.Case != c.s.Case.ID || log.Header.Nonce != c.s.Case.Nonce || c.stick(log) != c.signer.Holder.Stick):
		return fmt.Errorf("it is of case %s, stick %s", log.Header.Case, c.stick(log))
	}
	if err := c.steps(log); err != nil {
		return err
	}
	if err := c.told(log); err != nil {
		return err
	}
	memory := 0
	for _, r := range log.Records {
		if r.InMemory {
			memory++
		}
	}
	ja := fmt.Sprintf("ジャーナル %d 件は鎖として正しく、工程と判定は記録と一致（符号 %s）", len(log.Records), j.Code)
	if memory > 0 {
		ja += fmt.Sprintf("。うち %d 件は、USBが抜かれている間に記憶され後で書かれた", memory)
	}
	c.ok(Corroboration, ja)
	return nil
}

// stick is the stick whose paper the journal is for: the one that began it, or the
// one of the same case that went on with it and gave the paper its number.
func (c *check) stick(log *journal.Log) string {
	stick := log.Header.Stick
	for _, r := range log.Records {
		var p struct {
			Number string `json:"number"`
			Stick  string `json:"stick"`
		}
		if r.Type == journal.TypeNote && json.Unmarshal(r.Payload, &p) == nil && p.Number == c.s.Number && p.Stick != "" {
			stick = p.Stick
		}
	}
	return stick
}

// stepPayload is what intents and results have in common.
type stepPayload struct {
	Drive  string           `json:"drive"`
	Step   string           `json:"step"`
	Status rules.StepStatus `json:"status"`
}

// steps wants an intent and a result for every step that ended.
func (c *check) steps(log *journal.Log) error {
	intents, results := map[string]bool{}, map[string]rules.StepStatus{}
	for _, r := range log.Records {
		var p stepPayload
		if json.Unmarshal(r.Payload, &p) != nil || p.Drive != c.s.Medium.Serial {
			continue // of another drive, or of the run as a whole
		}
		switch {
		case r.Type == journal.TypeIntent:
			intents[p.Step] = true
		case r.Type == journal.TypeResult && p.Status != "":
			results[p.Step] = p.Status
		}
	}
	for i, st := range c.s.Steps {
		name := fmt.Sprintf("step-%d", st.Index+1)
		if !intents[name] && st.Status != rules.StepRefused {
			return fmt.Errorf("no intent for step %d (%s)", i+1, st.Technique)
		}
		if got := results[name]; got != st.Status && st.Status != rules.StepInterrupted {
			return fmt.Errorf("step %d (%s) is %q in the journal, %q in the statement", i+1, st.Technique, got, st.Status)
		}
	}
	return nil
}

// told wants the drive's last outcome to be the Statement's.
func (c *check) told(log *journal.Log) error {
	var last *struct {
		Drive      string           `json:"drive"`
		Facts      rules.Facts      `json:"facts"`
		Derivation rules.Derivation `json:"derivation"`
	}
	for _, r := range log.Records {
		if r.Type != journal.TypeOutcome || r.Drive() != c.s.Medium.Serial {
			continue
		}
		last = nil
		if err := json.Unmarshal(r.Payload, &last); err != nil {
			return fmt.Errorf("outcome in record %d: %w", r.Seq, err)
		}
	}
	switch {
	case last == nil:
		return fmt.Errorf("it tells no outcome of %s", c.s.Medium.Serial)
	case !certs.SameJSON(last.Facts, c.s.Facts):
		return errors.New("the facts differ")
	case !certs.SameJSON(last.Derivation, c.s.Derivation):
		return errors.New("the outcome differs")
	}
	return nil
}
