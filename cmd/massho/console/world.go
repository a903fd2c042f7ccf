package console

import (
	"context"
	"time"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// World is everything that the model needs of the machine and of the case.
//
// Facts, Now, Clock, Generation, Status, Log, Plan and Explain are called while
// a key is handled or a screen drawn: they must answer at once. All others are
// called from goroutines of their own and may take their time.
type World interface {
	// Facts do not change during a sitting.
	Facts() Facts
	// Now is the time with the correction of SetClock.
	Now() time.Time
	// Clock is the hardware clock's reading at this moment, its digits taken as
	// UTC. The zero time means that it cannot be read.
	Clock() time.Time
	// Generation changes when a drive comes or goes.
	Generation() uint64
	// Status is what changes from second to second.
	Status() Status
	// Log is what was said so far, oldest first: start-up, drivers, remarks.
	Log() []LogLine
	// Plan makes the work of one drive. It touches nothing.
	Plan(d Drive, a Answers) (session.Work, error)
	// Explain is an error as a person reads it, in "ja" or "en": what happened,
	// to what, and what to do next.
	Explain(err error, lang string) string

	// SetClock and SetPeople record what was answered.
	SetClock(ClockChoice) error
	SetPeople([]Attendee) error
	// Detect lists every drive, with its refusals.
	Detect(ctx context.Context) ([]Drive, error)
	// Run carries out confirmed works and returns when the last one has ended
	// and its paper is stored. It may be called again while it runs. Every work
	// gets exactly one call of Reports.Done. The error is for what is no single
	// drive's: then works without a Done have not begun.
	Run(ctx context.Context, works []Confirmed, r Reports) error
	// Unattended carries out what the signed case names, without confirmation;
	// it is called only when Facts.Unattended is set.
	Unattended(ctx context.Context, r Reports) error
	// Stop ends one drive's run at the next safe point.
	Stop(serial string) error
	// Challenge records a word that the supervisor asked for, in every journal
	// that is open, and makes new heads.
	Challenge(ctx context.Context, word string) error
	// RecordMissing records media that the case expects and that are not here.
	RecordMissing(ctx context.Context, m []Missing) error
	// Suspend puts the machine to sleep (S3) and returns after it woke.
	Suspend(ctx context.Context) error
	// SetKeyboard changes the layout: "us" or "jis".
	SetKeyboard(layout string) error
	// Train returns a world of emulated drives.
	Train(ctx context.Context) (World, error)
}

// Facts are what does not change during a sitting.
type Facts struct {
	Version  string
	Case     cases.Case
	Signed   bool // the case was signed by the authority
	Pack     *rules.Pack
	Policy   rules.Policy
	Host     devices.Host // this PC
	Stick    string       // the stick's id
	Training bool
	// Unattended: the signed case lets the stick run without a person.
	Unattended bool
	// Built is when the program was made: no clock can rightly be before it.
	Built time.Time
	// MaySuspend: this PC can suspend to RAM.
	MaySuspend bool
	// MayTrain: Train works.
	MayTrain bool
	// Keyboard is the layout at the start, "us" or "jis"; empty: cannot be changed.
	Keyboard string
}

// Pull is whether the stick with the records may be pulled.
type Pull int

// The answers. The zero value forbids it.
const (
	PullForbidden Pull = iota // 抜かないでください
	PullAllowed               // 抜いてよい
	PullGone                  // it is not there: plug it in again
)

// Status is what changes from second to second.
type Status struct {
	Pull Pull
	// Why is the reason for Pull, one short sentence.
	Why rules.Label
	// Heads are the heads of the open journals.
	Heads []Head
	// OnBattery: nothing is started until the mains adapter is plugged in.
	OnBattery bool
}

// Head is the newest record of one journal.
type Head struct {
	Drive string // serial; empty for a journal of the sitting itself
	Seq   uint64
	Hash  journal.Hash
}

// LogLine is one line of the log.
type LogLine struct {
	At   time.Time
	Text rules.Label
}

// Drive is one thing that Detect found.
type Drive struct {
	Device   devices.Device
	Refusals []devices.Refusal
	Assigned *session.Assignment // nil: the roster does not name it
	Remark   rules.Label         // e.g. that an interrupted run can go on
}

// Answers are what a person said of one drive.
type Answers struct {
	Category *rules.Category  // nil: the case says
	Accept   *wipe.Acceptance // nil: no lower level was chosen
}

// ClockChoice is which reading of the clock is right.
type ClockChoice struct {
	Reading string    // "utc", "jst" or "typed"
	Typed   time.Time // the wall clock's time, with Reading "typed"
}

// Attendee is somebody who is here. Somebody whom the case does not name is
// OffRoster, with the id that was typed.
type Attendee struct {
	ID        string
	Role      string // certs.RoleOperator or certs.RoleWitness
	OffRoster bool
}

// Confirmed is a work that may begin.
type Confirmed struct {
	Drive   Drive
	Answers Answers
	Work    session.Work
	By      []Confirmation // at least the operator's; empty for none
}

// Confirmation is one person's word that this drive is meant.
type Confirmation struct {
	Person Attendee
	Typed  string // the end of the serial, as typed
	At     time.Time
}

// Reports are how a run tells of itself; both may be called from any goroutine.
type Reports struct {
	Event wipe.Observer
	Done  func(session.Outcome)
}

// Missing is a medium that the case expects and that is not here.
type Missing struct {
	Asset  string // 管理番号
	Serial string // empty: the case gives only a number of media
	Count  int    // how many, when there is no serial
	Reason string // one of the codes in missingReasons
}
