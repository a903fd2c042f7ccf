package overwrite

import "syscall"

// collapse is MADV_COLLAPSE, of Linux 6.1: what has small pages already, because
// the heap used the memory before, gets huge ones at once.
const collapse = 25

// wishHuge asks for huge pages. Both are wishes: where they are not heard, the
// buffers lie in small pages and cost more.
func wishHuge(b []byte) {
	_ = syscall.Madvise(b, syscall.MADV_HUGEPAGE)
	_ = syscall.Madvise(b, collapse)
}
