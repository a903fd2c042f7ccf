package wipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechNVMeFormatUserData] = runNVMeFormat(nvme.SESUser)
	executors[rules.TechNVMeFormatCrypto] = runNVMeFormat(nvme.SESCrypto)
}

// formatTimeout is what one Format NVM may take: it blocks.
const formatTimeout = 12 * time.Hour

// runNVMeFormat runs Format NVM (NVMe Base 2.0 §5.14) on every namespace of the
// device, each with the LBA format that it has. By itself it claims nothing.
func runNVMeFormat(ses nvme.SES) executor {
	return func(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
		road := w.conn.NVMe()
		if road == nil {
			return w.refuse(res, nvmeNoRoad.why(nil))
		}
		all := w.formatsAll()
		if !all.IsNo() {
			if why := w.otherNamespaces(); why != "" {
				return w.refuse(res, why)
			}
		}
		nsids := w.namespaceIDs()
		if all.IsYes() {
			nsids = nsids[:1] // one command acts on all of them
		}
		for i, nsid := range nsids {
			if err := w.formatOne(ctx, nvmeWire{wire{res}, road}, res, nsid, ses, i == 0); err != nil || res.Status == rules.StepRefused {
				return err
			}
		}
		res.Status, res.RawStatus = rules.StepCompleted, fmt.Sprintf("Format NVM of %d namespaces ended with status 0", len(nsids))
		return nil
	}
}

// formatsAll: FNA bits 0 and 1 make Format NVM act on all namespaces.
func (w *work) formatsAll() support.State {
	c := w.res.Before.Caps.NVMe
	switch {
	case c.FormatAll.IsYes() || c.EraseAll.IsYes():
		return support.Yes
	case c.FormatAll.IsNo() && c.EraseAll.IsNo():
		return support.No
	}
	return support.Unknown
}

func (w *work) namespaceIDs() []uint32 {
	if n, ok := w.conn.Conn.(devices.NSIDer); ok {
		return n.NSIDs()
	}
	return []uint32{w.conn.NSID()}
}

// formatOne formats one namespace. Only the first refusal changed nothing.
func (w *work) formatOne(ctx context.Context, t nvme.Transport, res *StepResult, nsid uint32, ses nvme.SES, first bool) error {
	name := fmt.Sprintf("Format NVM SES %d of namespace %d", ses, nsid)
	ns, _, err := nvme.IdentifyNamespace(ctx, t, nsid)
	if err != nil {
		return broken(res, fmt.Errorf("%s: identify namespace %d: %w", w.drive, nsid, err))
	}
	if err := w.intent(ctx, stepName(w.current), "Format NVM", map[string]uint32{"ses": uint32(ses), "nsid": nsid}); err != nil {
		return err
	}
	w.say(Event{Phase: PhaseDevice, Step: w.current + 1, Left: -1})
	err = nvme.Format(context.WithoutCancel(ctx), t, nsid, ns, ses, formatTimeout)
	switch {
	case nvmeRefusal(err) && first:
		return w.refuse(res, w.nvmeRefused(name, err))
	case err != nil:
		return broken(res, fmt.Errorf("%s: %s: %w", w.drive, name, err))
	}
	return nil
}

// nvmeRefusal: the controller says of the command that it did not begin it. Any
// other status (internal error, media errors, paths) leaves open what was changed.
func nvmeRefusal(err error) bool {
	var e *nvme.StatusError
	if !errors.As(err, &e) {
		return false
	}
	switch e.SCT {
	case 0:
		return e.SC != 0x04 && e.SC != 0x05 && e.SC != 0x06 && e.SC != 0x07 && e.SC != 0x21 && e.SC != 0x22
	case 1:
		return true // command specific: invalid format, and the like
	case 2:
		return e.SC == 0x86 // access denied
	}
	return false
}

// nvmeRefused says what a refusal means here. Some drives answer Invalid Command
// Opcode to every erase while the firmware blocks authentication (Block SID).
func (w *work) nvmeRefused(name string, err error) string {
	s := both("ドライブが"+name+"を拒否しました。", "The drive refused "+name+".") + " (" + err.Error() + ") "
	switch {
	case errors.Is(err, nvme.ErrInvalidOpcode) && !w.res.Before.Caps.TCG.Present.IsNo() && !w.res.Before.Caps.TCG.BlockSID.IsNo():
		return s + adviceBlockSID
	case errors.Is(err, nvme.ErrWriteProtected):
		return s + adviceReadOnly
	}
	return s + adviceOtherWay
}

var (
	nvmeNoRoad = obstacleText{"この接続はNVMeの管理コマンドを通しません。NVMeのスロットに直接取り付けてやり直してください。",
		"This road carries no NVMe admin commands. Put the drive into an NVMe slot and start again."}
	nvmeNoLog = obstacleText{"ドライブがサニタイズのログ (81h) に応じないため、結果を確かめられません。実行せず、他の手法に進みます。",
		"The drive does not answer for its sanitize log (81h), so nothing could be shown: it was not run. Another technique follows if the plan has one."}
	nvmeOthers = obstacleText{"このコマンドは同じ媒体の全ての名前空間を消去しますが、ここで指定されていないものがあります。セクターの長さが揃っていない場合は、名前空間を作り直してから検出し直してください。",
		"The command erases every namespace of the medium, and not all of them were named here. Where their sector lengths differ, create them anew and detect again."}
	adviceBlockSID = both("このPCのファームウェアがBlock SIDで消去コマンドを止めている可能性があります。ファームウェア設定の「Disable Block SID」を選ぶか、このPCをスリープして復帰させてからやり直してください。",
		"This PC's firmware may block erase commands (Block SID): choose \"Disable Block SID\" in its setup, or suspend and resume this PC, and start again.")
	adviceReadOnly = both("ドライブは故障により書き込みを止めています。庁舎内で職員立会いのもと物理的に破壊してください。",
		"The drive has failed into read-only: destroy it inside the 庁舎, with staff present.")
)
