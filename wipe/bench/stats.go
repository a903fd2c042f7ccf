//go:build linux

package main

import (
	"fmt"
	"math"
	"slices"
)

// series are the values of one figure over the repetitions.
type series []float64

// median is the middle value, or the mean of the two in the middle; NaN of none.
func (s series) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	s = slices.Sorted(slices.Values(s))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// spread shows the median and, behind it, the least and the largest value.
func (s series) spread(format string) string {
	if len(s) == 0 {
		return "–"
	}
	f := fmt.Sprintf("%s (%s–%s)", format, format, format)
	return fmt.Sprintf(f, s.median(), slices.Min(s), slices.Max(s))
}

// pick collects a figure of all runs that count.
func pick(all []measurement, n int, t task, tool string, figure func(measurement) float64) series {
	var s series
	for _, m := range all {
		if m.Drives == n && m.Task == t && m.Tool == tool && m.Failed == "" {
			s = append(s, figure(m))
		}
	}
	return s
}

// ratios divides massho's figure by another tool's, repetition by repetition.
func ratios(all []measurement, n int, t task, tool string, figure func(measurement) float64) series {
	var s series
	for _, a := range all {
		if a.Drives != n || a.Task != t || a.Tool != "massho" || a.Failed != "" {
			continue
		}
		for _, b := range all {
			if b.Drives == n && b.Task == t && b.Tool == tool && b.Rep == a.Rep && b.Failed == "" {
				s = append(s, figure(a)/figure(b))
			}
		}
	}
	return s
}

// The figures of the tables.
func rate(m measurement) float64      { return m.rate() }
func wall(m measurement) float64      { return m.Wall }
func userPerGB(m measurement) float64 { return m.User / (float64(m.Bytes) / 1e9) }
func sysPerGB(m measurement) float64  { return m.System / (float64(m.Bytes) / 1e9) }
func kernPerGB(m measurement) float64 { return m.Kernel / (float64(m.Bytes) / 1e9) }
func peak(m measurement) float64      { return m.Peak }
func overhead(m measurement) float64  { return m.Overhead }
func foreign(m measurement) float64   { return m.Foreign / m.Wall }
func gcShare(m measurement) float64   { return m.GC / (m.User + m.System) }
