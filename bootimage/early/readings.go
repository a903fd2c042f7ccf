//go:build linux

package early

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Clock holds both clocks as they were read at one moment.
type Clock struct {
	// RTC is the hardware clock's reading taken as UTC. Windows keeps local
	// time there, so the reading may be Japanese time: the caller asks.
	RTC time.Time
	// RTCErr says why RTC could not be read.
	RTCErr error
	// System is the system clock, which the kernel set from the RTC, taken as
	// UTC, when it started.
	System time.Time
}

// readClock reads the first RTC.
func readClock(root string, now func() time.Time) (c Clock) {
	dir := at(root, "sys/class/rtc/rtc0")
	c.RTC, c.RTCErr = time.Parse("2006-01-02 15:04:05", attr(dir, "date")+" "+attr(dir, "time"))
	if c.RTCErr != nil {
		c.RTCErr = fmt.Errorf("hardware clock rtc0: %w", c.RTCErr)
	}
	if now != nil {
		c.System = now()
	}
	return c
}

// SetSystemClock sets the system clock to what a person has confirmed. The
// hardware clock of the PC is not touched.
func SetSystemClock(t time.Time) error {
	tv := unix.NsecToTimeval(t.UnixNano())
	if err := unix.Settimeofday(&tv); err != nil {
		return fmt.Errorf("set the system clock to %s: %w", t.UTC().Format(time.RFC3339), err)
	}
	return nil
}

// Measured holds what firmware and TPM say of this boot. Nothing of it is
// checked here: whether the TPM is genuine needs a quote and its certificate.
type Measured struct {
	// SecureBoot is "enabled" or "disabled"; "" where the firmware is a BIOS
	// or the variable could not be read, see SecureBootErr.
	SecureBoot    string
	SecureBootErr error
	// Lockdown is the kernel's mode: none, integrity, confidentiality, or ""
	// when unknown.
	Lockdown string
	// TPM is the major version of the TPM, 0 when there is none.
	TPM int
	// PCRs maps a register's number to the hex digest of the bank PCRBank,
	// "sha256" or "sha1".
	PCRs    map[int]string
	PCRBank string
	// EventLog is the firmware's binary event log, EventLogSHA256 its hash in
	// hex; EventLogErr says why there is none.
	EventLog       []byte
	EventLogSHA256 string
	EventLogErr    error
}

// secureBootVar is the variable SecureBoot of the EFI global namespace: four
// bytes of attributes, then 1 or 0 (UEFI 3.3).
const secureBootVar = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

// ReadMeasured reads the Secure Boot state, the lockdown mode, the TPM's
// registers and its event log under root.
func ReadMeasured(root string) (m Measured) {
	m.SecureBoot, m.SecureBootErr = readSecureBoot(root)
	m.Lockdown = chosen(attr(root, "sys/kernel/security/lockdown"))
	m.TPM, _ = strconv.Atoi(attr(root, "sys/class/tpm/tpm0/tpm_version_major")) // no file means no TPM: 0
	for _, bank := range []string{"sha256", "sha1"} {
		if m.PCRs = readPCRs(at(root, "sys/class/tpm/tpm0/pcr-"+bank)); m.PCRs != nil {
			m.PCRBank = bank
			break
		}
	}
	m.EventLog, m.EventLogErr = os.ReadFile(at(root, "sys/kernel/security/tpm0/binary_bios_measurements"))
	if m.EventLogErr == nil {
		sum := sha256.Sum256(m.EventLog)
		m.EventLogSHA256 = hex.EncodeToString(sum[:])
	}
	return m
}

func readSecureBoot(root string) (string, error) {
	if _, err := os.Stat(at(root, "sys/firmware/efi")); errors.Is(err, os.ErrNotExist) {
		return "", nil // a BIOS has no Secure Boot
	}
	b, err := os.ReadFile(at(root, secureBootVar))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "disabled", nil // firmware without the variable does not enforce it
	case err != nil:
		return "", fmt.Errorf("secure boot state: %w", err)
	case len(b) != 5:
		return "", fmt.Errorf("secure boot state: variable of %d bytes, want 5", len(b))
	case b[4] == 1:
		return "enabled", nil
	}
	return "disabled", nil
}

// chosen returns the word in brackets.
func chosen(s string) string {
	_, rest, _ := strings.Cut(s, "[")
	word, _, _ := strings.Cut(rest, "]")
	return word
}

// readPCRs reads the files 0 to 23 of a bank; nil when there is none.
func readPCRs(dir string) (pcrs map[int]string) {
	for n := range 24 {
		if v := strings.ToLower(attr(dir, strconv.Itoa(n))); v != "" {
			if pcrs == nil {
				pcrs = map[int]string{}
			}
			pcrs[n] = v
		}
	}
	return pcrs
}

// Power holds what the power supplies say.
type Power struct {
	// Batteries and Mains name the supplies of the machine itself; those of
	// mice and pens are not among them.
	Batteries, Mains []string
	// OnBattery says that a battery is discharging, or that there is one and
	// no mains supply is online.
	OnBattery bool
	// Percent is the charge of the first battery, -1 when unknown.
	Percent int
}

// ReadPower reads /sys/class/power_supply under root
// (Documentation/ABI/testing/sysfs-class-power).
func ReadPower(root string) (Power, error) {
	p := Power{Percent: -1}
	dir := at(root, "sys/class/power_supply")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return p, fmt.Errorf("power supplies: %w", err)
	}
	online, discharging := false, false
	for _, e := range entries {
		supply := filepath.Join(dir, e.Name())
		switch typ := attr(supply, "type"); {
		case attr(supply, "scope") == "Device":
		case typ == "Battery" && attr(supply, "present") != "0":
			p.Batteries = append(p.Batteries, e.Name())
			discharging = discharging || attr(supply, "status") == "Discharging"
			if n, err := strconv.Atoi(attr(supply, "capacity")); err == nil && p.Percent < 0 {
				p.Percent = n
			}
		case typ == "Mains" || typ == "USB" || typ == "Wireless":
			p.Mains = append(p.Mains, e.Name())
			online = online || attr(supply, "online") == "1"
		}
	}
	p.OnBattery = discharging || len(p.Batteries) > 0 && !online
	return p, nil
}
