package fbterm

import "sync"

// queueSize is far more than anyone types before it is read.
const queueSize = 4096

// queue holds typed bytes and the emulator's answers until they are read. When
// it is full the newest are dropped: a writer of output must never wait for a
// reader of input.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	bytes  []byte
	end    error
}

func newQueue() *queue {
	q := &queue{}
	q.filled.L = &q.mu
	return q
}

func (q *queue) add(p []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.bytes)+len(p) <= queueSize { // whole sequences or nothing
		q.bytes = append(q.bytes, p...)
	}
	q.filled.Broadcast()
}

// close makes readers get err once everything queued is read; the first call
// decides.
func (q *queue) close(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end == nil {
		q.end = err
	}
	q.filled.Broadcast()
}

func (q *queue) read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.bytes) == 0 && q.end == nil && len(p) > 0 {
		q.filled.Wait()
	}
	n := copy(p, q.bytes)
	q.bytes = append(q.bytes[:0], q.bytes[n:]...)
	if n == 0 && len(p) > 0 {
		return 0, q.end
	}
	return n, nil
}
