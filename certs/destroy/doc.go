// Package destroy is Stage B: the destruction of a medium, by another party,
// with photographs, a place, a date and somebody who watched. Its paper is the
// 「破壊の完了証明書」, a deed that refers to Stage A by hash.
//
// A medium that could not be erased in the 庁舎 (応答なし・取り出し済み・起動不可)
// gets the paper too. It then says 「庁舎内での消去は実施できなかった」 with the
// reason, and only staff may issue it. For a PC that turned out to hold no
// medium (媒体なし) nothing was destroyed: its paper is called 「記憶媒体の
// 不存在確認書」 and accounts for the medium that the roster expects.
//
// The record tells what was done, also where that is not what was asked for:
// a destruction outside the 庁舎 of what must not leave it, nobody who watched,
// a date after the deadline. Deviations derives these from the record, and page
// and checker show them. Refused is only what would be no destruction at all:
// a way that is not in the rule pack, and ② on media on which it has no effect.
package destroy

import (
	"errors"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/wipe/rules"
)

// Record is the content of the paper.
type Record struct {
	deed.Head
	RulePack  certs.RulePackRef `json:"rulePack"`
	Policy    rules.Policy      `json:"policy"` // of the signed case
	Category  rules.Category    `json:"category"`
	Row       rules.Row         `json:"row"`
	Medium    Medium            `json:"medium"`
	Asset     certs.Asset       `json:"asset"`
	Host      certs.Machine     `json:"host"`                // 取り外し元機器
	StageA    *StageA           `json:"stageA,omitempty"`    // nil: see NotErased
	NotErased *NotErased        `json:"notErased,omitempty"` // nil: see StageA
	Method    *Method           `json:"method,omitempty"`    // nil only with ReasonNoMedium
	Place     string            `json:"place"`
	Inside    bool              `json:"inside"` // the place is in the 庁舎
	Performed time.Time         `json:"performed"`
	Performer certs.Person      `json:"performer"`
	Watch     Watch             `json:"watch"`
	Photos    []Photo           `json:"photos"`
	Deadline  time.Time         `json:"deadline,omitzero"` // 提出期限; zero: none was set
}

// Medium is what was destroyed. Serial is empty where no label could be read.
type Medium struct {
	Maker  string           `json:"maker"`
	Model  string           `json:"model"`
	Serial string           `json:"serial"`
	Kind   rules.MediumKind `json:"kind"`
	How    Identified       `json:"how"`   // how it was made sure that this is the medium
	Typed  string           `json:"typed"` // as typed or scanned
}

// Identified is how the medium at hand was told from others.
type Identified string

// The ways of telling.
const (
	ByTyping Identified = "typed"      // its serial was typed and compared
	ByLabel  Identified = "label"      // the QR code stuck on it was read
	ByPhoto  Identified = "photograph" // no serial to be read; the photograph alone
)

// StageA points at the erasure in the 庁舎.
type StageA struct {
	deed.Ref
	Title      string        `json:"title"`
	Paper      rules.Paper   `json:"paper"`
	Issued     time.Time     `json:"issued"`
	Outcome    rules.Outcome `json:"outcome"`
	Reached    rules.Row     `json:"reached"`
	InsideOnly bool          `json:"insideOnly"` // it said 庁舎外へ持ち出さない
}

// Reason is why a medium was not erased in the 庁舎.
type Reason string

// The reasons.
const (
	ReasonNoAnswer Reason = "no-answer" // 応答なし
	ReasonTakenOut Reason = "taken-out" // 取り出し済み
	ReasonNoBoot   Reason = "no-boot"   // 起動不可
	ReasonNoMedium Reason = "no-medium" // 媒体なし
)

var reasonLabels = map[Reason]rules.Label{
	ReasonNoAnswer: {Ja: "応答なし", En: "does not answer"},
	ReasonTakenOut: {Ja: "取り出し済み", En: "had been taken out"},
	ReasonNoBoot:   {Ja: "起動不可", En: "the PC does not start"},
	ReasonNoMedium: {Ja: "媒体なし", En: "there is no medium"},
}

// Label is the reason as people read it.
func (r Reason) Label() rules.Label {
	if l, ok := reasonLabels[r]; ok {
		return l
	}
	return rules.Label{Ja: string(r), En: string(r)}
}

// NotErased says why there is no Stage A, and who of the staff agreed.
type NotErased struct {
	Reason   Reason       `json:"reason"`
	Detail   string       `json:"detail"`
	Approver certs.Person `json:"approver"` // 職員; the issuer of the paper
}

// Method is ① or ② of 図表41.
type Method struct {
	Item          string `json:"item"`          // "①" or "②"
	Way           string `json:"way"`           // ①: 分解・粉砕・溶解・焼却・細断
	Device        string `json:"device"`        // machine used, maker and model
	FieldStrength string `json:"fieldStrength"` // ②: with its unit, as the device states it
	Detail        string `json:"detail"`        // grain size, passes, …
}

// Watch is who saw it done.
type Watch struct {
	Kind      WatchKind    `json:"kind"`
	Person    certs.Person `json:"person"`    // who watched
	Reference string       `json:"reference"` // of the camera or recording
}

// WatchKind is how it was watched.
type WatchKind string

// The kinds.
const (
	WatchWitness   WatchKind = "witness"   // 職員の立会い
	WatchCamera    WatchKind = "camera"    // カメラによるリアルタイムでの監視
	WatchRecording WatchKind = "recording" // カメラ映像の記録の確認
	WatchNone      WatchKind = "none"
)

var watchLabels = map[WatchKind]rules.Label{
	WatchWitness:   {Ja: "職員の立会い", En: "staff were there"},
	WatchCamera:    {Ja: "カメラによるリアルタイムでの監視", En: "watched live by camera"},
	WatchRecording: {Ja: "カメラ映像の記録の確認", En: "a camera's recording was looked through"},
	WatchNone:      {Ja: "なし（本証明書による確認のみ）", En: "nobody: this certificate alone"},
}

// Label is the kind as people read it.
func (w WatchKind) Label() rules.Label {
	if l, ok := watchLabels[w]; ok {
		return l
	}
	return rules.Label{Ja: string(w), En: string(w)}
}

// Photo is one photograph: scaled, without the camera's notes but for the time.
type Photo struct {
	File     string `json:"file"`     // name of the attachment
	SHA256   string `json:"sha256"`   // of the attachment
	Original string `json:"original"` // SHA-256 of the file that was given
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Taken    string `json:"taken"` // as the camera noted it, "2026-11-21 10:00:00 +09:00"; empty: not noted
	GPS      bool   `json:"gps"`   // the original held a position, which was left out
	Caption  string `json:"caption"`
}

// The ways in which a record is refused.
var (
	ErrWay    = errors.New("this is no destruction by 図表41")
	ErrMedium = errors.New("this is not the medium of the record")
	ErrPhoto  = errors.New("the photograph cannot be used")
)
