//go:build linux

package main

import (
	"fmt"
	"strings"
)

// report is all tables as text (Markdown).
func report(m machine, o options, sizes []int64, all []measurement, th *throttling) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores, %.1f GiB (%.1f available), Linux %s, transparent huge pages %s\n",
		m.cpu, m.cores, float64(m.memory)/(1<<30), float64(m.available)/(1<<30), m.kernel, m.hugePages)
	fmt.Fprintf(&b, "%d repetitions, interleaved; median (least–largest). GB are 10⁹ bytes moved.\n", o.reps)
	b.WriteString("user, system: CPU seconds per GB of the program; threads: of all kernel threads meanwhile; others: processors that everything else used\n")
	if o.quick {
		b.WriteString("QUICK: these figures measure nothing\n")
	}
	for i, n := range o.drives {
		if o.only == string(taskThrottle) {
			break
		}
		fmt.Fprintf(&b, "\n## %d × %d MiB\n\n", n, sizes[i]>>20)
		b.WriteString("| task | program | GB/s | massho ÷ it | user | system | threads | MiB | wall s | others |\n")
		b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
		for _, c := range contenders() {
			if o.wants(c.task) {
				b.WriteString(row(all, n, c))
			}
		}
	}
	if o.wants(taskCommand) {
		b.WriteString(overheads(o, all))
	}
	b.WriteString(th.text())
	b.WriteString(targets(o, all, th))
	return b.String()
}

// row is one contender's line for n drives.
func row(all []measurement, n int, c contender) string {
	get := func(figure func(measurement) float64) series { return pick(all, n, c.task, c.tool, figure) }
	rates := get(rate)
	if len(rates) == 0 {
		return fmt.Sprintf("| %s | %s | failed: %s | | | | | | | |\n", c.task, c.tool, failure(all, n, c))
	}
	ratio := "1"
	if c.tool != "massho" {
		ratio = ratios(all, n, c.task, c.tool, rate).spread("%.2f")
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %.3f | %.3f | %.3f | %.0f | %s | %.2f |\n", c.task, c.tool, rates.spread("%.2f"), ratio,
		get(userPerGB).median(), get(sysPerGB).median(), get(kernPerGB).median(), get(peak).median(), get(wall).spread("%.2f"), get(foreign).median())
}

// failure is the first line of why a contender's runs do not count.
func failure(all []measurement, n int, c contender) string {
	for _, m := range all {
		if m.Drives == n && m.Task == c.task && m.Tool == c.tool && m.Failed != "" {
			line, _, _ := strings.Cut(m.Failed, "\n")
			return line
		}
	}
	return "not run"
}

// overheads tells what the whole command takes beside the transfers.
func overheads(o options, all []measurement) string {
	var b strings.Builder
	b.WriteString("\n## The whole command beside its transfers\n\n| drives | s without any transfer | peak MiB | allowed MiB |\n|---|---|---|---|\n")
	for _, n := range o.drives {
		fmt.Fprintf(&b, "| %d | %s | %s | %.0f |\n", n, pick(all, n, taskCommand, "massho", overhead).spread("%.2f"),
			pick(all, n, taskCommand, "massho", peak).spread("%.0f"), allowedMiB(n))
	}
	return b.String()
}

// allowedMiB is the most memory that the targets allow for n drives.
func allowedMiB(n int) float64 { return 64 + 16*float64(n) }
