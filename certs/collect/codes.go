package collect

import "github.com/massho/massho/wipe/rules"

// The codes of findings. They are stable.
const (
	StickMissing    Code = "stick-missing"
	StickNotIssued  Code = "stick-not-issued"
	StickForeign    Code = "stick-foreign"
	StickNoIdentity Code = "stick-no-identity"
	StickDouble     Code = "stick-double"
	StickCloned     Code = "stick-cloned"
	StickRewound    Code = "stick-rewound"
	FileUnreadable  Code = "file-unreadable"
	FileUnfinished  Code = "file-unfinished"
	FileUnknown     Code = "file-unknown"
	JournalTorn     Code = "journal-torn"
	JournalDamaged  Code = "journal-damaged"
	JournalMirror   Code = "journal-mirror"
	JournalForked   Code = "journal-forked"
	JournalForeign  Code = "journal-foreign"
	RunInMemory     Code = "run-in-memory"
	RunResumed      Code = "run-resumed"
	RunElsewhere    Code = "run-elsewhere"
	RunNoPaper      Code = "run-no-paper"
	RunRedone       Code = "run-redone"
	RunPaperLost    Code = "run-paper-lost"
	RunPaperDiffers Code = "run-paper-differs"
	RunNotClosed    Code = "run-not-closed"
	PaperUnsound    Code = "paper-unsound"
	PaperNoJournal  Code = "paper-no-journal"
	PaperForked     Code = "paper-journal-differs"
	PaperOffRoster  Code = "paper-off-roster"
	NumberNoPaper   Code = "number-no-paper"
	NumberHole      Code = "number-hole"
	NumberDouble    Code = "number-double"
	NumberForeign   Code = "number-foreign"
	MediumTwice     Code = "medium-twice"
	PCTwice         Code = "pc-twice"
	MediaMissing    Code = "media-missing"
	MediaShort      Code = "media-short"
	MediaOver       Code = "media-over"
	MediaFailed     Code = "media-failed"
	AssetUntouched  Code = "asset-untouched"
)

func k(level Level, ja, en, nextJa, nextEn string) kind {
	return kind{level, rules.Label{Ja: ja, En: en}, rules.Label{Ja: nextJa, En: nextEn}}
}

const (
	askOperatorJa, askOperatorEn = "作業者と、作業日のカメラ映像に確かめる。", "Ask the operator, and look at the day's film."
	keepApartJa, keepApartEn     = "どちらのUSBも消さずに保管し、団体の担当へ知らせる。説明がつくまで、どの書面も受理しない。", "Keep both sticks as they are and tell the person in charge; accept nothing before it is explained."
	againJa, againEn             = "媒体の状態は不明である。もう一度消去するか、庁舎内で破壊する。", "The medium's state is unknown: erase it again, or destroy it inside."
)

var kinds = map[Code]kind{
	StickMissing: k(Gap, "発行したUSBが回収されていない", "a stick that was issued has not come back",
		"探す。見つからなければ massho-office keys revoke で失効させ、下の機器ごとの不足を埋める。", "Look for it. If it is lost, revoke it (massho-office keys revoke) and close the gaps below."),
	StickNotIssued: k(Serious, "団体が発行したものではないUSB", "a stick that this office did not issue", keepApartJa, keepApartEn),
	StickForeign: k(Doubt, "別の案件または別の団体のUSBなので、読み込んでいない", "a stick of another case or authority; nothing of it was taken",
		"案件を取り違えていないか確かめる（--case）。", "Check that the right case was named (--case)."),
	StickNoIdentity: k(Doubt, "案件と証明書のないUSBなので、読み込んでいない", "a stick without case and certificate; nothing of it was taken",
		"正しいドライブか、EVIDENCE の中を指しているかを確かめる。", "Check that this is the right drive, and its EVIDENCE place."),
	StickDouble: k(Doubt, "同じ番号のUSBが二つあり、一方は他方の古い写しである", "two sticks of one id; one is an older copy of the other",
		"写しを作った者と理由を確かめ、一方を失効させる。", "Find out who copied it and why, and take one out of use."),
	StickCloned:  k(Serious, "同じ番号のUSBが二つあり、中身が枝分かれしている（複製）", "two sticks of one id whose records part ways (a clone)", keepApartJa, keepApartEn),
	StickRewound: k(Serious, "前に回収したときより古い状態に戻っている（複製または書き戻し）", "older than when it was collected before (a clone, or an old copy put back)", keepApartJa, keepApartEn),
	FileUnreadable: k(Gap, "読めないファイルがある", "a file cannot be read",
		"USBを消さずに、別のPCでもう一度試す。ほかのUSBやジャーナルの写しに同じ記録がないか確かめる。", "Do not clear the stick; try another PC, and look for the record on another stick."),
	FileUnfinished: k(Doubt, "書きかけのファイルがある（書き込み中の電源断など）", "a file that was being written", askOperatorJa, askOperatorEn),
	FileUnknown:    k(Note, "このプログラムのものではないファイルがある（写しただけで使わない）", "a file that is not this program's (copied, not used)", "", ""),
	JournalTorn:    k(Note, "ジャーナルの末尾の、書きかけの記録を除いた", "a record that was being written was dropped from a journal's end", "", ""),
	JournalDamaged: k(Gap, "ジャーナルが壊れている", "a damaged journal",
		"もう一方の写し（journals2、ほかのUSB）を確かめる。", "Look for the other copy (journals2, another stick)."),
	JournalMirror:  k(Doubt, "ジャーナルの二つの写しが一致しない", "a journal's two copies disagree", "USBを調べる。書面に付いたジャーナルと照らす。", "Examine the stick; compare with the journal attached to the paper."),
	JournalForked:  k(Serious, "同じ実行のジャーナルが、USBによって枝分かれしている（複製）", "one run's journal parts ways between sticks (a clone)", keepApartJa, keepApartEn),
	JournalForeign: k(Doubt, "別の案件のジャーナルがある（写しただけで使わない）", "a journal of another case (copied, not used)", askOperatorJa, askOperatorEn),
	RunInMemory:    k(Note, "USBが抜かれている間に記憶され、後で書かれた記録がある", "part of the record was kept in memory while the stick was out", "", ""),
	RunResumed:     k(Note, "電源断などの後に再開した", "resumed after it was cut off", "", ""),
	RunElsewhere:   k(Note, "別のUSBに続きが書かれた", "went on on another stick", "", ""),
	RunNoPaper:     k(Gap, "始まった実行に書面がない（中断した）", "a run that was begun has no paper (it was cut off)", againJa, againEn),
	RunRedone:      k(Note, "中断した実行の後に、同じ媒体の書面がある", "a run that was cut off, and a later paper on the same medium", "", ""),
	RunPaperLost: k(Gap, "発行された書面が見当たらない", "a paper that was issued is not here",
		"ほかのUSBにないか確かめる。なければ、もう一度消去するか、庁舎内で破壊する。", "Look on the other sticks; if it is nowhere, erase again or destroy the medium inside."),
	RunPaperDiffers: k(Serious, "書面が、ジャーナルに記された書面と異なる", "the paper is not the one that the journal names", keepApartJa, keepApartEn),
	RunNotClosed:    k(Note, "書面を書いた直後に止まった（書面は完全である）", "stopped right after the paper was written (the paper is whole)", "", ""),
	PaperUnsound:    k(Gap, "書面が検査に合格しない", "a paper that does not pass its check", "massho-verify で詳しく調べ、受け取らない。", "Look at it with massho-verify, and do not accept it."),
	PaperNoJournal:  k(Doubt, "書面のもとになったジャーナルがUSBにない（書面に付いたものだけ）", "the journal behind a paper is on no stick (only attached to the paper)", askOperatorJa, askOperatorEn),
	PaperForked:     k(Serious, "書面に付いたジャーナルが、USBのジャーナルの一部ではない", "the journal attached to a paper is no part of the stick's", keepApartJa, keepApartEn),
	PaperOffRoster:  k(Doubt, "名簿にない機器の書面", "a paper on a PC that is not in the roster", "台帳と照らし、機器を確かめる。", "Check against the ledger which PC it is."),
	NumberNoPaper:   k(Gap, "番号が取られたのに書面がない", "a number was taken and there is no paper", askOperatorJa, askOperatorEn),
	NumberHole:      k(Gap, "連番が欠けている", "a number in the series was never seen", askOperatorJa, askOperatorEn),
	NumberDouble:    k(Serious, "一つの番号に、異なる書面が二つある", "two different papers carry one number", keepApartJa, keepApartEn),
	NumberForeign:   k(Serious, "書面の番号が、署名したUSBのものではない", "a paper's number is not of the stick that signed it", keepApartJa, keepApartEn),
	MediumTwice:     k(Doubt, "一つの媒体が二度処理されている", "one medium was done twice", "どちらの書面を残すかを決め、もう一方を massho-office validate --withdraw で取り消す。", "Decide which paper stays and withdraw the other (massho-office validate --withdraw)."),
	PCTwice:         k(Note, "一つの機器が二本以上のUSBで処理されている", "one PC was done with more than one stick", "", ""),
	MediaMissing: k(Gap, "見つからない媒体（現場で申告）", "a medium that could not be found, as said on the spot",
		"見つけて処理するか、massho-office destroy で理由を記した書面を作る。", "Find and erase it, or make a record with the reason (massho-office destroy)."),
	MediaShort: k(Gap, "媒体が予定より少なく、理由の申告もない", "fewer media than expected, and nobody said why", "機器を開けて確かめる。", "Open the PC and look."),
	MediaOver:  k(Doubt, "媒体が予定より多い", "more media than expected", "台帳の媒体数を確かめる。", "Check the number of media in the ledger."),
	MediaFailed: k(Gap, "消去・抹消が完了していない媒体", "a medium whose erasure is not complete",
		"もう一度消去するか、庁舎内で職員立会いのもと破壊する。庁舎外へ持ち出さない。", "Erase it again or destroy it inside with staff present; it must not leave."),
	AssetUntouched: k(Gap, "処理の記録がない機器", "a PC without any record", "処理する。処理したはずなら、未回収のUSBを探す。", "Erase it; if it was done, look for the stick that is missing."),
}
