package wipe

import (
	"context"
	"errors"

	"github.com/massho/massho/wipe/rules"
)

// both joins a sentence in the two languages, for notes and errors that an
// operator must act on.
func both(ja, en string) string { return ja + " / " + en }

// refuse ends a step that changed nothing on the drive.
func (w *work) refuse(res *StepResult, why string) error {
	res.Status = rules.StepRefused
	res.Notes = append(res.Notes, why)
	return nil
}

// broken ends a step by an error, unless it has its own word already or a person
// stopped it. Nothing is claimed for it.
func broken(res *StepResult, err error) error {
	if res.Status == rules.StepInterrupted && !errors.Is(err, context.Canceled) {
		res.Status = rules.StepFailed
	}
	return err
}

// What a person does next, by what stands in the way.
var (
	adviceMoveToSATA = both("ドライブを取り外し、PCのSATAポートに直接つないでやり直してください。",
		"Take the drive out, connect it to a SATA port of a PC, and start again.")
	advicePowerCycle = both("ドライブ（またはこのPC）の電源を一度切って入れ、やり直してください。",
		"Power the drive (or this PC) off and on, and start again.")
	adviceUnfreeze = both("このPCをスリープして復帰させるか、動作中にドライブの電源コネクタを抜き差しして凍結を解いてください。",
		"Suspend and resume this PC, or plug the drive's power in again while it runs: that lifts the freeze.")
	adviceForeign = both("パスワードを設定した人に解除を依頼するか、庁舎内で物理的に破壊してください。推測して試さないでください。",
		"Ask who set the password to take it away, or destroy the drive inside the 庁舎. Do not try others by guessing.")
	adviceOtherWay = both("他の手法に進みます。届かない水準は記録に残ります。",
		"Another technique follows if the plan has one; what is not reached is recorded.")
)

// noteWentOn: a power cut does not end a sanitize (ACS-4 §4.17, SBC-4 §4.33).
var noteWentOn = both("中断前に受理されたコマンドをドライブ自身が続けていたため、それを本工程の実行とし、完了を確認しました。",
	"The drive went on by itself with the command that it had accepted before the interruption; that one was followed to its end.")

// noATA and noSCSI: the road between carries no such command.
var (
	noATA  = both("この接続はATAコマンドを通しません。", "This road carries no ATA commands.") + " " + adviceMoveToSATA
	noSCSI = both("この接続はSCSIコマンドを通しません。", "This road carries no SCSI commands.") + " " + adviceOtherWay
)
