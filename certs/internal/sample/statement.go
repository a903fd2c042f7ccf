package sample

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe/rules"
)

// Statement is a full Statement for the row'th PC of Case: an HDD overwritten
// and read back in full (row 3, Stage A), or erased by SANITIZE (row 2).
func (a Authority) Statement(row rules.Row) certs.Statement {
	c := a.Loaded
	asset := c.Roster[row-1]
	s := certs.Statement{
		Number: fmt.Sprintf("R8-012-S1-%04d", row), Training: a.Loaded.Training, Issued: Day.Add(3 * time.Hour),
		Clock: certs.Clock{Confirmed: true, ConfirmedBy: "髙橋 花子", RTCAsUTC: Day, RTCAsJST: Day.Add(-9 * time.Hour), Chosen: "utc"},
		Case: certs.CaseRef{ID: c.ID, Title: c.Title, ContractNo: c.ContractNo, Municipality: c.Municipality, Addressee: c.Addressee,
			Department: c.Department, Contractor: c.Contractor, Signed: true, Hash: c.Hash, Nonce: c.Nonce, Place: c.Place},
		Policy: c.Policy, PolicySigned: true,
		Classification: certs.Classification{Category: asset.Category, Row: row, By: certs.ByCase, Signed: true, Notes: []string{"名簿による。"}},
		Asset:          certs.Asset{Number: asset.Number, RosterIndex: int(row) - 1, InRoster: true, Section: asset.Section, Lease: asset.Lease, ExpectedMedia: 1},
		Host:           certs.Machine{Maker: asset.HostMaker, Model: asset.HostModel, Serial: asset.HostSerial, Source: "roster"},
		Station: certs.Machine{Maker: "作業電機", Model: "STATION 9000", Serial: "W123", UUID: "00112233-4455-6677-8899-aabbccddeeff", Chassis: "Desktop",
			Board: "Board X", BIOS: "1.02 2023-01-05", MemoryBytes: 8 << 30, CPU: "Example CPU @ 3.00GHz", Source: "dmi"},
		Persons: []certs.Person{
			{Role: certs.RoleOperator, ID: "op1", Name: "髙橋 花子", Title: "作業責任者", Organisation: "株式会社 例示データ消去", Contact: "03-0000-0000", Place: "試験市役所 3階"},
			{Role: certs.RoleWitness, ID: "w1", Name: "渡邉 一郎", Title: "主査", Organisation: "試験市 情報政策課", Contact: "内線 123", Place: "試験市役所 3階"}},
		Tool: certs.Tool{Name: "massho", Version: "0.1.0", BuildHash: hexOf("build"), ImageHash: hexOf("image")},
		Boot: certs.Boot{KernelCmdline: "BOOT_IMAGE=/vmlinuz console=ttyS0 quiet", Kernel: "6.1.0-18-amd64", SecureBoot: "yes", TPM: "yes",
			PCRs:           []certs.PCR{{Index: 4, Value: hexOf("4")}, {Index: 8, Value: hexOf("8")}, {Index: 9, Value: hexOf("9")}},
			EventLogDigest: hexOf("log"), TPMNote: "TPMの真正性は未確認", ShellUsed: "no"},
		Plan: certs.Plan{Hash: hexOf("plan"), Undoing: []string{"予備領域は上書きされない。"}},
	}
	s.Medium, s.Facts = hdd(row)
	s.Run = certs.Period{Started: Day.Add(-10 * time.Minute), Ended: Day.Add(3 * time.Hour)}
	s.Prepared = []certs.Command{{Name: "READ NATIVE MAX ADDRESS EXT", Bytes: "85 06 20 00 00 00 00 00 00 00 00 00 00 40 27 00", Status: "50h 00h"}}
	s.Steps, s.PassKeys, s.Plan.Steps = ran(s.Facts)
	if row == rules.Row1 {
		s.Destruction = &certs.DestructionPrompt{Serial: s.Medium.Serial, AssetNumber: asset.Number,
			Ways: []string{"分解", "粉砕", "溶解", "焼却", "細断"}, Witness: "職員の立会い、またはカメラによるリアルタイムでの監視", Deadline: "引渡しの日から30日以内"}
	}
	s.Derivation = certs.Derive(rules.Default(), &s)
	return s
}

const capacity = 1_000_204_886_016

func hdd(row rules.Row) (certs.Medium, rules.Facts) {
	zero, hours, temp := uint64(0), uint64(12345), int64(36)
	absent := rules.Hidden{HPA: rules.HiddenAbsent, DCO: rules.HiddenAbsent, AMAC: rules.HiddenAbsent}
	health := certs.Health{Reallocated: &zero, Pending: &zero, PowerOnHours: &hours, TemperatureC: &temp, FailPredicted: "no"}
	still := certs.Encryption{SelfEncrypting: "no", ATASecurity: "enabled no, locked no, frozen yes", Locked: "no"}
	m := certs.Medium{Maker: "Western Digital", MakerFrom: certs.MakerFromWWN, EncryptionAfter: &still, Model: "WDC WD10EZEX-00BN5A0", Serial: fmt.Sprintf("WD-WCC3F%07d", row), Firmware: "01.01A01", WWN: "naa.50014ee2b0000001",
		Kind: rules.MediumHDD, Class: "disk", Transport: "sata", Location: "pci-0000:00:1f.2-ata-1", IdentitySource: "ATA IDENTIFY DEVICE",
		CapacityBefore: capacity, CapacityAfter: capacity, Sectors: capacity / 512, LogicalSector: 512, PhysicalSector: 4096, RotationRPM: 7200,
		HiddenBefore: certs.HiddenAreas{Hidden: absent, NativeSectors: capacity / 512}, HiddenAfter: certs.HiddenAreas{Hidden: absent, NativeSectors: capacity / 512},
		HealthBefore: health, HealthAfter: health, Encryption: certs.Encryption{SelfEncrypting: "no", ATASecurity: "enabled no, locked no, frozen yes"},
		Raw:              []certs.RawAnswer{{Name: "ATA IDENTIFY DEVICE", Bytes: []byte(strings.Repeat("\x40\x00", 256))}},
		IdentityRechecks: 1080}
	f := rules.Facts{Medium: rules.MediumHDD, IdentityOwn: true, IdentityHeld: true, Hidden: absent, UserBytes: capacity,
		Reallocated: &zero, Pending: &zero, Canaries: rules.Canaries{Planted: 3000, Seed: hexOf("canary")},
		Steps: []rules.Step{{Technique: rules.TechOverwrite, RandomPasses: 1, Status: rules.StepCompleted,
			Verification: &rules.Verification{Kind: rules.VerifyFull, Bytes: capacity, Of: capacity}, Canaries: &rules.CanaryCheck{Read: 3000}}}}
	if row == rules.Row2 {
		f.Steps = []rules.Step{{Technique: rules.TechATASanitizeOver, Status: rules.StepCompleted, SeenInProgress: true,
			Verification: &rules.Verification{Kind: rules.VerifySampled, Bytes: capacity / 10, Of: capacity, Seed: hexOf("seed")},
			Canaries:     &rules.CanaryCheck{Read: 3000, AfterReset: true}}}
	}
	return m, f
}

// ran makes the record of the facts' steps.
func ran(f rules.Facts) (steps []certs.StepRecord, pass []certs.PassKey, plan []certs.PlanStep) {
	at := Day
	for i, st := range f.Steps {
		r := certs.StepRecord{Index: i, Technique: st.Technique, Status: st.Status, Started: at, Ended: at.Add(2 * time.Hour)}
		if st.Technique == rules.TechOverwrite {
			r.Passes, r.Pattern, r.Bytes = st.RandomPasses, "random", capacity
			pass = append(pass, certs.PassKey{Step: i, Pass: 1, Algorithm: "AES-128-CTR", Key: hexOf("key")[:32]})
			for m := range 120 {
				r.Samples = append(r.Samples, certs.Sample{Millis: int64(m+1) * 60000, Bytes: uint64(capacity / 120 * float64(m+1) * (1.2 - float64(m)/600))})
			}
		} else {
			r.RawStatus = "50h count 8000h"
			r.Commands = []certs.Command{{Name: "SANITIZE DEVICE / OVERWRITE EXT", Bytes: "85 07 20 00 14 00 01 00 00 4f 00 57 00 00 b4 00", Status: "50h 00h"},
				{Name: "SANITIZE STATUS EXT ×118", Bytes: "85 07 20 00 00 00 00 00 00 00 00 00 00 00 b4 00", Status: "50h 00h, count 8000h"}}
		}
		if v := st.Verification; v != nil {
			r.Verify = &certs.VerifyRecord{Started: r.Ended, Ended: r.Ended.Add(time.Hour)}
			for m := range 60 {
				r.Verify.Samples = append(r.Verify.Samples, certs.Sample{Millis: int64(m+1) * 60000, Bytes: v.Bytes / 60 * uint64(m+1)})
			}
		}
		steps = append(steps, r)
		plan = append(plan, certs.PlanStep{Technique: st.Technique, Passes: r.Passes, Verify: string(rules.VerifyFull),
			Reason: "装置のコマンドが凍結されているため、ホストから上書きする。", Citation: "図表41(3)"})
		at = r.Ended.Add(time.Hour)
	}
	return steps, pass, plan
}

// Empty is a Statement of which almost nothing is known: the emptiest paper.
func (a Authority) Empty() certs.Statement {
	s := certs.Statement{Number: "UNSIGNED-S1-0001", Training: a.Loaded.Training, Issued: Day,
		Classification: certs.Classification{Category: rules.Category{System: rules.SystemUnknown, Confidentiality: rules.ConfUnknown}, Row: rules.Row1, By: certs.ByOperator},
		Medium:         certs.Medium{Kind: rules.MediumUnknown},
		Facts:          rules.Facts{Medium: rules.MediumUnknown}}
	s.Derivation = certs.Derive(rules.Default(), &s)
	return s
}

// Longest is a failed run with everything at its longest.
func (a Authority) Longest() certs.Statement {
	s := a.Statement(rules.Row1)
	s.Number = "R8-012-S1-9999"
	long := func(p *string, n int) {
		*p = strings.TrimSpace(strings.Repeat(*p+"（極めて長い名称の例）", n))
	}
	for _, p := range []*string{&s.Case.Title, &s.Case.Addressee, &s.Case.Department, &s.Case.Contractor.Name, &s.Case.Contractor.Address,
		&s.Case.Contractor.Representative, &s.Asset.Section, &s.Host.Model, &s.Medium.Location, &s.Boot.KernelCmdline, &s.Persons[0].Name, &s.Persons[1].Organisation,
		&s.Destruction.Witness} {
		long(p, 6)
	}
	s.Medium.Model = strings.Repeat("MODEL-", 20)
	s.Medium.Serial = strings.Repeat("SERIAL0123456789", 6)
	s.Destruction.Serial, s.Destruction.InsideOnly = s.Medium.Serial, true
	for i := range 40 {
		s.Persons = append(s.Persons, certs.Person{Role: certs.RoleWitness, Name: fmt.Sprintf("立会 %d", i), OffRoster: true})
		s.Facts.Errors = append(s.Facts.Errors, fmt.Sprintf("sda: write at LBA %d: input/output error (ATA status 51h error 40h)", i*1000))
	}
	bad := uint64(0)
	for i := range 300 {
		s.Steps[0].BadRanges = append(s.Steps[0].BadRanges, certs.Range{First: uint64(i) * 7_777_777, Count: uint64(i + 1), Kind: []string{"write", "read", "mismatch"}[i%3]})
		bad += uint64(i + 1)
	}
	s.Steps[0].BadTotal, s.Facts.Unwritten = bad, bad
	for i := range 16 {
		s.Medium.Raw = append(s.Medium.Raw, certs.RawAnswer{Name: fmt.Sprintf("SCSI VPD %02Xh", i), Bytes: make([]byte, 64*i)})
	}
	s.Derivation = certs.Derive(rules.Default(), &s)
	return s
}
