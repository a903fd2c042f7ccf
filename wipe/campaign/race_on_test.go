//go:build race

package campaign

// slower: under the race detector everything takes ten times as long, so that
// fewer schedules are played. What they look for is races, not chances.
const slower = 10
