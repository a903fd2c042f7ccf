package main

import (
	"testing"

	"github.com/massho/massho/certs"
)

// TestConfirmedBy: the paper names who agreed to the clock, and nobody when
// nobody did.
func TestConfirmedBy(t *testing.T) {
	people := []certs.Person{{Role: certs.RoleWitness, Name: "立会"}, {Role: certs.RoleOperator, Name: "作業"}, {Role: certs.RoleOperator, ID: "x9", OffRoster: true}}
	for _, c := range []struct {
		name string
		base certs.Statement
		want string
	}{
		{"confirmed", certs.Statement{Clock: certs.Clock{Confirmed: true}, Persons: people}, "作業、x9"},
		{"not confirmed", certs.Statement{Persons: people}, ""},
		{"nobody here", certs.Statement{Clock: certs.Clock{Confirmed: true}}, ""},
	} {
		if got := confirmedBy(c.base); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
