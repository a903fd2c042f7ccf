package rules

// System is the 系 that the medium served.
type System string

// The 系 of a Japanese municipality's three-layer separation.
const (
	SystemMyNumber System = "mynumber" // マイナンバー利用事務系
	SystemLGWAN    System = "lgwan"    // LGWAN接続系
	SystemInternet System = "internet" // インターネット接続系
	SystemUnknown  System = "unknown"  // 不明
)

// Confidentiality is 自治体機密性 (five classes since 令和6年10月).
type Confidentiality string

// The classes of 自治体機密性.
const (
	Conf3A      Confidentiality = "3A"
	Conf3B      Confidentiality = "3B"
	Conf3C      Confidentiality = "3C"
	Conf2       Confidentiality = "2"
	Conf1       Confidentiality = "1"
	ConfUnknown Confidentiality = "unknown"
)

// Answer is what a person or a drive said to a question: yes, no or 不明.
// The empty string counts as 不明 and never as yes.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown"
)

// Category is what was stored on the medium, as classified.
type Category struct {
	System          System          `json:"system"`
	Confidentiality Confidentiality `json:"confidentiality"`
	ResidentInfo    Answer          `json:"residentInfo"` // 住民情報 stored; matters for mynumber only
}

// Row is the row of 図表41 that applies. 0 is no row.
type Row int

// The rows of 図表41.
const (
	RowNone Row = 0
	Row1    Row = 1 // 物理的に破壊
	Row2    Row = 2 // 抹消
	Row3    Row = 3 // 消去
)
