// Package cases holds the 案件 that the 団体 prepares and signs: what is to be
// erased, under which rules, by whom, and what the stick may do without asking.
package cases

import (
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/rules"
)

// SchemaVersion is the version of the case's JSON form.
const SchemaVersion = 1

// PayloadType is the DSSE payload type of a signed case.
const PayloadType = "application/vnd.massho.case+json"

// Case is the content of a case file. The console may only be stricter.
type Case struct {
	SchemaVersion int              `json:"schemaVersion"`
	ID            string           `json:"id"`              // 案件番号: letters, digits, dashes; part of every certificate number
	Title         string           `json:"title"`           // 件名
	ContractNo    string           `json:"contractNo"`      // 契約番号
	Municipality  string           `json:"municipality"`    // 団体
	Addressee     string           `json:"addressee"`       // 宛名
	Department    string           `json:"department"`      // 部署
	Contractor    certs.Contractor `json:"contractor"`      // 受託者
	Place         string           `json:"place,omitempty"` // 作業場所
	RulePack      RulePackRef      `json:"rulePack"`
	Policy        rules.Policy     `json:"policy"`
	Roster        []Asset          `json:"roster"`
	People        []Person         `json:"people"`
	Nonce         string           `json:"nonce"` // hex; lower bound of time
	Created       time.Time        `json:"created"`
	ValidUntil    time.Time        `json:"validUntil,omitzero"` // after it the stick refuses the case; zero: no term
	Training      bool             `json:"training,omitempty"`  // issued under a training root

	// Unattended lets the stick run without a person, and only on media that
	// the roster names by serial (Asset.Media).
	Unattended bool   `json:"unattended,omitempty"`
	Afterwards string `json:"afterwards"` // AfterPowerOff or AfterShell
}

// What the stick does when everything is stored.
const (
	AfterPowerOff = "poweroff"
	AfterShell    = "shell"
)

// RulePackRef binds the case to one edition of the rules.
type RulePackRef struct {
	ID   string `json:"id"`
	Hash string `json:"hash"` // SHA-256 of the pack's bytes, hex
}

// Asset is one line of the roster: one PC.
type Asset struct {
	Number        string         `json:"number"` // 管理番号
	Lease         string         `json:"lease"`  // 備品 or リース物件
	HostMaker     string         `json:"hostMaker"`
	HostModel     string         `json:"hostModel"`
	HostSerial    string         `json:"hostSerial"`
	ExpectedMedia int            `json:"expectedMedia"`
	Category      rules.Category `json:"category"` // of every medium of this PC, but for those in Media
	Section       string         `json:"section"`
	Media         []Medium       `json:"media,omitempty"` // media known by serial before the day
}

// Medium is a medium that the roster names by its serial.
type Medium struct {
	Serial   string          `json:"serial"`
	Category *rules.Category `json:"category,omitempty"` // nil: the asset's
	Note     string          `json:"note,omitempty"`
}

// Person is somebody whom the case names. No key of theirs is on the stick.
type Person struct {
	ID           string `json:"id"`   // short, typed or chosen at the console
	Role         string `json:"role"` // certs.RoleOperator, RoleWitness or RoleValidator
	Name         string `json:"name"`
	Title        string `json:"title"`
	Organisation string `json:"organisation"`
	Contact      string `json:"contact"`
}

// Stick is what the office issues for one stick of a case: stick.json beside
// its key and certificates.
type Stick struct {
	SchemaVersion int    `json:"schemaVersion"`
	ID            string `json:"id"` // "U1": part of every certificate number
	CaseID        string `json:"caseID"`
}

// The files of a stick's case folder.
const (
	FileCase  = "case.dsse.json" // the signed case
	FileStick = "stick.json"     // Stick
	FileKey   = "stick.key.pem"  // the stick's private key, PKCS#8, without passphrase: issued for this case and term only
	FileChain = "stick.crt.pem"  // the stick's certificate and those above it, leaf first
	FileRoot  = "root.pem"       // the authority's root, to check the case here; no verifier ever takes it from a stick
)
