package main

import (
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/linux"
)

// realSystem is this machine.
func realSystem() devices.System { return linux.NewSystem() }
