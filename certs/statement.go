package certs

import (
	"time"

	"github.com/massho/massho/wipe/rules"
)

// Names that bind a Statement to its format. They never change for a released
// version. Issue writes version SchemaVersion; ParsePayload reads all from 1 on.
//
// Version 2 added: Run, Prepared, Medium.MakerFrom, Medium.EncryptionAfter,
// Encryption.Locked, CaseRef.Place, and English papers. A member that a version
// added is left out when it is empty, so that an older Statement stays the same
// bytes.
const (
	SchemaVersion = 2
	predicateBase = "https://github.com/massho/massho/statement/v"
	StatementType = "https://in-toto.io/Statement/v1"
	PayloadType   = "application/vnd.in-toto+json" // in-toto Attestation Framework v1, DSSE payloadType
)

// Names of the files attached to every certificate.
const (
	AttachedStatement = "statement.dsse.json"
	AttachedJournal   = "journal.massho"
	AttachedCase      = "case.dsse.json"
)

// Statement is everything that a certificate says of one medium.
//
// A string left empty, a zero time and a nil pointer mean "not known"; the
// page prints 不明 there. Sizes are bytes and sectors are logical sectors
// unless the name says otherwise.
type Statement struct {
	SchemaVersion int    `json:"schemaVersion"` // filled by Issue
	Layout        Layout `json:"layout"`        // filled by Issue
	Number        string `json:"number"`        // 証明書番号: 案件番号-USB番号-連番, reissues -R1
	Training      bool   `json:"training"`      // 訓練: signed under a training root

	Issued time.Time `json:"issued"` // claimed; see Clock
	Clock  Clock     `json:"clock"`

	Case           CaseRef        `json:"case"`
	RulePack       RulePackRef    `json:"rulePack"`
	Policy         rules.Policy   `json:"policy"`
	PolicySigned   bool           `json:"policySigned"` // becomes rules.Policy.Signed; believed only with the signed case
	Classification Classification `json:"classification"`
	Asset          Asset          `json:"asset"`
	Host           Machine        `json:"host"`    // 取り外し元機器
	Station        Machine        `json:"station"` // 作業機
	Medium         Medium         `json:"medium"`

	Run        Period           `json:"run,omitzero"` // from the last look before the first write to the last step's end
	Plan       Plan             `json:"plan"`
	Prepared   []Command        `json:"prepared,omitempty"` // what was sent to open hidden areas and the like, before the steps
	Steps      []StepRecord     `json:"steps"`              // one for each Facts.Steps, same order
	Facts      rules.Facts      `json:"facts"`
	Derivation rules.Derivation `json:"derivation"` // as printed; the checker derives it again
	NotClaimed []rules.Note     `json:"notClaimed"` // beyond Derivation.NotClaimed, e.g. the TPM

	Persons     []Person           `json:"persons"`
	Tool        Tool               `json:"tool"`
	Boot        Boot               `json:"boot"`
	Journal     JournalRef         `json:"journal"`
	PassKeys    []PassKey          `json:"passKeys"`              // published for re-checking
	Destruction *DestructionPrompt `json:"destruction,omitempty"` // Stage A and whatever must be destroyed
}

// Period is a beginning and an end; zero when it is not known.
type Period struct {
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
}

// Layout names what the page was drawn with.
type Layout struct {
	Version int    `json:"version"`
	Lang    string `json:"lang"` // "ja" or "en"
	Fonts   []Font `json:"fonts"`
}

// Font is one embedded font file.
type Font struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // hex
}

// Clock says how far the times can be trusted. Windows keeps JST in the RTC,
// so both readings of the same RTC value are kept.
type Clock struct {
	Confirmed         bool      `json:"confirmed"` // a person looked and agreed
	ConfirmedBy       string    `json:"confirmedBy"`
	RTCAsUTC          time.Time `json:"rtcAsUTC,omitzero"`
	RTCAsJST          time.Time `json:"rtcAsJST,omitzero"`
	Chosen            string    `json:"chosen"`            // "utc", "jst", "typed", or "" when nobody chose
	CorrectionSeconds int64     `json:"correctionSeconds"` // added to the chosen reading
}

// CaseRef is the 案件 that the work was done under.
type CaseRef struct {
	ID           string     `json:"id"`              // 案件番号
	Title        string     `json:"title"`           // 件名
	ContractNo   string     `json:"contractNo"`      // 契約番号
	Municipality string     `json:"municipality"`    // 団体
	Addressee    string     `json:"addressee"`       // 宛名, e.g. ○○市長 様
	Department   string     `json:"department"`      // 部署
	Contractor   Contractor `json:"contractor"`      // 受託者
	Signed       bool       `json:"signed"`          // a case signed by the authority was loaded
	Hash         string     `json:"hash"`            // SHA-256 of the signed case file, hex
	Nonce        string     `json:"nonce"`           // lower bound of time
	Place        string     `json:"place,omitempty"` // 作業場所: where the work is to be done
}

// Contractor is the 受託者.
type Contractor struct {
	Name           string `json:"name"`           // 商号
	Address        string `json:"address"`        // 所在地
	Representative string `json:"representative"` // 代表者
}

// RulePackRef names the rule pack that the outcome was derived with.
type RulePackRef struct {
	ID      string `json:"id"`
	Edition string `json:"edition"`
	Source  string `json:"source"`
	Hash    string `json:"hash"`
}

// Who may have classified a medium.
const (
	ByCase     = "case"     // from the signed roster
	ByOperator = "operator" // 分類は作業者の申告
)

// Classification is which row of 図表41 applies, and on whose word.
type Classification struct {
	Category rules.Category `json:"category"`
	Row      rules.Row      `json:"row"`
	By       string         `json:"by"`     // ByCase or ByOperator
	Signed   bool           `json:"signed"` // the roster entry came from a case with a good signature
	Notes    []string       `json:"notes"`
}

// Asset is the line of the 台帳 that the medium belongs to.
type Asset struct {
	Number        string `json:"number"` // 管理番号
	RosterIndex   int    `json:"rosterIndex"`
	InRoster      bool   `json:"inRoster"`
	Section       string `json:"section"`
	Lease         string `json:"lease"` // 備品, リース物件 or empty
	ExpectedMedia int    `json:"expectedMedia"`
}

// Machine is a PC as its firmware and the roster name it.
type Machine struct {
	Maker             string `json:"maker"`
	Model             string `json:"model"`
	Serial            string `json:"serial"`
	SerialPlaceholder bool   `json:"serialPlaceholder"` // "To be filled by O.E.M." and its kin
	UUID              string `json:"uuid"`
	Chassis           string `json:"chassis"`
	Board             string `json:"board"`
	BIOS              string `json:"bios"`
	MemoryBytes       uint64 `json:"memoryBytes"`
	CPU               string `json:"cpu"`
	Source            string `json:"source"` // "dmi", "roster", "operator" or ""
}

// Person is somebody who took part.
type Person struct {
	Role         string `json:"role"` // RoleOperator, RoleWitness or RoleValidator
	ID           string `json:"id"`   // id in the case; empty for 名簿外
	Name         string `json:"name"`
	Title        string `json:"title"`
	Organisation string `json:"organisation"`
	Contact      string `json:"contact"`
	Place        string `json:"place"`
	OffRoster    bool   `json:"offRoster"` // 名簿外: not listed in the case
}

// The roles of a Person.
const (
	RoleOperator  = "operator"  // 作業者
	RoleWitness   = "witness"   // 立会職員
	RoleValidator = "validator" // 確認職員
)

// Tool is the program that did the work.
type Tool struct {
	Name      string `json:"name"`
	Version   string `json:"version"`
	BuildHash string `json:"buildHash"` // SHA-256 of the running binary, hex
	ImageHash string `json:"imageHash"` // SHA-256 of the boot image, hex
}

// Boot is what was measured of the start of the station.
type Boot struct {
	KernelCmdline  string `json:"kernelCmdline"`
	Kernel         string `json:"kernel"`
	SecureBoot     string `json:"secureBoot"` // "yes", "no", "unknown"
	TPM            string `json:"tpm"`        // "yes", "no", "unknown"
	PCRs           []PCR  `json:"pcrs"`
	EventLogDigest string `json:"eventLogDigest"` // SHA-256 of the event log, hex
	TPMNote        string `json:"tpmNote"`        // e.g. TPMの真正性は未確認
	ShellUsed      string `json:"shellUsed"`      // "yes", "no", "unknown"
}

// PCR is one register of the TPM's SHA-256 bank.
type PCR struct {
	Index int    `json:"index"`
	Value string `json:"value"` // hex
}

// JournalRef ties the Statement to the attached journal.
type JournalRef struct {
	RunID        string `json:"runID"`
	HeadHash     string `json:"headHash"` // hash of the last record that this Statement rests on, hex
	Code         string `json:"code"`     // the ≥60 bits shown on the screen
	Records      uint64 `json:"records"`
	AttachedName string `json:"attachedName"` // AttachedJournal, or empty when none is attached
}

// PassKey lets anybody regenerate what a pass wrote.
type PassKey struct {
	Step      int    `json:"step"`      // index into Steps
	Pass      int    `json:"pass"`      // from 1
	Algorithm string `json:"algorithm"` // "AES-128-CTR" or "constant"
	Key       string `json:"key"`       // hex; the pattern for a constant pass
}

// DestructionPrompt asks for the physical destruction that must follow.
type DestructionPrompt struct {
	Serial      string   `json:"serial"`
	AssetNumber string   `json:"assetNumber"`
	Ways        []string `json:"ways"`     // 分解・粉砕・溶解・焼却・細断
	Witness     string   `json:"witness"`  // who is to be there, or how it is watched
	Deadline    string   `json:"deadline"` // 提出期限, YYYY-MM-DD, or what it counts from
	InsideOnly  bool     `json:"insideOnly"`
}
