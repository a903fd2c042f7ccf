//go:build linux

// Package early is what massho calls between u-root's init and its own work:
// it mounts what init left out, loads the drivers of the machine, finds the
// evidence place on the stick that was booted, and reads the clocks, the TPM
// and the power supplies.
//
//	st, err := early.Up(ctx, early.Options{Now: time.Now, Observe: say})
//	go st.Watch(ctx, onEvent)          // drives plugged in later
//	… write records below st.Evidence.Dir …
//	err = st.Evidence.Unmount()
//	err = early.PowerOff()
//
// What it never does: write to a block device, mount anything but the evidence
// place, assemble RAID, or guess. The evidence place is named by the kernel
// command line, massho.bootfs (what GRUB booted from) and massho.evidence, both
// FAT volume IDs, and two volumes of one ID are refused until one remains.
//
// Nothing in this guest suspends the machine: there is no logind and no ACPI
// daemon, the kernel alone does nothing on a closed lid, on idleness or on the
// power button, and consoleblank=0 keeps the screen on. The package therefore
// has no call to inhibit it. A laptop's firmware may still switch off when its
// battery is empty: see Power.
//
// Ctrl-Alt-Del does not restart the machine any more: it sends SIGINT to this
// program, which should ask. The magic SysRq keys are off.
//
// Up's caller should first call Stdio: with two console= parameters u-root's
// init feeds the output of its child to both through a pipe, and where the
// machine has no serial port that pipe breaks at the first byte.
package early

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Options says how the guest is brought up.
type Options struct {
	// Root is where the guest's /proc, /sys, /dev and /lib are; empty means
	// "/". A test gives a folder.
	Root string
	// EvidenceDir is where the evidence place is mounted; empty means
	// "/run/massho/evidence".
	EvidenceDir string
	// Quiet is how long no new device may have shown up before the evidence
	// place counts as unique; 0 means 2 s, twice the time that the kernel
	// waits before it looks at a USB drive.
	Quiet time.Duration
	// Limit bounds the wait for the boot medium; 0 means 60 s.
	Limit time.Duration
	// Now is the system clock.
	Now func() time.Time
	// Observe is told about each step in English; nil means nobody.
	Observe func(text string)
}

func (o Options) withDefaults() Options {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.EvidenceDir == "" {
		o.EvidenceDir = "/run/massho/evidence"
	}
	if o.Quiet == 0 {
		o.Quiet = 2 * time.Second
	}
	if o.Limit == 0 {
		o.Limit = 60 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	return o
}

// State is what Up found and did.
type State struct {
	// Cmdline is the kernel command line.
	Cmdline Cmdline
	// Modules names the kernel modules that were loaded, in order.
	Modules []string
	// ModuleErrors holds one error for each module that could not be loaded:
	// a controller whose driver is among them shows no drives.
	ModuleErrors []error
	// SetupErrors says what else of the guest could not be set up: a mount
	// other than the evidence place, the console's log level.
	SetupErrors []error
	// Evidence is the mounted evidence place; nil when there is none. It is
	// mounted read-only when EvidenceErr is ErrReadOnlyEvidence.
	Evidence *Mounted
	// EvidenceErr is nil or wraps ErrNoEvidence, ErrManyEvidence,
	// ErrReadOnlyEvidence, ErrNoBootUUID, ErrOtherMedium, or a mount's errno.
	EvidenceErr error
	// Clock, Measured and Power are readings.
	Clock    Clock
	Measured Measured
	Power    Power
	// PowerErr says why Power could not be read.
	PowerErr error

	events *watcher
	loader *loader
}

// Up brings the guest up. A part that fails leaves its error in State, and the
// rest goes on; the error result is for a guest without /proc, /sys or its
// module tables, and for ctx.
func Up(ctx context.Context, o Options) (*State, error) {
	o = o.withDefaults()
	st := &State{SetupErrors: mountBase(o.Root)}
	var err error
	if st.Cmdline, err = ReadCmdline(o.Root); err != nil {
		return nil, err
	}
	st.SetupErrors = append(st.SetupErrors, quietKernel(o.Root, st.Cmdline)...)
	st.SetupErrors = append(st.SetupErrors, holdKeys(o.Root)...)
	if st.events, err = newWatcher(); err != nil {
		return nil, err
	}
	if st.loader, err = newLoader(o.Root, st.Cmdline); err != nil {
		return nil, errors.Join(err, st.events.close())
	}
	o.Observe("loading drivers")
	st.loader.loadAll(staticModules)
	if err := st.loader.coldPlug(o.Root); err != nil {
		return nil, errors.Join(err, st.events.close())
	}
	o.Observe("looking for the boot medium")
	place, err := st.awaitEvidence(ctx, o)
	if ctx.Err() != nil {
		return nil, errors.Join(ctx.Err(), st.events.close())
	}
	st.mountEvidence(place, err, o.EvidenceDir)
	st.SetupErrors = append(st.SetupErrors, mountLate(o.Root)...)
	st.Modules, st.ModuleErrors = st.loader.report()
	st.Clock = readClock(o.Root, o.Now)
	st.Measured = ReadMeasured(o.Root)
	st.Power, st.PowerErr = ReadPower(o.Root)
	return st, nil
}

func (st *State) mountEvidence(place Place, err error, dir string) {
	if err != nil && !errors.Is(err, ErrReadOnlyEvidence) {
		st.EvidenceErr = err
		return
	}
	m, mountErr := place.Mount(dir)
	if mountErr != nil {
		st.EvidenceErr = mountErr
		return
	}
	st.Evidence, st.EvidenceErr = m, err
}

// Watch loads the drivers of what is plugged in from now on, and tells each
// about every event of the kernel, after its drivers were loaded. It returns
// when ctx ends.
func (st *State) Watch(ctx context.Context, each func(Event)) error {
	for {
		ev, err := st.events.next(ctx)
		switch {
		case errors.Is(err, errLost):
			if err := st.loader.coldPlug(st.loader.root); err != nil {
				return err
			}
			continue
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("watch devices: %w", err)
		}
		st.loader.plug(ev.Modalias)
		each(ev)
	}
}

// at joins a guest path to the root it is seen under.
func at(root string, parts ...string) string {
	return filepath.Join(append([]string{root}, parts...)...)
}
