package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

var started = time.Now()

// now is the clock of this program; only cmd reads one.
func now() time.Time { return time.Now() }

// mono is the time since the program started. It orders events whatever the
// clock is set to.
func mono() time.Duration { return time.Since(started) }

// station is this PC with its evidence place and the stick's identity.
type station struct {
	session *session.Session
}

// station opens the evidence place and everything that a paper needs. Whatever
// would keep a paper from being issued is found here, before the first write.
func (a *app) station(sys devices.System, p planner, files caseFiles, dir string, people []string, works []session.Work) (*station, error) {
	if dir == "" {
		return nil, fail(exitUsage, "--evidence で記録を置くフォルダを指定してください。", "Name a folder for the records with --evidence.")
	}
	if err := fonts.Available(); err != nil {
		return nil, coded{exitNoFonts, err}
	}
	place, err := evidence.Open(dir)
	if err != nil {
		return nil, err
	}
	id, err := files.identity(p.c)
	if err != nil {
		return nil, err
	}
	if err := id.mayTouch(works); err != nil {
		return nil, err
	}
	base, err := a.base(p, people)
	if err != nil {
		return nil, err
	}
	base.Training = id.training
	signer := certs.Signer{Key: id.key, Chain: id.chain}
	return &station{&session.Session{
		System: sys, Place: place, Base: base, Stick: id.id, Random: rand.Reader, Now: now, Mono: mono,
		Runner: &wipe.Runner{Pack: p.pack, Policy: p.c.policy(), Now: now, Random: rand.Reader, Observe: a.observer()},
		Issue: func(s certs.Statement, log []byte) ([]byte, error) {
			return certs.Issue(s, log, p.c.Bytes, signer, now())
		},
	}}, nil
}

// base is what all papers of this start share.
func (a *app) base(p planner, people []string) (certs.Statement, error) {
	s := certs.Statement{
		Layout: certs.Layout{Lang: a.paperLang},
		Case:   p.c.ref(), Policy: p.c.policy(), PolicySigned: p.c.Signed,
		RulePack: certs.RulePackRef{ID: p.pack.ID, Edition: p.pack.Edition, Source: p.pack.Source, Hash: p.pack.Hash()},
		Station:  session.Station(p.host),
		Tool:     certs.Tool{Name: "massho", Version: version()},
		Boot:     bootFacts(),
	}
	hash, err := buildHash()
	if err != nil {
		return s, fmt.Errorf("hash this program: %w", err)
	}
	s.Tool.BuildHash = hash
	for _, id := range people {
		person, err := p.c.person(id)
		if err != nil {
			return s, err
		}
		s.Persons = append(s.Persons, person)
	}
	return s, nil
}

// person finds somebody of the case by id. Who is not listed is 名簿外.
func (c loadedCase) person(id string) (certs.Person, error) {
	if rest, ok := strings.CutPrefix(id, "名簿外:"); ok && rest != "" {
		return certs.Person{Role: certs.RoleOperator, ID: rest, OffRoster: true}, nil
	}
	i := slices.IndexFunc(c.People, func(p cases.Person) bool { return p.ID == id })
	if i < 0 {
		return certs.Person{}, fail(exitUsage,
			"--person "+id+": 案件の名簿にいません。名簿のID、または 名簿外:ID を指定してください。",
			"--person "+id+": not in the case. Give an id of the case, or 名簿外:ID.")
	}
	p := c.People[i]
	return certs.Person{Role: p.Role, ID: p.ID, Name: p.Name, Title: p.Title, Organisation: p.Organisation, Contact: p.Contact}, nil
}

// bootFacts is what this start was, as far as the kernel says.
func bootFacts() certs.Boot {
	b := certs.Boot{SecureBoot: "unknown", TPM: "unknown", ShellUsed: "unknown", TPMNote: "TPMの真正性は未確認"}
	if raw, err := os.ReadFile("/proc/cmdline"); err == nil {
		b.KernelCmdline = strings.TrimSpace(string(raw))
	}
	if raw, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		b.Kernel = strings.TrimSpace(string(raw))
	}
	return b
}
