package session_test

import (
	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/campaign/spy"
)

type (
	opOf      = spy.Op
	statement = certs.Statement
)

func envOf(b *bench) devices.Environment { return devices.Environment{Present: b.detect()} }
