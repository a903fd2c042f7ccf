package overwrite

import "reflect"

// alignment of the buffers: a page, which every O_DIRECT target takes.
const alignment = 4096

// hugePage is what the usual processors map at once where the kernel allows.
const hugePage = 2 << 20

// buffers are the request buffers of one call. They lie beside one another in
// memory that the host maps in huge pages where it can: the kernel pins the
// pages of every direct request, and pinning them 4 KiB at a time costs a good
// part of what the transfer itself does.
//
// The memory is the heap's all the same: a request that was given up because it
// hangs may still write into its buffer later, so only the garbage collector
// can know when the buffer is free.
type buffers struct {
	all    []byte // begins on a boundary
	size   int    // of one buffer
	stride int
}

// newBuffers makes n buffers of size zero bytes.
func newBuffers(n, size int) *buffers {
	b := &buffers{size: size, stride: roundUp(size, alignment)}
	total := n * b.stride
	if total < hugePage/2 {
		b.all = aligned(make([]byte, total+alignment), alignment)
		return b
	}
	total = roundUp(total, hugePage)
	b.all = aligned(make([]byte, total+hugePage), hugePage)[:total]
	wishHuge(b.all)
	return b
}

// slot is buffer i.
func (b *buffers) slot(i int) []byte {
	at := i * b.stride
	return b.all[at : at+b.size : at+b.size]
}

// aligned leaves out what lies before the first boundary in b.
func aligned(b []byte, boundary int) []byte {
	// The heap does not move what it holds; reflect tells the address without
	// package unsafe.
	return b[-int(reflect.ValueOf(b).Pointer())&(boundary-1):]
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
