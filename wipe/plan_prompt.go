package wipe

import (
	"fmt"
	"strings"

	"github.com/massho/massho/wipe/rules"
)

// prompt is set whenever the medium must be destroyed after all.
func (p *Plan) prompt(in Input) *DestructionPrompt {
	if p.Disposition != DispositionAwaitDestruction && p.Disposition != DispositionKeepInside {
		return nil
	}
	d := &DestructionPrompt{
		Serial: p.Target.Serial, Asset: p.Target.Asset, Row: p.Row, Days: in.Policy.DestructionDays,
		Inside:  p.Disposition == DispositionKeepInside,
		Witness: witness(p.Row, p.Disposition, in.Policy), Deadline: deadline(in.Policy),
		Evidence: rules.Note{Code: "evidence",
			Ja: "シリアル番号の分かる破壊の証拠写真を、完了証明書に添付する。",
			En: "Attach photographs of the destruction, with the serial number legible, to the certificate."},
	}
	d.Ways, d.Warnings = ways(in.Pack, p.Row, p.Medium)
	return d
}

// ways lists how a medium of this row may be destroyed. Row (1) names its own
// ways; row (2) also knows ② where it has an effect.
func ways(pack *rules.Pack, row rules.Row, m rules.MediumKind) ([]string, []rules.Note) {
	first, _ := pack.Row(rules.Row1)
	out := append([]string{}, first.Ways...)
	warn := []rules.Note{{Code: "no-hole-alone",
		Ja: "穴を開けるだけでは足りない。" + strings.Join(first.Ways, "・") + "などにより、確実に復元を不可能とする。",
		En: "A hole alone is not enough: recovery must be made impossible for certain."}}
	if row == rules.Row1 {
		return out, append(warn, rules.Note{Code: "row1-not-destruction", Ja: rules.StatementRow1 + "。",
			En: "The record of the erasure does not prove the destruction that row (1) asks for."})
	}
	magnetic, _ := pack.Method("②")
	if ok, why := pack.MethodAllowed("②", m); ok {
		out = append(out, magnetic.Text)
	} else {
		warn = append(warn, why)
	}
	return out, warn
}

func witness(row rules.Row, d Disposition, pol rules.Policy) rules.Note {
	switch {
	case d == DispositionKeepInside:
		return rules.Note{Code: "witness-inside",
			Ja: "庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊する。",
			En: "It must not leave the 庁舎: destroy it inside, with staff present."}
	case row == rules.Row1 && pol.WitnessAndCertificate:
		return rules.Note{Code: "witness-and-certificate",
			Ja: "職員が完了まで立ち会い、かつ破壊の完了証明書により確認する。立ち会いはカメラによるリアルタイムでの監視やカメラ映像の記録の確認などで代替できる。",
			En: "Staff witness it to the end, and a certificate of destruction is given too. A camera watched live, or its recording, may stand in."}
	case row == rules.Row1:
		return rules.Note{Code: "witness-or-certificate",
			Ja: "職員が完了まで立ち会う (カメラによるリアルタイムでの監視やカメラ映像の記録の確認などで代替できる) か、破壊の完了証明書により確認する。",
			En: "Staff witness it to the end (a camera watched live, or its recording, may stand in), or a certificate of destruction confirms it."}
	}
	return rules.Note{Code: "certificate",
		Ja: "委託事業者等に引き渡し、抹消措置の完了証明書により確認する。",
		En: "Handed over to the contractor; a certificate of completed sanitization confirms it."}
}

func deadline(pol rules.Policy) rules.Note {
	if pol.DestructionDays > 0 {
		return rules.Note{Code: "deadline",
			Ja: fmt.Sprintf("完了証明書の提出期限: 引渡しから%d日以内。", pol.DestructionDays),
			En: fmt.Sprintf("The certificate is due within %d days of the hand-over.", pol.DestructionDays)}
	}
	return rules.Note{Code: "deadline-open",
		Ja: "完了証明書の提出期限が方針に定められていない。引渡しの前に定める。",
		En: "The policy names no date by which the certificate is due: set one before the hand-over."}
}
