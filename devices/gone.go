package devices

import "errors"

// ErrGone says that the drive no longer answers at all: pulled, powered off, or
// its path taken away by the kernel. Errors of a Conn wrap it, or have a method
// Gone() bool that says so.
var ErrGone = errors.New("the drive no longer answers: see whether it is still plugged in and powered")

// Gone reports whether err means that the drive is no longer there, so that
// trying again is of no use.
func Gone(err error) bool {
	var g interface{ Gone() bool }
	return errors.Is(err, ErrGone) || errors.As(err, &g) && g.Gone()
}
