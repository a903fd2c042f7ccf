package devices

import "strings"

// The codes of refusals that Detect's snapshot can give.
const (
	CodeMounted            Code = "mounted"
	CodeSwap               Code = "swap"
	CodeHeld               Code = "held"
	CodeMultipath          Code = "multipath"
	CodeReadOnly           Code = "read-only"
	CodeBootStick          Code = "boot-stick"
	CodeBootStickAmbiguous Code = "boot-stick-ambiguous"
	CodeBootStickUnknown   Code = "boot-stick-unknown"
	CodeEvidence           Code = "evidence"
	CodeOptical            Code = "optical"
	CodeFloppy             Code = "floppy"
	CodeTape               Code = "tape"
	CodeLogical            Code = "logical-volume"
	CodeVirtual            Code = "virtual"
	CodePmem               Code = "pmem"
	CodeUFS                Code = "ufs"
	CodeZoned              Code = "zoned"
	CodeController         Code = "controller"
	CodeUnreadable         Code = "unreadable"
	CodeNoIdentity         Code = "no-identity"
	CodeNoMedium           Code = "no-medium"
	CodeSectorFormat       Code = "sector-format"
	CodeErasing            Code = "erasing"
	CodeOtherParts         Code = "other-parts"
	CodeSerialMissing      Code = "serial-missing"
	CodeSerialPlaceholder  Code = "serial-placeholder"
	CodeSerialDuplicate    Code = "serial-duplicate"

	// of MatchSerial
	CodeSerialUnknown   Code = "serial-unknown"
	CodeSerialShort     Code = "serial-short"
	CodeSerialAmbiguous Code = "serial-ambiguous"

	// of Open: something changed since Detect
	CodeBusy            Code = "busy"
	CodeIdentityChanged Code = "identity-changed"
	CodeVanished        Code = "vanished"
)

// refusalText holds the sentences of one code; {1}, {2} are its arguments.
type refusalText struct{ why, next Text }

var destroyNext = Text{
	Ja: "この媒体は庁舎内で職員立会いのもと物理的に破壊してください。",
	En: "Destroy this medium physically, inside the building and with staff watching.",
}

var refusalTexts = map[Code]refusalText{
	CodeMounted: {
		Text{"{1} が {2} にマウントされています", "{1} is mounted on {2}"},
		Text{"umount {2} を実行してから、もう一度検出してください。", "Unmount {2}, then detect again."}},
	CodeSwap: {
		Text{"{1} がスワップとして使われています", "{1} is in use as swap"},
		Text{"swapoff {1} を実行してから、もう一度検出してください。", "Run swapoff {1}, then detect again."}},
	CodeHeld: {
		Text{"{1} がこのドライブを使用しています（dm、md、LVM、bcacheなど）", "{1} holds this drive (dm, md, LVM, bcache or the like)"},
		Text{"{1} を停止（dmsetup remove、mdadm --stop、vgchange -an、losetup -d）してから、もう一度検出してください。",
			"Stop {1} (dmsetup remove, mdadm --stop, vgchange -an, losetup -d), then detect again."}},
	CodeMultipath: {
		Text{"同じ媒体に複数の経路があります（{1}）", "this medium is reached by several paths ({1})"},
		Text{"経路を1本だけ残してケーブルを外し、もう一度検出してください。", "Leave one path connected, unplug the others, then detect again."}},
	CodeReadOnly: {
		Text{"{1} は書き込み禁止です", "{1} is read-only"},
		Text{"書き込み禁止スイッチを確認してください。スイッチがなければ、媒体の故障による書き込み停止です。庁舎内で職員立会いのもと物理的に破壊してください。",
			"Look for a write-protect switch. Without one the medium has failed into read-only: destroy it physically, inside the building and with staff watching."}},
	CodeBootStick: {
		Text{"この画面を動かしている起動USBです", "this is the stick that this program was booted from"},
		Text{"起動USBは消去できません。別のドライブを選んでください。", "The boot stick cannot be erased here. Choose another drive."}},
	CodeBootStickAmbiguous: {
		Text{"起動USBと同じUUIDを持つ媒体が複数あります（{1}）", "several media carry the boot stick's UUID ({1})"},
		Text{"起動に使ったUSBだけを残し、ほかを抜いてから、もう一度検出してください。", "Leave only the stick you booted from, pull the others, then detect again."}},
	CodeBootStickUnknown: {
		Text{"起動USBが見つからず、この媒体の中身も読めないため、起動USBでないと言い切れません",
			"the boot stick was not found and this medium's filesystems could not be read: it may be the stick"},
		Text{"起動に使ったUSBを挿し直してから、もう一度検出してください。", "Plug the stick you booted from back in, then detect again."}},
	CodeEvidence: {
		Text{"記録の保存先（{1}）です", "records are kept here ({1})"},
		Text{"記録の保存先は消去できません。別のドライブを選ぶか、保存先を変えてください。", "The evidence medium cannot be erased. Choose another drive, or another place for the records."}},
	CodeOptical: {
		Text{"光学媒体は上書きで消去できません", "optical media cannot be erased by overwriting"}, destroyNext},
	CodeFloppy: {
		Text{"フロッピーディスクには識別情報がありません", "a floppy disk has no identity of its own"}, destroyNext},
	CodeTape: {
		Text{"テープは本プログラムの対象外です", "tape is outside of what this program erases"}, destroyNext},
	CodeLogical: {
		Text{"RAIDなどの論理ボリュームであり、媒体そのものではありません", "a logical volume (RAID, SAN), not a medium"},
		Text{"ドライブをHBA（ITモード）またはSATA・NVMeに直接つなぐか、ファームウェアの設定でRAIDをAHCIまたはJBODに変えてから、もう一度検出してください。",
			"Connect the drives to a plain HBA, SATA or NVMe port, or set the controller to AHCI or JBOD in its firmware, then detect again."}},
	CodeVirtual: {
		Text{"仮想ディスクであり、媒体としての識別情報がありません", "a virtual disk: it has no identity of a medium"},
		Text{"実際のドライブが付いている機器で起動してください。", "Boot this stick on the machine that holds the real drive."}},
	CodePmem: {
		Text{"永続メモリー（NVDIMM）は本プログラムの対象外です", "persistent memory (NVDIMM) is outside of what this program erases"},
		Text{"機器のファームウェアの消去機能を使うか、モジュールを物理的に破壊してください。", "Use the firmware's own erase, or destroy the module physically."}},
	CodeUFS: {
		Text{"UFSは本プログラムの対象外です", "UFS is outside of what this program erases"}, destroyNext},
	CodeZoned: {
		Text{"ゾーン方式（SMR）のドライブは本プログラムの対象外です", "zoned drives (host-managed or host-aware SMR) are outside of what this program erases"}, destroyNext},
	CodeController: {
		Text{"{1}", "{2}"},
		Text{"背後にドライブがあるかもしれません。ファームウェアの設定（RAID・VMD・RSTをAHCIへ）を変えてもう一度起動するか、ドライブを外して別の機器につないでください。",
			"Drives may hide behind it. Change the firmware setting (RAID, VMD, RST to AHCI) and boot again, or move the drives to another machine."}},
	CodeUnreadable: {
		Text{"{1}", "{2}"},
		Text{"電源とケーブルを確かめ、つなぎ直してからもう一度検出してください。それでも読めないドライブは庁舎外へ持ち出さず、庁舎内で職員立会いのもと破壊してください。",
			"Check power and cable, reconnect, detect again. What stays unreadable must not leave the building: destroy it inside with staff watching."}},
	CodeNoIdentity: {
		Text{"{1}", "{2}"},
		Text{"ドライブを変換器・RAIDから外し、SATA・NVMe・SASに直接つないで、もう一度検出してください。できなければ庁舎内で職員立会いのもと破壊してください。",
			"Take the drive out of the bridge or RAID, connect it straight to SATA, NVMe or SAS and detect again; where that is impossible destroy it inside the building with staff watching."}},
	CodeNoMedium: {
		Text{"媒体が入っていないか、容量が0です", "no medium inside, or a capacity of zero"},
		Text{"媒体を入れるか、つなぎ直してから、もう一度検出してください。", "Insert the medium or reconnect it, then detect again."}},
	CodeErasing: {
		Text{"ドライブ自身が消去・フォーマットを実行中か、失敗したまま止まっています（{1}）", "it is erasing or formatting itself, or stopped in failure ({1})"},
		Text{"電源を切らずに終わるのを待ち、もう一度検出してください。中断した作業の続きは massho resume で再開できます。終わらなければ庁舎内で職員立会いのもと破壊してください。",
			"Leave the power on until it has ended, then detect again; massho resume goes on with an interrupted run. Where it never ends destroy it inside the building with staff watching."}},
	CodeSectorFormat: {
		Text{"1セクターが{1}バイトの形式のため、OSから読み書きできません", "formatted with sectors of {1} bytes, which the system cannot address"},
		Text{"512バイトまたは4096バイトに再フォーマット（sg_format）してから、もう一度検出してください。できなければ庁舎内で職員立会いのもと破壊してください。",
			"Reformat it to 512 or 4096 bytes (sg_format), then detect again; where that fails destroy it inside the building with staff watching."}},
	CodeOtherParts: {
		Text{"同じ媒体にほかの領域（{1}）があり、ここだけを消去しても媒体全体の消去になりません", "the same medium has other parts ({1}): erasing this one alone does not erase the medium"},
		Text{"名前空間を1つにまとめる（nvme delete-ns、create-ns、attach-ns）か、媒体全体に働くサニタイズを選んでください。できなければ庁舎内で職員立会いのもと破壊してください。",
			"Merge the namespaces into one (nvme delete-ns, create-ns, attach-ns) or choose a Sanitize, which reaches the whole medium; where neither works destroy it inside the building with staff watching."}},
	CodeSerialMissing: {
		Text{"シリアル番号がありません", "it reports no serial number"}, destroyNext},
	CodeSerialPlaceholder: {
		Text{"シリアル番号が仮の値です（{1}）", "its serial number is a placeholder ({1})"}, destroyNext},
	CodeSerialDuplicate: {
		Text{"同じシリアル番号のドライブがほかにもあります（{1}）", "another drive present has the same serial number ({1})"},
		Text{"1台だけを残して外し、もう一度検出してください。", "Disconnect all but one of them, then detect again."}},
	CodeSerialUnknown: {
		Text{"このシリアル番号のドライブはありません。見つかったドライブ: {1}", "no drive present has this serial number. Present: {1}"},
		Text{"ラベルのシリアル番号を確かめ、末尾4文字以上を入力してください。", "Check the serial on the label and type at least its last 4 characters."}},
	CodeSerialShort: {
		Text{"短すぎます", "too short"},
		Text{"シリアル番号の末尾{1}文字以上を入力してください。", "Type at least the last {1} characters of the serial number."}},
	CodeSerialAmbiguous: {
		Text{"複数のドライブに当てはまります（{1}）", "several drives match ({1})"},
		Text{"1台に決まるまで、シリアル番号をより長く入力してください。決まらなければ、ほかのドライブを外してください。",
			"Type more of the serial number until one drive remains; if none does, disconnect the others."}},
	CodeBusy: {
		Text{"ほかのプログラムが使用中です", "another program is using it"},
		Text{"使用中のプログラムを終了し、マウントを解除してから、もう一度検出してください。", "End that program, unmount the drive, then detect again."}},
	CodeIdentityChanged: {
		Text{"検出したときと違います（{1}）", "it is not what was detected ({1} differs)"},
		Text{"ドライブを抜き差しした場合は、検出からやり直してください。", "If drives were swapped, start again from detect."}},
	CodeVanished: {
		Text{"ドライブがなくなりました", "the drive is gone"},
		Text{"つなぎ直して、検出からやり直してください。", "Reconnect it and start again from detect."}},
}

// Refuse builds the refusal of code for d; args fill the places of its text.
func Refuse(code Code, d Device, args ...string) *Refusal {
	r := refuse(code, d, args...)
	return &r
}

func refuse(code Code, d Device, args ...string) Refusal {
	return fill(code, label(d), args...)
}

// refuseProblem carries the IdentityProblem in both languages.
func refuseProblem(code Code, d Device) Refusal {
	t := ProblemText(d.IdentityProblem)
	return fill(code, label(d), t.Ja, t.En)
}

func refuseSerial(code Code, typed string, args ...string) *Refusal {
	r := fill(code, typed, args...)
	return &r
}

func fill(code Code, object string, args ...string) Refusal {
	t, ok := refusalTexts[code]
	if !ok { // a code without its sentence must still refuse
		t = refusalText{Text{string(code), string(code)}, destroyNext}
	}
	var pairs []string
	for i, a := range args {
		pairs = append(pairs, "{"+string(rune('1'+i))+"}", a)
	}
	put := strings.NewReplacer(pairs...).Replace
	both := func(t Text) Text { return Text{Ja: put(t.Ja), En: put(t.En)} }
	return Refusal{Code: code, Object: object, Why: both(t.why), Next: both(t.next)}
}
