//go:build linux

package early

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/stick"
)

// Place is where the evidence of this stick lives.
type Place struct {
	// Device is the block device's node, for instance /dev/sdb3.
	Device string
	// Disk is the kernel name of the whole medium, for instance sdb: the boot
	// stick, which must never be a target.
	Disk string
	// UUID is the file system's volume ID.
	UUID fat.ID
	// Folder is "" when the file system is the evidence place itself, and
	// "EVIDENCE" when it is a folder of the boot volume (the Explorer form).
	Folder string
	// ReadOnly says that the medium refuses writes.
	ReadOnly bool
}

// Why there is no evidence place. Each message says what to do.
var (
	ErrNoBootUUID       = errors.New("the boot loader did not name the volume it booted from; boot from the massho stick itself")
	ErrNoEvidence       = errors.New("the evidence place of this stick was not found; plug the stick back in")
	ErrManyEvidence     = errors.New("several volumes carry the ID of this stick; unplug all but the one that was booted")
	ErrOtherMedium      = errors.New("the evidence place is not on the medium that was booted; unplug the other stick")
	ErrReadOnlyEvidence = errors.New("the stick is write-protected; release the switch and boot again")
)

// volume is a FAT32 file system that was seen.
type volume struct {
	device, disk string
	id           fat.ID
	readOnly     bool
}

// FindEvidence looks once at every block device under root. It may be called
// again at any time, for instance before a drive is wiped: a second stick with
// the same ID may have been plugged in since. Errors wrap ErrNoBootUUID,
// ErrNoEvidence, ErrManyEvidence, ErrOtherMedium or ErrReadOnlyEvidence; with
// the last one the Place is valid.
func FindEvidence(root string, c Cmdline) (Place, error) {
	boot, err := fat.ParseID(c.Params[paramBootFS])
	if err != nil {
		return Place{}, fmt.Errorf("%w: %w", ErrNoBootUUID, err)
	}
	found, err := volumes(root)
	if err != nil {
		return Place{}, err
	}
	return choose(found, boot, c.Params[paramEvidence])
}

// choose decides from what was seen. evidence is empty for the Explorer form.
func choose(found []volume, boot fat.ID, evidence string) (Place, error) {
	bootVolume, err := only(found, boot, "boot volume")
	if err != nil {
		return Place{}, err
	}
	v, folder := bootVolume, stick.EvidenceFolder
	if evidence != "" {
		id, err := fat.ParseID(evidence)
		if err != nil {
			return Place{}, fmt.Errorf("%w: %w", ErrNoEvidence, err)
		}
		if v, err = only(found, id, "evidence place"); err != nil {
			return Place{}, err
		}
		if v.disk != bootVolume.disk {
			return Place{}, fmt.Errorf("%w: booted from %s, evidence on %s", ErrOtherMedium, bootVolume.disk, v.disk)
		}
		folder = ""
	}
	p := Place{Device: v.device, Disk: v.disk, UUID: v.id, Folder: folder, ReadOnly: v.readOnly}
	if p.ReadOnly {
		return p, fmt.Errorf("%s: %w", v.device, ErrReadOnlyEvidence)
	}
	return p, nil
}

// only returns the one volume with the given ID.
func only(found []volume, id fat.ID, what string) (volume, error) {
	var match []volume
	var names []string
	for _, v := range found {
		if v.id == id {
			match = append(match, v)
			names = append(names, v.device)
		}
	}
	switch len(match) {
	case 0:
		return volume{}, fmt.Errorf("%s %s: %w", what, id, ErrNoEvidence)
	case 1:
		return match[0], nil
	}
	return volume{}, fmt.Errorf("%s %s on %s: %w", what, id, strings.Join(names, ", "), ErrManyEvidence)
}

// notMedia are block devices that are no media of their own.
var notMedia = []string{"loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd"}

// volumes reads the first sector of every disk and partition.
func volumes(root string) (found []volume, err error) {
	entries, err := os.ReadDir(at(root, "sys/class/block"))
	if err != nil {
		return nil, fmt.Errorf("list block devices: %w", err)
	}
	for _, e := range entries {
		if slices.ContainsFunc(notMedia, func(p string) bool { return strings.HasPrefix(e.Name(), p) }) {
			continue
		}
		if v, ok := readVolume(root, e.Name()); ok {
			found = append(found, v)
		}
	}
	return found, nil
}

// readLimit bounds the read of one sector: a dying drive must not keep the
// stick from being found.
const readLimit = 5 * time.Second

// readVolume says whether a block device begins with a FAT32 file system. A
// device that cannot be read is none: it is no place for evidence.
func readVolume(root, name string) (volume, bool) {
	dir := at(root, "sys/class/block", name)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || attr(dir, "size") == "0" {
		return volume{}, false
	}
	v := volume{device: at(root, "dev", name), disk: name, readOnly: attr(dir, "ro") == "1"}
	if attr(dir, "partition") != "" {
		v.disk = filepath.Base(filepath.Dir(real))
	}
	got := make(chan []byte, 1)
	go func() { got <- firstSector(v.device) }()
	select {
	case b := <-got:
		h, err := fat.ReadHeader(b)
		v.id = h.ID
		return v, err == nil
	case <-time.After(readLimit):
		return volume{}, false
	}
}

func firstSector(device string) []byte {
	f, err := os.Open(device)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, 512)
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil
	}
	return b
}

// attr reads a sysfs attribute; one that is not there is "".
func attr(parts ...string) string {
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// awaitEvidence loads drivers as devices show up, until none has for o.Quiet
// and the evidence place is decided, or o.Limit is over.
func (st *State) awaitEvidence(ctx context.Context, o Options) (Place, error) {
	limit, stop := context.WithTimeout(ctx, o.Limit)
	defer stop()
	for {
		if err := st.settle(limit, o); err != nil && limit.Err() == nil {
			return Place{}, err
		}
		place, err := FindEvidence(o.Root, st.Cmdline)
		if !errors.Is(err, ErrNoEvidence) || limit.Err() != nil {
			return place, err
		}
	}
}

// settle handles events until nothing was added for o.Quiet.
func (st *State) settle(ctx context.Context, o Options) error {
	for {
		if added, err := st.awaitAdd(ctx, o); err != nil || !added {
			return err
		}
	}
}

// awaitAdd handles events until a device is added, or o.Quiet is over. Other
// events, such as those of a battery, do not count: they never end.
func (st *State) awaitAdd(ctx context.Context, o Options) (added bool, err error) {
	quiet, stop := context.WithTimeout(ctx, o.Quiet)
	defer stop()
	for {
		ev, err := st.events.next(quiet)
		switch {
		case errors.Is(err, errLost):
			return true, st.loader.coldPlug(o.Root)
		case err != nil && quiet.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			return false, fmt.Errorf("watch devices: %w", err)
		}
		st.loader.plug(ev.Modalias)
		if ev.Action == "add" {
			return true, nil
		}
	}
}
