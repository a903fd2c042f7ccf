package wipe

import (
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// Rates that a medium usually keeps up over its whole size, in bytes a second.
// They only fill the screen until the run measures its own.
const (
	rateDisk  = 120e6
	rateSATA  = 350e6
	rateNVMe  = 1000e6
	rateEMMC  = 80e6
	rateFlash = 15e6
	rateUSB   = 30e6 // a road of USB 2
)

// What a device's own erase usually takes where the drive names no time.
const (
	timeCrypto = 10 * time.Second
	timeBlock  = 2 * time.Minute
)

// estimate is how long a step takes, its reading back included.
func (b builder) estimate(s PlannedStep) time.Duration {
	bytes := float64(max(b.d.Identity.Sectors, b.d.Hidden.NativeSectors)) * float64(b.d.Identity.LogicalSector)
	once := time.Duration(bytes / b.rate() * float64(time.Second))
	d := time.Duration(len(s.Passes)) * once
	switch {
	case s.Technique == rules.TechATAErase && b.d.Caps.ATA.EraseTime > 0:
		d = b.d.Caps.ATA.EraseTime
	case s.Technique == rules.TechATAEraseEnhanced && b.d.Caps.ATA.EnhancedEraseTime > 0:
		d = b.d.Caps.ATA.EnhancedEraseTime
	case s.Technique.IsCrypto():
		d = timeCrypto
	case s.Technique.IsBlock():
		d = timeBlock
	case !s.Technique.OnHost():
		d = once
	}
	switch s.Verify {
	case rules.VerifyFull:
		d += once
	case rules.VerifySampled:
		d += once / 10
	}
	return max(d.Round(time.Second), time.Second)
}

// PassCost is how much longer the step would take with one more pass; 0 where it
// writes none.
func (s PlannedStep) PassCost() time.Duration {
	parts := float64(len(s.Passes))
	if parts == 0 {
		return 0
	}
	switch s.Verify {
	case rules.VerifyFull:
		parts++
	case rules.VerifySampled:
		parts += 0.1
	}
	return time.Duration(float64(s.Estimate) / parts)
}

// rate is what was measured, or what such media usually do.
func (b builder) rate() float64 {
	if b.in.BytesPerSecond > 0 {
		return float64(b.in.BytesPerSecond)
	}
	rate := float64(rateDisk)
	switch b.medium {
	case rules.MediumSSD:
		rate = rateSATA
		if b.d.Caps.NVMe.Present.IsYes() {
			rate = rateNVMe
		}
	case rules.MediumEMMC:
		rate = rateEMMC
	case rules.MediumSD, rules.MediumUSBFlash:
		rate = rateFlash
	}
	if b.d.Transport == devices.TransportUSB {
		rate = min(rate, rateUSB)
	}
	return rate
}
