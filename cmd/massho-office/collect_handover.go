package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/collect"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/handover"
	"github.com/massho/massho/certs/ledger"
)

// handoverOptions are what a 受渡票 needs to know.
type handoverOptions struct {
	wanted                       bool
	at, place, from, to, purpose string
}

func (o *handoverOptions) flags(c *cobra.Command, a *app) {
	f := c.Flags()
	f.BoolVar(&o.wanted, "handover", false, a.t("受渡票を作る", "make a 受渡票"))
	f.StringVar(&o.at, "at", "", a.t("引渡しの日時（省略時は今）", "time of the hand-over (default: now)"))
	f.StringVar(&o.place, "place", "", a.t("引渡しの場所", "place of the hand-over"))
	f.StringVar(&o.from, "from", "", a.t("引き渡した者「氏名,所属,職名,連絡先」", "who handed over: name,organisation,title,contact"))
	f.StringVar(&o.to, "to", "", a.t("受け取った者「氏名,所属,職名,連絡先」", "who received: name,organisation,title,contact"))
	f.StringVar(&o.purpose, "purpose", "", a.t("目的", "purpose"))
}

// complete asks for what is missing.
func (o *handoverOptions) complete(a *app) error {
	return a.askAll([]missingFlag{
		{&o.place, a.t("引渡しの場所", "place of the hand-over"), "--place"},
		{&o.from, a.t("引き渡した者（氏名,所属,職名,連絡先）", "who handed over (name,organisation,title,contact)"), "--from"},
		{&o.to, a.t("受け取った者（氏名,所属,職名,連絡先）", "who received (name,organisation,title,contact)"), "--to"},
	})
}

// handover makes the 受渡票: signed where a key was given, else to be signed by
// hand. Its list is kept as JSON beside it: the dates by which a destruction is
// due count from it.
func (a *app) handover(o *collectOptions, arc *archive.Archive, r collect.Report) error {
	if !o.hand.wanted {
		return nil
	}
	if err := o.hand.complete(a); err != nil {
		return err
	}
	h := collect.HandoverOf(r)
	h.At = now()
	if o.hand.at != "" {
		t, err := moment(o.hand.at)
		if err != nil {
			return err
		}
		h.At = t.UTC()
	}
	h.Place, h.Purpose = o.hand.place, o.hand.purpose
	h.From, h.To = typedPerson(o.hand.from, ""), typedPerson(o.hand.to, "")
	h.Deadline = ledger.Deadline("", arc.Case.Policy.DestructionDays, h.At)
	f := arc.Dir.Sub(archive.DirHandover)
	number, err := f.Next(arc.Case.ID+"-H", ".pdf")
	if err != nil {
		return err
	}
	file, err := a.handoverPaper(o, arc, &h, number)
	if err != nil {
		return err
	}
	list, err := json.MarshalIndent(&h, "", " ")
	if err != nil {
		return err
	}
	if err := f.KeepNew(number+".json", list); err != nil {
		return err
	}
	if err := f.Fill(number+".pdf", file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, a.t("受渡票 %s を作りました（引き渡すもの %d 個、庁舎に残すもの %d 個）: %s\n", "受渡票 %s was made (%d media leave, %d stay): %s\n"),
		number, len(h.Leaves), len(h.Stays), f.Path(number+".pdf"))
	return err
}

func (a *app) handoverPaper(o *collectOptions, arc *archive.Archive, h *handover.Handover, number string) ([]byte, error) {
	if o.key == "" {
		h.Head = head(arc, number, certs.Person{Name: h.From.Name, Organisation: h.From.Organisation, Title: h.From.Title, Contact: h.From.Contact})
		h.Training = arc.Case.Training
		return deed.Draft(h, nil)
	}
	by, person, err := a.signer(&o.desk, arc)
	if err != nil {
		return nil, err
	}
	h.Head = head(arc, number, person)
	return deed.Issue(h, nil, by)
}
