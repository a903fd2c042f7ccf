package stick

import (
	"bytes"
	"io"
	"syscall"
)

// handle is an open journal.
type handle struct {
	s    *Stick
	f    *content
	life int
}

// ReadAt reads what was written, synced or not.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	if err := h.s.enter("read", false, h.life); err != nil {
		return 0, err
	}
	defer h.s.mu.Unlock()
	data := h.f.now()
	if off >= int64(len(data)) {
		return 0, io.EOF
	}
	n := copy(p, data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt fills the cache.
func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	if err := h.s.enter("write", true, h.life); err != nil {
		return 0, err
	}
	defer h.s.mu.Unlock()
	if off+int64(len(p)) > int64(len(h.f.durable)) {
		return 0, syscall.ENOSPC
	}
	if !h.s.worn {
		h.f.cache = append(h.f.cache, write{int(off), bytes.Clone(p)})
	}
	return len(p), nil
}

// Sync makes it durable.
func (h *handle) Sync() error {
	if err := h.s.enter("sync", true, h.life); err != nil {
		return err
	}
	defer h.s.mu.Unlock()
	for _, w := range h.f.cache {
		copy(h.f.durable[w.off:], w.data)
	}
	h.f.cache = nil
	h.s.changes++
	return nil
}

// Size is the file's length.
func (h *handle) Size() (int64, error) {
	if err := h.s.enter("size", false, h.life); err != nil {
		return 0, err
	}
	defer h.s.mu.Unlock()
	return int64(len(h.f.durable)), nil
}

// Close gives the descriptor up.
func (h *handle) Close() error { return nil }
