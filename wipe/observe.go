package wipe

import "time"

// Phase is what a drive is doing, for the screen.
type Phase string

// The phases of one drive.
const (
	PhaseIdentify Phase = "identify"
	PhasePrepare  Phase = "prepare" // hidden areas are opened
	PhaseCanaries Phase = "canaries"
	PhaseWrite    Phase = "write"
	PhaseDevice   Phase = "device" // a device-internal erase runs
	PhaseVerify   Phase = "verify"
	PhaseCheck    Phase = "check" // canaries are read again
	PhaseWaiting  Phase = "waiting"
	PhasePaper    Phase = "paper"
	PhaseDone     Phase = "done"
)

// Event tells an observer how far one drive is. It carries everything that a
// screen shows, so that an observer needs no memory of earlier events.
type Event struct {
	Drive   string // serial
	Phase   Phase
	Step    int           // from 1; 0 outside steps
	Steps   int           // of how many
	Pass    int           // from 1; 0 outside passes
	Passes  int           // of how many
	Done    int64         // bytes of this phase
	Total   int64         // bytes of this phase; 0 when it has no measure
	Elapsed time.Duration // of this phase
	Left    time.Duration // estimated; negative when not known
	Rate    float64       // bytes a second of late
	Bad     int64         // bad sectors so far
	TempC   *int64        // nil: not known
	Head    string        // code of the journal's head
	Text    string        // a remark: slow, hot, waiting for the evidence stick

	// Detached: records are in memory only. The stick must come back, and the
	// PC must not be switched off; no new step starts until then.
	Detached bool
}

// Observer is told of events. It is called from the goroutine of each drive and
// must not block.
type Observer func(Event)
