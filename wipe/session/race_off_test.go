//go:build !race

package session_test

const stride = 1
