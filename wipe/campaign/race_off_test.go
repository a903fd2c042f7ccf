//go:build !race

package campaign

const slower = 1
