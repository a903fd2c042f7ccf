package wipe

import (
	"errors"

	"github.com/massho/massho/devices/tcg"
)

// obstacleText is why a technique was not run, and what to do, in both languages.
type obstacleText struct{ ja, en string }

// why is the text with the device's own words behind it.
func (t obstacleText) why(err error) string {
	s := both(t.ja, t.en)
	if err != nil && err.Error() != "" {
		s += " (" + err.Error() + ")"
	}
	return s
}

var (
	tcgNoRoad = obstacleText{
		"ドライブのTCG機能 (Level 0 Discovery) に到達できません。SATAまたはNVMeに直接つないでやり直すか、他の手法に進みます。",
		"The drive's TCG functions (Level 0 Discovery) cannot be reached. Connect it straight to SATA or NVMe and start again, or go on with another technique."}
	tcgOtherClass = obstacleText{
		"このTCGの方式 (Enterprise、Ruby等) には対応していません。メーカーのツールで初期化するか、庁舎内で物理的に破壊してください。",
		"This TCG subsystem class (Enterprise, Ruby) is not handled. Use the maker's tool, or destroy the drive inside the 庁舎."}
	tcgNoEncryption = obstacleText{
		"媒体の暗号化 (MediaEncryption) が示されていません。初期状態に戻しても暗号鍵は消えないため、実行しません。",
		"MediaEncryption is not shown: a revert would destroy no key, so it was not run."}
	tcgNoPSID = obstacleText{
		"ラベルのPSIDが入力されていません。ドライブのラベルにあるPSID (32文字) を入力してやり直してください。",
		"The PSID was not given. Type the PSID (32 characters) from the drive's label and start again."}
	tcgTyped = obstacleText{
		"入力されたPSIDが正しい形ではありません。ラベルのPSIDをもう一度入力してください。",
		"The PSID as typed has not the right form. Type it again from the label."}
	tcgBlocked = obstacleText{
		"ドライブがNOT_AUTHORIZEDを返しました。このPCのファームウェアがBlock SIDで認証を止めています。ファームウェア設定の「Disable Block SID」(TCG Storage Security) を次回起動に対して選ぶか、このPCをスリープして復帰させるか、Block SIDを送らない別のPCにつないでください。",
		"The drive answered NOT_AUTHORIZED: this PC's firmware blocks authentication (Block SID). Choose \"Disable Block SID\" (TCG storage security) in the firmware setup for the next start, or suspend and resume this PC, or connect the drive to a PC that sends no Block SID."}
	tcgWrongPIN = obstacleText{
		"ドライブがNOT_AUTHORIZEDを返しました。PSIDが違います (0とO、1とI、8とBを確かめてください)。数回間違えると、電源を入れ直すまで受け付けません。正しいのに拒否される場合は、ファームウェア設定で「Disable Block SID」を選んでください。",
		"The drive answered NOT_AUTHORIZED: the PSID is wrong (look at 0 and O, 1 and I, 8 and B). After a few wrong tries it takes none until a power cycle. If it is right, choose \"Disable Block SID\" in the firmware setup."}
	tcgLockedOut = obstacleText{
		"PSIDの試行回数を超えました。ドライブの電源を一度切って入れ、ラベルを確かめてからやり直してください。",
		"Too many wrong PSIDs. Power the drive off and on, look at the label, and start again."}
	tcgBusy = obstacleText{
		"ドライブのTPerが応じません (別のセッションが残っているか、処理中です)。ドライブの電源を一度切って入れ、やり直してください。",
		"The drive's TPer does not answer (another session, or at work). Power the drive off and on, and start again."}
	tcgRejected = obstacleText{
		"ドライブがTCGの手順を拒否しました。他の手法に進みます。",
		"The drive refused a TCG method. Another technique follows if the plan has one."}
)

// tcgRefused says what an error before or instead of a revert means here.
func tcgRefused(err error, d tcg.Discovery) string {
	switch {
	case errors.Is(err, tcg.ErrNotAuthorized) && d.BlockSID.Blocked.IsYes():
		return tcgBlocked.why(err)
	case errors.Is(err, tcg.ErrNotAuthorized):
		return tcgWrongPIN.why(err)
	case errors.Is(err, tcg.ErrLockedOut):
		return tcgLockedOut.why(err)
	case errors.Is(err, tcg.ErrNoSessions), errors.Is(err, tcg.ErrSPBusy), errors.Is(err, tcg.ErrNoAnswer), errors.Is(err, tcg.ErrForeign):
		return tcgBusy.why(err)
	}
	return tcgRejected.why(err)
}
