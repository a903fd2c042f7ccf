//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// passphrase guards an authority that lives as long as a benchmark.
const passphrase = "bench bench bench"

// office makes a training authority, a signed case and a stick with the clerk's
// own program: loop devices get papers under a training root only.
func (l *lab) office(ctx context.Context) error {
	office, pass, draft := filepath.Join(l.tmp, "office"), filepath.Join(l.tmp, "pass"), filepath.Join(l.tmp, "case.json")
	body, err := json.Marshal(benchCase())
	if err != nil {
		return err
	}
	if err := os.WriteFile(draft, body, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(pass, []byte(passphrase+"\n"), 0o600); err != nil {
		return err
	}
	program := filepath.Join(l.bin, "massho-office")
	for _, args := range [][]string{
		{"keys", "init", "--training", "--office", office, "--name", "試験市", "--passphrase-file", pass},
		{"prepare", "--office", office, "--case", draft, "--stick", "U1", "--out", l.stick, "--passphrase-file", pass},
	} {
		if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("massho-office %s: %w: %s", args[0], err, out)
		}
	}
	return nil
}

type object = map[string]any

// benchCase is a case whose drives are classified on the command line.
func benchCase() object {
	return object{
		"schemaVersion": 1, "id": "BENCH-001", "title": "速度測定", "contractNo": "1", "municipality": "試験市",
		"addressee": "試験市長 様", "department": "情報政策課", "afterwards": "poweroff",
		"contractor": object{"name": "試験", "address": "試験市1", "representative": "試験"},
		"policy":     object{"id": "bench"},
		"roster": []object{{
			"number": "PC-1", "lease": "備品", "hostMaker": "", "hostModel": "", "hostSerial": "MASSHO-BENCH", "expectedMedia": 1,
			"section": "課", "category": object{"system": "internet", "confidentiality": "1", "residentInfo": "no"},
		}},
		"people": []object{{"id": "op1", "role": "operator", "name": "作業者", "title": "", "organisation": "", "contact": ""}},
	}
}
