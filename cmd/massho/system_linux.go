package main

import (
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/linux"
)

// realSystem is this machine. A medium is one device, however many namespaces it
// shows: its serial names all of them.
func realSystem() devices.System { return devices.WholeMedia(linux.NewSystem()) }
