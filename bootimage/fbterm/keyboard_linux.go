package fbterm

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// keyboard is a virtual terminal in graphics mode whose keys are read raw.
type keyboard struct {
	f    *os.File
	undo []func() error // last first
}

// openKeyboard switches the terminal over step by step and remembers how to
// undo each step; on an error what was done is undone.
func openKeyboard(path string, m Keymap) (*keyboard, error) {
	f, err := openTTY(path)
	if err != nil {
		return nil, fmt.Errorf("keyboard: %w", err)
	}
	k := &keyboard{f: f}
	for _, step := range []func(int) error{k.raw, k.unicode, func(int) error { return k.setKeymap(m) }, k.lockSwitch, k.graphics} {
		if err := k.control(step); err != nil {
			return nil, errors.Join(fmt.Errorf("keyboard %s: %w", path, err), k.Close())
		}
	}
	return k, nil
}

// control runs fn on the descriptor without taking it out of the poller.
func (k *keyboard) control(fn func(fd int) error) error {
	return control(k.f, fn)
}

// onClose adds what Close has to undo.
func (k *keyboard) onClose(name string, fn func(fd int) error) {
	k.undo = append(k.undo, func() error {
		if err := k.control(fn); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
		return nil
	})
}

func (k *keyboard) raw(fd int) error {
	restore, err := makeRaw(fd)
	if err != nil {
		return err
	}
	k.onClose("termios", restore)
	return nil
}

func (k *keyboard) unicode(fd int) error {
	return k.setMode(fd, "KDSKBMODE", kdGetKeyboardMode, kdSetKeyboardMode, keyboardUnicode)
}

// graphics stops the kernel from drawing its own text and cursor.
func (k *keyboard) graphics(fd int) error {
	return k.setMode(fd, "KDSETMODE", kdGetMode, kdSetMode, kdGraphics)
}

func (k *keyboard) setMode(fd int, name string, get, set uint, to int) error {
	// The kernel writes an int; package unix reads a word that was zero.
	old, err := unix.IoctlGetInt(fd, get)
	if err != nil {
		return os.NewSyscallError(name+" (get)", err)
	}
	if err := unix.IoctlSetInt(fd, set, to); err != nil {
		return os.NewSyscallError(name, err)
	}
	k.onClose(name, func(fd int) error { return unix.IoctlSetInt(fd, set, old) })
	return nil
}

// lockSwitch keeps Alt+F2 from showing another terminal in front of the camera.
func (k *keyboard) lockSwitch(fd int) error {
	if err := unix.IoctlSetInt(fd, vtLockSwitch, 1); err != nil {
		return os.NewSyscallError("VT_LOCKSWITCH", err)
	}
	k.onClose("VT switching", func(fd int) error { return unix.IoctlSetInt(fd, vtUnlockSwitch, 1) })
	return nil
}

// SetKeymap changes the layout of all keyboards; it is not undone by Close.
func (k *keyboard) SetKeymap(m Keymap) error {
	return k.control(func(int) error { return k.setKeymap(m) })
}

func (k *keyboard) setKeymap(m Keymap) error {
	entries, err := m.entries()
	if err != nil {
		return err
	}
	return k.control(func(fd int) error {
		for _, e := range entries {
			if err := unix.IoctlSetPointerInt(fd, kdSetKeyEntry, e.word()); err != nil {
				return fmt.Errorf("keymap %s, key %d: %w", m, e.key, os.NewSyscallError("KDSKBENT", err))
			}
		}
		return nil
	})
}

func (k *keyboard) Read(p []byte) (int, error) { return k.f.Read(p) }

// Close gives the terminal back as it was.
func (k *keyboard) Close() error {
	var errs []error
	for i := len(k.undo) - 1; i >= 0; i-- {
		errs = append(errs, k.undo[i]())
	}
	k.undo = nil
	return errors.Join(append(errs, k.f.Close())...)
}
