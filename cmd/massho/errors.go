package main

import (
	"errors"

	"github.com/massho/massho/devices"
)

// errorText is err in the chosen language. Refusals speak both; other errors
// are in plain English and name operation, object and next step.
func (a *app) errorText(err error) string {
	var r *devices.Refusal
	if errors.As(err, &r) {
		return r.Object + ": " + a.t(r.Why.Ja+" ("+string(r.Code)+")\n  "+r.Next.Ja, r.Why.En+" ("+string(r.Code)+")\n  "+r.Next.En)
	}
	var t bilingual
	if errors.As(err, &t) {
		return a.t(t.ja, t.en)
	}
	return err.Error()
}

// bilingual is an error that a person at the stick reads: both languages.
type bilingual struct{ ja, en string }

func (b bilingual) Error() string { return b.en }

// fail is a bilingual error with its exit code.
func fail(code int, ja, en string) error { return coded{code, bilingual{ja, en}} }
