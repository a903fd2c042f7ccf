//go:build linux

package linux

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/tcg"
)

// road is an open device and the wires to it, chosen from sysfs.
type road struct {
	node node
	kind kind
	h    handle

	scsi scsi.Transport
	sat  ata.Transport // nil where no ATA drive can be behind
	nvme nvme.Transport
	nsid uint32
	mmc  mmc.Transport

	// asATA: a USB bridge has let IDENTIFY through once. From then on nothing
	// else is taken for this drive's identity.
	asATA atomic.Bool
}

func newRoad(n node, k kind, h handle) *road {
	r := &road{node: n, kind: k, h: h}
	switch k.transport {
	case devices.TransportNVMe, devices.TransportNVMeTCP:
		r.nvme = &nvmeTransport{h: h}
		r.nsid = namespaceID(n)
	case devices.TransportSATA, devices.TransportSAS, devices.TransportUSB, devices.TransportISCSI:
		r.scsi = sgTransport{h}
	case devices.TransportMMC:
		r.mmc = mmcTransport{h}
	case devices.TransportVirtio:
		if n.up(reSCSI) != "" { // virtio-scsi; virtio-blk has no wire
			r.scsi = sgTransport{h}
		}
	}
	if r.scsi != nil {
		r.sat = satFor(n, k, r.scsi)
	}
	return r
}

// satFor: every road where an ATA drive can stand behind a SCSI face. libata
// and SAS adapters know ATA PASS-THROUGH(16). Some USB bridges know only (12);
// a stick, which calls itself removable, is not asked twice.
func satFor(n node, k kind, t scsi.Transport) ata.Transport {
	switch {
	case k.transport == devices.TransportUSB && n.attr("removable") != "1":
		return ata.NewSAT(t)
	case k.transport == devices.TransportSATA, k.transport == devices.TransportUSB,
		n.child("device").attr("vendor") == "ATA":
		return ata.NewSAT16(t)
	}
	return nil
}

// careful: usb-storage (bulk-only) bridges hang on what they do not know. The
// kernel itself asks them for no VPD page.
func (r *road) careful() bool {
	return r.kind.transport == devices.TransportUSB && r.node.up(reUSBIntf).link("driver") != "uas"
}

// look asks the drive for everything, by the road that sysfs chose.
func (r *road) look(ctx context.Context) (devices.Facts, error) {
	f, err := r.ask(ctx, askers{
		ata:  devices.LookATA,
		scsi: devices.LookSCSI,
		nvme: devices.LookNVMe,
	})
	if err != nil {
		return f, err
	}
	return r.asHostSees(r.askTCG(ctx, f))
}

// askTCG asks an ATA drive for its TPer. libata translates SECURITY PROTOCOL IN
// by itself; TRUSTED RECEIVE it lets through only with libata.allow_tpm=1. USB
// bridges are not asked: they hang on less. NVMe and SAS drives were asked with
// the rest.
func (r *road) askTCG(ctx context.Context, f devices.Facts) devices.Facts {
	if r.sat == nil || r.kind.transport == devices.TransportUSB || f.IdentityProblem != "" {
		return f
	}
	return devices.LookTCG(ctx, f, tcg.OverSCSI(boundedSCSI{r.scsi}), tcg.OverATA(boundedATA{r.sat}))
}

// identity asks for the identity only.
func (r *road) identity(ctx context.Context) (devices.Identity, error) {
	f, err := r.ask(ctx, askers{
		ata: func(ctx context.Context, t ata.Transport) (devices.Facts, error) {
			id, err := devices.LookIdentityATA(ctx, t)
			return devices.Facts{Identity: id}, err
		},
		scsi: func(ctx context.Context, t scsi.Transport, careful bool) (devices.Facts, error) {
			id, err := devices.LookIdentitySCSI(ctx, t, careful)
			return devices.Facts{Identity: id}, err
		},
		nvme: func(ctx context.Context, t nvme.Transport, nsid uint32) (devices.Facts, error) {
			id, err := devices.LookIdentityNVMe(ctx, t, nsid)
			return devices.Facts{Identity: id}, err
		},
	})
	if err != nil {
		return f.Identity, err
	}
	f, err = r.asHostSees(f)
	return f.Identity, err
}

// asHostSees puts the block layer's sizes in. A device without a medium has none.
func (r *road) asHostSees(f devices.Facts) (devices.Facts, error) {
	logical, _, err := r.h.sectorSizes()
	if err != nil {
		return f, err
	}
	bytes, err := r.h.sizeBytes()
	if err != nil {
		return f, err
	}
	if bytes == 0 && f.Identity.LogicalSector < 520 {
		f.Identity.Sectors = 0
	}
	return f.AsHostSees(logical, bytes), nil
}

// askers are the questions of one kind of look.
type askers struct {
	ata  func(context.Context, ata.Transport) (devices.Facts, error)
	scsi func(context.Context, scsi.Transport, bool) (devices.Facts, error)
	nvme func(context.Context, nvme.Transport, uint32) (devices.Facts, error)
}

var errNoRoad = errors.New("this road carries no question to the drive")

func (r *road) ask(ctx context.Context, a askers) (devices.Facts, error) {
	switch {
	case r.kind.transport == devices.TransportUSB:
		return r.askUSB(ctx, a)
	case r.nvme != nil:
		return a.nvme(ctx, boundedNVMe{r.nvme}, r.nsid)
	case r.mmc != nil:
		return r.askMMC(ctx)
	case r.sat != nil:
		return a.ata(ctx, boundedATA{r.sat})
	case r.scsi != nil:
		return a.scsi(ctx, boundedSCSI{r.scsi}, false)
	case r.kind.transport == devices.TransportLoop:
		return r.loopFacts()
	case r.kind.transport == devices.TransportVirtio:
		return r.virtioFacts(), nil
	}
	return devices.Facts{IdentityProblem: devices.ProblemRoad}, errNoRoad
}

// Words in INQUIRY of slots whose identity is the reader's.
var reReader = regexp.MustCompile(`(?i)(card|reader|\bSD\b|SD/|/SD|\bMMC\b|\bCF\b|compact ?flash|\bMS\b|\bSM\b|memory stick|\bxD\b)`)

// askUSB tells three things apart: a bridge that lets ATA through, a stick
// that is a medium of its own, and a bridge that answers for a drive it hides.
func (r *road) askUSB(ctx context.Context, a askers) (devices.Facts, error) {
	f, ataErr := a.ata(ctx, boundedATA{r.sat})
	if ataErr == nil {
		r.asATA.Store(true)
	}
	if r.asATA.Load() {
		return f, ataErr
	}
	f, err := a.scsi(ctx, boundedSCSI{r.scsi}, r.careful())
	if err != nil {
		return f, errors.Join(ataErr, err)
	}
	f.Notes = append(f.Notes, strings.ReplaceAll(ataErr.Error(), "\n", "; "))
	usb := r.node.up(reUSBDev)
	switch {
	case r.node.attr("removable") != "1":
		f.IdentityProblem = devices.ProblemBridge
	case reReader.MatchString(f.Identity.Model):
		f.IdentityProblem = devices.ProblemCardReader
	default:
		if s := usb.attr("serial"); s != "" && !devices.PlaceholderSerial(s) {
			f.Identity.Serial, f.Identity.Source = s, "SCSI INQUIRY, USB iSerialNumber"
			f.Identity.Raw = append(f.Identity.Raw, devices.Raw{Name: "USB iSerialNumber", Bytes: []byte(s)})
		}
	}
	return f, nil
}

// askMMC decodes what the kernel read from the card, and asks for EXT_CSD.
func (r *road) askMMC(ctx context.Context) (devices.Facts, error) {
	dev := r.node.child("device")
	kind := mmc.KindSD
	if r.kind.class == devices.ClassEMMC {
		kind = mmc.KindMMC
	}
	return devices.LookMMC(ctx, kind, dev.attr("cid"), dev.attr("csd"), r.mmc)
}

// virtioFacts: virtio-blk has no wire, only a serial the host was given.
func (r *road) virtioFacts() devices.Facts {
	return devices.Facts{
		Identity: devices.Identity{Model: "virtio", Serial: strings.TrimSpace(r.node.attr("serial")),
			Source: "sysfs"},
		IdentityProblem: devices.ProblemVirtual,
	}
}
