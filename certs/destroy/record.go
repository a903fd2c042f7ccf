package destroy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// Kind is the deed's kind.
func (r *Record) Kind() string { return "destruction/v1" }

// Title is the paper's exact title.
func (r *Record) Title() string {
	if r.NotErased != nil && r.NotErased.Reason == ReasonNoMedium {
		return "記憶媒体の不存在確認書"
	}
	return rules.PaperDestruction.Label().Ja
}

// Subjects is the Stage A.
func (r *Record) Subjects() []deed.Ref {
	if r.StageA == nil {
		return nil
	}
	return []deed.Ref{r.StageA.Ref}
}

// Files are the photographs.
func (r *Record) Files() (out []deed.FileRef) {
	for _, p := range r.Photos {
		out = append(out, deed.FileRef{Name: p.File, MIME: "image/jpeg", SHA256: p.SHA256, Desc: "証拠写真"})
	}
	return out
}

// Validate refuses what no paper may say.
func (r *Record) Validate() error {
	pack, err := rules.Load(r.RulePack.ID)
	if err != nil {
		return err
	}
	if pack.Hash() != r.RulePack.Hash {
		return fmt.Errorf("rule pack %s has hash %s here, %s in the record", pack.ID, pack.Hash(), r.RulePack.Hash)
	}
	switch {
	case (r.StageA == nil) == (r.NotErased == nil):
		return errors.New("either Stage A or the reason why there is none")
	case r.Row < rules.Row1 || r.Row > rules.Row3:
		return errors.New("no row of 図表41")
	case strings.TrimSpace(r.Place) == "" || r.Performed.IsZero() || strings.TrimSpace(r.Performer.Name) == "":
		return errors.New("place, date or performer is missing")
	case dayAfter(r.Performed, r.Issued):
		return errors.New("performed after the paper was issued")
	case len(r.Photos) == 0:
		return errors.New("no photograph")
	case watchLabels[r.Watch.Kind] == rules.Label{}:
		return fmt.Errorf("watched how: %q", r.Watch.Kind)
	case r.Watch.Kind != WatchNone && strings.TrimSpace(r.Watch.Person.Name) == "":
		return errors.New("nobody is named who watched")
	}
	for _, check := range []error{r.validateErasure(), r.validateMethod(pack), r.validateMedium()} {
		if check != nil {
			return check
		}
	}
	for _, p := range r.Photos {
		if !deed.Valid64(p.SHA256) || !deed.Valid64(p.Original) || p.Width < 1 || p.Height < 1 {
			return fmt.Errorf("%w: %s", ErrPhoto, p.File)
		}
	}
	return nil
}

func (r *Record) validateErasure() error {
	if a := r.StageA; a != nil {
		if !deed.Valid64(a.Payload) || a.Number == "" {
			return errors.New("Stage A is not named by number and hash")
		}
		if dayAfter(a.Issued, r.Performed) {
			return errors.New("destroyed before it was erased")
		}
		if a.Paper == rules.PaperIncomplete && r.Issuer.Role == certs.RoleOperator {
			return errNeedsStaff
		}
		return nil
	}
	n := r.NotErased
	if reasonLabels[n.Reason] == (rules.Label{}) {
		return fmt.Errorf("not erased for reason %q", n.Reason)
	}
	if r.Issuer.Role == certs.RoleOperator || n.Approver.Name != r.Issuer.Name || n.Approver.ID != r.Issuer.ID {
		return errNeedsStaff
	}
	return nil
}

var errNeedsStaff = errors.New("a medium that was not erased needs the approval of staff: the 立会職員 or 確認職員 who agrees signs this paper")

func (r *Record) validateMethod(pack *rules.Pack) error {
	absent := r.NotErased != nil && r.NotErased.Reason == ReasonNoMedium
	if absent {
		if r.Method != nil {
			return errors.New("nothing can be destroyed where there is no medium")
		}
		return nil
	}
	if r.Method == nil {
		return errors.New("no method")
	}
	return CheckMethod(pack, r.Row, r.Medium.Kind, *r.Method)
}

// CheckMethod says whether a method counts for a medium. Row (1) knows ① alone:
// 物理的に破壊. ② is refused where it has no effect.
func CheckMethod(pack *rules.Pack, row rules.Row, kind rules.MediumKind, m Method) error {
	first, ok := pack.Row(rules.Row1)
	if !ok {
		return errors.New("the rule pack has no row (1)")
	}
	switch m.Item {
	case "①":
		if !slices.Contains(first.Ways, m.Way) {
			return fmt.Errorf("%w: %q is none of %s; a hole alone is not enough", ErrWay, m.Way, strings.Join(first.Ways, "・"))
		}
		return nil
	case "②":
		if row == rules.Row1 {
			return fmt.Errorf("%w: row (1) asks for a physical destruction, ② is none", ErrWay)
		}
		if ok, why := pack.MethodAllowed("②", kind); !ok {
			return fmt.Errorf("%w: %s", ErrWay, why.En)
		}
		if strings.TrimSpace(m.Device) == "" || strings.TrimSpace(m.FieldStrength) == "" {
			return fmt.Errorf("%w: ② needs the device and its field strength", ErrWay)
		}
		return nil
	}
	return fmt.Errorf("%w: method %q", ErrWay, m.Item)
}

func (r *Record) validateMedium() error {
	m := r.Medium
	switch m.How {
	case ByTyping:
		if serials.Key(m.Serial) == "" || serials.Key(m.Serial) != serials.Key(m.Typed) {
			return fmt.Errorf("%w: typed %q, the record says %q", ErrMedium, m.Typed, m.Serial)
		}
	case ByLabel:
		if r.StageA == nil || m.Typed != certs.QRText(r.StageA.Number, r.StageA.Payload) {
			return fmt.Errorf("%w: the label says %q", ErrMedium, m.Typed)
		}
	case ByPhoto:
		if serials.Key(m.Serial) != "" {
			return fmt.Errorf("%w: it has a serial, so type it", ErrMedium)
		}
	default:
		return fmt.Errorf("%w: identified how: %q", ErrMedium, m.How)
	}
	return nil
}

// Deviations is what was not done as the rules or the policy ask. The record
// stands; who accepts it must have seen this.
func (r *Record) Deviations() (out []rules.Note) {
	add := func(code, ja, en string) { out = append(out, rules.Note{Code: code, Ja: ja, En: en}) }
	absent := r.Method == nil
	inside := r.NotErased != nil || r.StageA.InsideOnly || r.StageA.Reached == rules.RowNone
	if r.NotErased != nil {
		add("not-erased", "庁舎内での消去は実施できなかった（"+r.NotErased.Reason.Label().Ja+"）。", "It could not be erased in the 庁舎: "+r.NotErased.Reason.Label().En+".")
	}
	if r.StageA != nil && r.StageA.Paper == rules.PaperIncomplete {
		add("not-completed", "庁舎内での消去は完了できなかった（"+r.StageA.Number+"）。", "The erasure in the 庁舎 was not completed ("+r.StageA.Number+").")
	}
	if inside && !r.Inside && !absent {
		add("outside", "庁舎外へ持ち出してはならない媒体が、庁舎外で破壊された。", "It was destroyed outside the 庁舎, which it must not leave.")
	}
	if inside && r.Watch.Kind != WatchWitness && !absent {
		add("no-staff", "職員の立会いが必要な破壊に、立会いの記録がない。", "Staff had to be there, and no witness is recorded.")
	}
	if r.Row == rules.Row1 && r.Policy.WitnessAndCertificate && r.Watch.Kind == WatchNone && !inside {
		add("no-watch", "方針は、職員の完了までの立会い（またはカメラ）と完了証明書の両方を求めている。", "The policy asks for a witness or a camera as well as this certificate.")
	}
	if !r.Deadline.IsZero() && dayAfter(r.Issued, r.Deadline) {
		add("late", "提出期限（"+deed.Date(r.Deadline)+"）を過ぎて発行された。", "Issued after the date by which it was due.")
	}
	if r.Medium.How == ByPhoto && !absent {
		add("no-serial", "製造番号を読み取れず、写真のみにより特定した。", "No serial could be read: identified by the photograph alone.")
	}
	return out
}

var jst = time.FixedZone("JST", 9*60*60)

// dayAfter reports whether a falls on a later day than b, in JST.
func dayAfter(a, b time.Time) bool {
	return a.In(jst).Format(time.DateOnly) > b.In(jst).Format(time.DateOnly)
}
