package devices

import "errors"

// ErrNoReset says that the road to this drive has no reset the host may send.
var ErrNoReset = errors.New("devices: this road offers no reset")

// Text is a sentence in the two languages of this program.
type Text struct {
	Ja string `json:"ja"`
	En string `json:"en"`
}

// Code names a refusal. Codes are stable: papers and scripts carry them.
type Code string

// Refusal says why a device may not be touched and what to do next.
type Refusal struct {
	Code   Code   `json:"code"`
	Object string `json:"object"` // device name and serial, as shown
	Why    Text   `json:"why"`
	Next   Text   `json:"next"`
}

// Error is the English form: object, reason, next step.
func (r *Refusal) Error() string {
	return r.Object + ": " + r.Why.En + " (" + string(r.Code) + "). " + r.Next.En
}
