//go:build race

package session_test

// stride: under the race detector only every so many moments are cut at.
const stride = 9
