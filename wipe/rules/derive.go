package rules

// Outcome is the word for the end of a run. There is no "success".
type Outcome string

// The outcomes.
const (
	OutcomeVerified            Outcome = "Verified"
	OutcomeCompletedUnverified Outcome = "CompletedUnverified"
	OutcomeFailed              Outcome = "Failed"
	OutcomeInterrupted         Outcome = "Interrupted"
	OutcomeNotSanitizable      Outcome = "NotSanitizable"
)

// Basis says on whose word an outcome rests.
type Basis string

// The bases.
const (
	BasisNone           Basis = "none"
	BasisHostVerified   Basis = "host-verified"
	BasisDeviceAttested Basis = "device-attested" // 装置の自己申告に依拠。媒体内部は未確認
)

// Method is the NIST SP 800-88 method.
type Method string

// The methods. Destroy is never reached by software.
const (
	MethodNone    Method = "none"
	MethodClear   Method = "Clear"
	MethodPurge   Method = "Purge"
	MethodDestroy Method = "Destroy"
)

// Paper is which paper the outcome earns (DESIGN §4).
type Paper string

// The papers of a run.
const (
	PaperErasedRow2 Paper = "completion-row2" // 抹消措置の完了証明書
	PaperErasedRow3 Paper = "completion-row3" // 消去作業完了確認書
	PaperStageA     Paper = "stage-a"         // 庁舎内消去記録（破壊待ち）
	PaperIncomplete Paper = "incomplete"      // 消去・抹消 未完了報告書
)

// Note is one reason or one thing not claimed, by code and in two languages.
type Note struct {
	Code string `json:"code"`
	Ja   string `json:"ja"`
	En   string `json:"en"`
}

// Derivation is what a list of executed steps may claim.
type Derivation struct {
	Row        Row      `json:"row"`     // the row that applies
	Reached    Row      `json:"reached"` // the strictest row's level reached: Row2, Row3 or RowNone
	Items      []string `json:"items"`   // 図表41 items: "③", "④", "⑤", or "全領域上書き" for row (3)
	NIST       Method   `json:"nist"`
	Table711   bool     `json:"table711"` // 表7-1-1 met
	Outcome    Outcome  `json:"outcome"`
	Basis      Basis    `json:"basis"`
	Paper      Paper    `json:"paper"`
	Reasons    []Note   `json:"reasons"`    // why it is this and not more
	NotClaimed []Note   `json:"notClaimed"` // printed on the paper, always
}

// Policy is what the 団体 signed on top of the rule pack. It may only be
// stricter, except SoleOverwriteForRow2, which the claims table names.
type Policy struct {
	ID                    string `json:"id"`
	MinimumRow            Row    `json:"minimumRow,omitempty"`            // 2: nothing is treated as row (3); 1: everything is destroyed
	MinRandomPasses       int    `json:"minRandomPasses,omitempty"`       // at least so many random passes where overwriting
	RequireFullVerify     bool   `json:"requireFullVerify,omitempty"`     // sampled verification is not enough
	RequireHostVerified   bool   `json:"requireHostVerified,omitempty"`   // device-attested results do not satisfy a row
	RequireSecondPerson   bool   `json:"requireSecondPerson,omitempty"`   // a witness confirms each drive
	RefuseCryptoErase     bool   `json:"refuseCryptoErase,omitempty"`     // ⑤ is not accepted
	MinCanaries           int    `json:"minCanaries,omitempty"`           // more than the default
	SoleOverwriteForRow2  bool   `json:"soleOverwriteForRow2,omitempty"`  // HDD, hidden areas shown absent or opened, no reallocated sectors: (2)③ by overwrite. Only from a signed policy
	Signed                bool   `json:"-"`                               // set by whoever checked the authority's signature
	RetentionYears        int    `json:"retentionYears,omitempty"`        // 保存期間
	DestructionDays       int    `json:"destructionDays,omitempty"`       // 破壊の完了証明書の提出期限, days after hand-over
	WitnessAndCertificate bool   `json:"witnessAndCertificate,omitempty"` // row (1): both routes, not either
}
