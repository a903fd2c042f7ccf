//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// target is one figure that the project set itself.
type target struct {
	name  string
	limit float64
	least bool // the figure must not be below the limit; else not above
	got   series
}

// met says yes, no, or not measured.
func (t target) met() string {
	got := t.got.median()
	switch {
	case math.IsNaN(got):
		return "not measured"
	case t.least && got >= t.limit, !t.least && got <= t.limit:
		return "met"
	}
	return "MISSED"
}

// targets holds the figures against what was aimed at: medians of ratios within
// repetitions, for four drives where nothing else is said.
func targets(o options, all []measurement, th *throttling) string {
	const n = 4
	list := []target{
		{"random overwrite ÷ nwipe", 1, true, ratios(all, n, taskRandom, "nwipe", rate)},
		{"random overwrite ÷ fio with fresh random buffers", 1, true, ratios(all, n, taskRandom, "fio", rate)},
		{"constant overwrite ÷ fio with a constant buffer", 0.95, true, ratios(all, n, taskConstant, "fio", rate)},
		{"user CPU per GB of random overwrite ÷ nwipe", 0.5, false, ratios(all, n, taskRandom, "nwipe", userPerGB)},
		{"wall time of the whole command ÷ nwipe", 0.6, false, ratios(all, n, taskCommand, "nwipe", wall)},
		{"full verification ÷ fio's read", 0.95, true, ratios(all, n, taskVerify, "fio", rate)},
		{"garbage collector's share of CPU, random overwrite", 0.01, false, pick(all, n, taskRandom, "massho", gcShare)},
		{"garbage collector's share of CPU, verification", 0.01, false, pick(all, n, taskVerify, "massho", gcShare)},
	}
	for _, n := range o.drives {
		list = append(list,
			target{fmt.Sprintf("seconds of the whole command without any transfer, %d drives", n), 2, false, pick(all, n, taskCommand, "massho", overhead)},
			target{fmt.Sprintf("peak memory of the whole command, MiB, %d drives", n), allowedMiB(n), false, pick(all, n, taskCommand, "massho", peak)})
	}
	list = append(list, th.targets()...)
	var b strings.Builder
	b.WriteString("\n## Targets\n\n| figure | median (least–largest) | target | |\n|---|---|---|---|\n")
	for _, t := range list {
		sign := "≤"
		if t.least {
			sign = "≥"
		}
		fmt.Fprintf(&b, "| %s | %s | %s %g | %s |\n", t.name, t.got.spread("%.3f"), sign, t.limit, t.met())
	}
	constant, random := pick(all, n, taskConstant, "massho", rate), pick(all, n, taskRandom, "massho", rate)
	if len(constant) > 0 && len(constant) == len(random) {
		share := make(series, 0, len(constant))
		for i := range constant {
			share = append(share, random[i]/constant[i])
		}
		fmt.Fprintf(&b, "\nRandom overwrite reaches %s of the constant pattern's rate with %d drives.\n", share.spread("%.2f"), n)
	}
	if !slices.Contains(o.drives, n) {
		fmt.Fprintf(&b, "\nThe targets speak of %d drives, which were not measured.\n", n)
	}
	return b.String()
}
