// Package ledger lays the 備品台帳 beside the certificates and says of every
// PC whether each of its media is accounted for.
//
//	report := ledger.Reconcile(entries, papers, ledger.Options{Today: …})
//	report.Text(w, "ja"); report.CSV(…); report.XLSX(); report.PDF(…)
//
// A paper belongs to a PC by the serial of its medium (where the 台帳 names
// media), by 管理番号, or by the PC's serial, in this order, all folded by
// certs/serials. Where two of them point at different PCs nothing is covered:
// both lines say so. Placeholder serials match nothing.
//
// Reconcile is pure and knows no files: what a paper says and how its check
// ended (see Paper) is the caller's to find out. It claims too little rather
// than too much: a paper that was not accepted, that failed its check or that
// waits for the destruction covers nothing yet.
package ledger

import (
	"time"

	"github.com/massho/massho/certs/roster"
	"github.com/massho/massho/wipe/rules"
)

// Standing is what the office has said of a paper.
type Standing string

// The standings.
const (
	Unseen     Standing = "unseen"     // nobody has accepted or rejected it
	Accepted   Standing = "accepted"   // countersigned by the 確認職員
	Rejected   Standing = "rejected"   // by a signed paper
	Withdrawn  Standing = "withdrawn"  // 取消
	Superseded Standing = "superseded" // 再発行: another paper took its place
)

// Paper is what the ledger needs to know of one certificate or destruction
// record.
type Paper struct {
	Number     string // 証明書番号
	Hash       string // of the payload, hex
	Kind       rules.Paper
	Row        rules.Row // that applies
	Asset      string    // 管理番号
	HostSerial string    // of the 取り外し元機器; empty for a placeholder
	Medium     string    // serial
	Issued     time.Time
	Training   bool
	Sound      bool      // its check found nothing that speaks against it
	Trouble    string    // what the check found, in Japanese, when not Sound
	Standing   Standing  //
	Deadline   time.Time // until when the destruction must be shown; zero: none known
	Of         string    // destruction record: hash of its Stage A; empty: the medium could not be erased
}

// Status is the word for one line.
type Status string

// The statuses, worst first.
const (
	StatusConflict  Status = "conflict"   // 食い違い
	StatusInvalid   Status = "invalid"    // 検査で不合格
	StatusDouble    Status = "double"     // 重複
	StatusNoAsset   Status = "no-asset"   // 台帳にない証明書
	StatusOverdue   Status = "overdue"    // 破壊の期限超過
	StatusRejected  Status = "rejected"   // 却下
	StatusFailed    Status = "incomplete" // 未完了の報告のみ
	StatusMissing   Status = "missing"    // 証明書なし
	StatusPartial   Status = "partial"    // 媒体の一部のみ
	StatusWaiting   Status = "waiting"    // 破壊待ち
	StatusUnseen    Status = "unaccepted" // 受理待ち
	StatusUncounted Status = "uncounted"  // 媒体数が台帳にない
	StatusCovered   Status = "covered"    // 完了
)

// statuses is the order of badness.
var statuses = []Status{StatusConflict, StatusInvalid, StatusDouble, StatusNoAsset, StatusOverdue, StatusRejected, StatusFailed,
	StatusMissing, StatusPartial, StatusWaiting, StatusUnseen, StatusUncounted, StatusCovered}

// Statuses lists the statuses, worst first.
func Statuses() []Status { return append([]Status{}, statuses...) }

var statusLabels = map[Status]rules.Label{
	StatusConflict:  {Ja: "食い違い", En: "conflict"},
	StatusInvalid:   {Ja: "検査で不合格", En: "failed its check"},
	StatusDouble:    {Ja: "重複", En: "double"},
	StatusNoAsset:   {Ja: "台帳にない", En: "not in the ledger"},
	StatusOverdue:   {Ja: "破壊の期限超過", En: "destruction overdue"},
	StatusRejected:  {Ja: "却下", En: "rejected"},
	StatusFailed:    {Ja: "未完了", En: "not completed"},
	StatusMissing:   {Ja: "証明書なし", En: "no certificate"},
	StatusPartial:   {Ja: "媒体の一部のみ", En: "some media only"},
	StatusWaiting:   {Ja: "破壊待ち", En: "awaiting destruction"},
	StatusUnseen:    {Ja: "受理待ち", En: "awaiting acceptance"},
	StatusUncounted: {Ja: "完了（媒体数は台帳になし）", En: "covered (number of media not in the ledger)"},
	StatusCovered:   {Ja: "完了", En: "covered"},
}

// Label is the status as people read it.
func (s Status) Label() rules.Label {
	if l, ok := statusLabels[s]; ok {
		return l
	}
	return rules.Label{Ja: string(s), En: string(s)}
}

// Medium is one medium of a line.
type Medium struct {
	Serial  string
	Status  Status
	Row     rules.Row
	Numbers []string  // papers about it, in the order of issue
	Due     time.Time // of its destruction; zero: none
	Done    time.Time // when its last paper was issued, once it is accounted for
}

// Line is one PC of the 台帳, or the certificates of one that is not in it.
type Line struct {
	Entry    roster.Entry // Row 0: not in the 台帳
	InLedger bool
	Status   Status // the worst of what was found
	Media    []Medium
	Findings []Finding
	Days     int // since 撤去, until today or until everything was done; -1: 撤去日 not known
}

// Finding is one remark on a line.
type Finding struct {
	Status Status
	Ja, En string
}

// Report is the whole comparison.
type Report struct {
	Today  time.Time
	Lines  []Line // in the order of the 台帳, then what is not in it
	Counts map[Status]int
	Drills int // papers of training, left out
}

// Options says how to compare.
type Options struct {
	Today time.Time
}
