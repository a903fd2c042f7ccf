package wipe

import (
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// offer is whether the drive takes a technique as it is now; why not, if not.
type offer struct {
	state support.State
	why   rules.Note
}

var (
	offerYes    = offer{state: support.Yes}
	offerFrozen = offer{support.No, rules.Note{Code: "frozen",
		Ja: "ファームウェアがATAセキュリティを凍結している (frozen)。",
		En: "The firmware froze ATA security (frozen)."}}
	offerLocked = offer{support.No, rules.Note{Code: "locked",
		Ja: "パスワードでロックされている。設定した機器で解除するまで使えない。",
		En: "It is locked by a password; it must be unlocked on the machine that set it."}}
	offerPasswordSet = offer{support.No, rules.Note{Code: "password-set",
		Ja: "既にパスワードが設定されている。", En: "A password is already set."}}
	offerExpired = offer{support.No, rules.Note{Code: "count-expired",
		Ja: "パスワードの試行回数を超えている。電源を入れ直すまで使えない。",
		En: "The password attempt counter has expired; it needs a power cycle."}}
	offerOtherInterface = offer{support.No, rules.Note{Code: "other-interface",
		Ja: "この装置の接続方式のコマンドではない。", En: "Not a command of this drive's interface."}}
	offerUnreachable = offer{support.No, rules.Note{Code: "locked",
		Ja: "ロックされており読み書きできない。", En: "It is locked: it can be neither read nor written."}}
	offerTooFast = offer{support.No, rules.Note{Code: "too-fast",
		Ja: "装置の示す所要時間では全域を上書きできない。暗号鍵だけを消すものとみて、上書きには数えない。",
		En: "It cannot overwrite the whole disk in the time that the drive announces: taken for a key erase, not for an overwrite."}}
	offerNoPSID = offer{support.No, rules.Note{Code: "no-psid",
		Ja: "ラベルのPSIDが入力されていない。", En: "The PSID from the label was not given."}}
	offerWrongSSC = offer{support.No, rules.Note{Code: "tcg-ssc",
		Ja: "このTCGの方式 (Enterprise、Ruby等) には対応しない。", En: "This TCG subsystem class (Enterprise, Ruby) is not handled."}}
	offerTCGLocked = offer{support.No, rules.Note{Code: "tcg-locked",
		Ja: "TCG (Opal等) でロックされている。ラベルのPSIDで初期状態に戻すまで使えない。",
		En: "It is locked by TCG (Opal or its kin); it must be reverted with the PSID from its label first."}}
	offerBlockSID = offer{support.No, rules.Note{Code: "block-sid",
		Ja: "ファームウェアがBlock SIDで認証を止めている。ファームウェア設定の「Disable Block SID」か、スリープと復帰で解ける。",
		En: "The firmware blocks authentication (Block SID): \"Disable Block SID\" in its setup, or suspend and resume, lifts it."}}
	offerNoEncryption = offer{support.No, rules.Note{Code: "no-media-encryption",
		Ja: "媒体の暗号化を行う装置ではない、または不明である。", En: "The drive does not encrypt its media, or does not say so."}}
)

// otherInterface reports a command of an interface that this drive, which
// answers on another one, does not show.
func otherInterface(c devices.Capabilities, t rules.Technique) bool {
	own := map[string]support.State{"ata": c.ATA.Present, "scsi": c.SCSI.Present, "nvme": c.NVMe.Present, "mmc": c.MMC.Present}
	prefix, _, _ := strings.Cut(string(t), "-")
	here, known := own[prefix]
	if !known || here.IsYes() {
		return false
	}
	for _, s := range own {
		if s.IsYes() {
			return true
		}
	}
	return false
}

// offers says whether d takes t now. What the drive did not say is unknown, and
// an unknown technique is not planned.
func offers(in Input, d devices.Device, t rules.Technique) offer {
	c := d.Caps
	if otherInterface(c, t) {
		return offerOtherInterface
	}
	if t != rules.TechTCGRevert && !t.OnHost() && unreadableTCG(c.TCG) {
		return offerTCGLocked
	}
	switch t {
	case rules.TechOverwrite:
		if unreadableByLock(d) {
			return offerUnreachable
		}
		return offerYes
	case rules.TechATAErase:
		return ataErase(c.ATA, support.Yes)
	case rules.TechATAEraseEnhanced:
		if tooFast(d) {
			return offerTooFast
		}
		return ataErase(c.ATA, c.ATA.SecurityEnhanced)
	case rules.TechATASanitizeOver:
		return ataSanitize(c.ATA, c.ATA.SanitizeOverwrite)
	case rules.TechATASanitizeBlock:
		return ataSanitize(c.ATA, c.ATA.SanitizeBlock)
	case rules.TechATASanitizeCrypto:
		return ataSanitize(c.ATA, c.ATA.SanitizeCrypto)
	case rules.TechTCGRevert:
		return tcgRevert(in, c.TCG)
	}
	return byState(map[rules.Technique]support.State{
		rules.TechSCSISanitizeOver:    c.SCSI.SanitizeOverwrite,
		rules.TechSCSISanitizeBlock:   c.SCSI.SanitizeBlock,
		rules.TechSCSISanitizeCrypto:  c.SCSI.SanitizeCrypto,
		rules.TechSCSIFormat:          c.SCSI.FormatUnit,
		rules.TechNVMeSanitizeOver:    c.NVMe.SanitizeOverwrite,
		rules.TechNVMeSanitizeBlock:   c.NVMe.SanitizeBlock,
		rules.TechNVMeSanitizeCrypto:  c.NVMe.SanitizeCrypto,
		rules.TechNVMeFormatUserData:  c.NVMe.Format,
		rules.TechNVMeFormatCrypto:    c.NVMe.FormatCrypto,
		rules.TechMMCEraseAndSanitize: c.MMC.Sanitize,
	}[t])
}

// unreadableByLock: a locked drive answers reads and writes with errors
// (ACS-4 Security feature set; TCG Opal locking ranges).
func unreadableByLock(d devices.Device) bool {
	return d.Caps.ATA.SecurityLocked.IsYes() || unreadableTCG(d.Caps.TCG)
}

// unreadableTCG: a range is locked, or the first LBAs show the MBR shadow.
func unreadableTCG(c devices.TCGCaps) bool { return c.Locked.IsYes() || c.MBRShadow.IsYes() }

// fastestDisk is more than any disk writes, in bytes a second.
const fastestDisk = 1e9

// tooFast: some disks encrypt all data and announce two minutes for an enhanced
// erase of terabytes (a recorded WD40NMZW does). That is ⑤, whose conditions
// nobody has shown, and not the overwrite that (2)③ asks for.
func tooFast(d devices.Device) bool {
	t := d.Caps.ATA.EnhancedEraseTime
	return t > 0 && !d.Caps.Rotational.IsNo() && float64(d.Identity.CapacityBytes())/t.Seconds() > fastestDisk
}

// ataErase is SECURITY ERASE UNIT in a mode that the drive has or not.
func ataErase(a devices.ATACaps, mode support.State) offer {
	switch {
	case !a.Security.IsYes():
		return byState(a.Security)
	case !mode.IsYes():
		return byState(mode)
	case a.SecurityLocked.IsYes():
		return offerLocked
	case a.SecurityExpired.IsYes():
		return offerExpired
	case a.SecurityEnabled.IsYes():
		return offerPasswordSet
	case a.SecurityFrozen.IsYes():
		return offerFrozen
	case !a.SecurityLocked.IsNo() || !a.SecurityEnabled.IsNo() || !a.SecurityFrozen.IsNo():
		return byState(support.Unknown)
	}
	return offerYes
}

// ataSanitize: freezing the Security feature set does not keep SANITIZE from
// working, but a locked drive aborts it.
func ataSanitize(a devices.ATACaps, mode support.State) offer {
	if mode.IsYes() && a.SecurityLocked.IsYes() {
		return offerLocked
	}
	return byState(mode)
}

func tcgRevert(in Input, c devices.TCGCaps) offer {
	switch {
	case !c.Present.IsYes():
		return byState(c.Present)
	case !strings.HasPrefix(c.SSC, "Opal") && !strings.HasPrefix(c.SSC, "Pyrite"):
		return offerWrongSSC
	// A locked drive is reverted to get at it again, whether or not it encrypts.
	case !c.MediaEncryption.IsYes() && !unreadableTCG(c):
		return offerNoEncryption
	case in.PSID:
		return offerYes
	case !c.Owned.IsNo():
		return offerNoPSID
	case c.BlockSID.IsYes():
		return offerBlockSID
	}
	return offerYes // nobody took it: the default PIN opens it
}

func byState(s support.State) offer {
	switch {
	case s.IsYes():
		return offerYes
	case s.IsNo():
		return offer{support.No, rules.Note{Code: "not-offered", Ja: "装置が対応していない。", En: "The drive does not offer it."}}
	}
	return offer{support.Unknown, rules.Note{Code: "support-unknown",
		Ja: "装置が対応しているか不明のため用いない。", En: "Whether the drive offers it is unknown, so it is not used."}}
}
