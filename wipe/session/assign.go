package session

import (
	"slices"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// Assignment is what the case says of one medium.
type Assignment struct {
	Asset    cases.Asset
	Index    int // of the asset in the roster
	Category rules.Category
	Named    bool // the roster names this medium by its serial
}

// Assign finds the roster's line for a medium: by the medium's own serial, else
// by the serial of the PC it is in. Placeholder serials never match, and a
// serial that stands twice in the roster matches nothing: a person must say.
func Assign(c cases.Case, host devices.Host, d devices.Device) (Assignment, bool) {
	if a, ok := byMedium(c, d.Identity.Serial); ok {
		return a, true
	}
	return byHost(c, host, d)
}

func byMedium(c cases.Case, serial string) (Assignment, bool) {
	var hits []Assignment
	key := devices.SerialKey(serial)
	for i, asset := range c.Roster {
		for _, m := range asset.Media {
			if key == "" || devices.SerialKey(m.Serial) != key {
				continue
			}
			a := Assignment{Asset: asset, Index: i, Category: asset.Category, Named: true}
			if m.Category != nil {
				a.Category = *m.Category
			}
			hits = append(hits, a)
		}
	}
	return only(hits)
}

// byHost takes the line of this PC for a drive built into it. What is plugged
// in by USB may have come from anywhere.
func byHost(c cases.Case, host devices.Host, d devices.Device) (Assignment, bool) {
	if d.Transport == devices.TransportUSB {
		return Assignment{}, false
	}
	i, ok := HostIndex(c, host)
	if !ok {
		return Assignment{}, false
	}
	return Assignment{Asset: c.Roster[i], Index: i, Category: c.Roster[i].Category}, true
}

// HostIndex is the roster's line for this PC by its firmware's serial.
func HostIndex(c cases.Case, host devices.Host) (int, bool) {
	key := devices.SerialKey(host.Serial)
	if key == "" || host.SerialPlaceholder {
		return 0, false
	}
	same := func(a cases.Asset) bool { return devices.SerialKey(a.HostSerial) == key }
	first := slices.IndexFunc(c.Roster, same)
	if first < 0 || slices.ContainsFunc(c.Roster[first+1:], same) {
		return 0, false
	}
	return first, true
}

func only(hits []Assignment) (Assignment, bool) {
	if len(hits) != 1 {
		return Assignment{}, false
	}
	return hits[0], true
}

// AssetOf is the paper's form of a roster line.
func (a Assignment) AssetOf() certs.Asset {
	return certs.Asset{
		Number: a.Asset.Number, RosterIndex: a.Index, InRoster: true, Section: a.Asset.Section,
		Lease: a.Asset.Lease, ExpectedMedia: a.Asset.ExpectedMedia,
	}
}

// HostOf is the PC that the medium was taken from, as the roster names it.
func (a Assignment) HostOf() certs.Machine {
	return certs.Machine{Maker: a.Asset.HostMaker, Model: a.Asset.HostModel, Serial: a.Asset.HostSerial, Source: "roster"}
}

// Station is this PC as its firmware names it.
func Station(h devices.Host) certs.Machine {
	return certs.Machine{
		Maker: h.Vendor, Model: h.Product, Serial: h.Serial, SerialPlaceholder: h.SerialPlaceholder, UUID: h.UUID,
		Chassis: h.ChassisType, Board: h.BoardVendor + " " + h.BoardProduct, BIOS: h.BIOSVendor + " " + h.BIOSVersion + " " + h.BIOSDate,
		MemoryBytes: h.MemoryBytes, CPU: h.CPU, Source: "dmi",
	}
}
