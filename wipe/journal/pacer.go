package journal

import (
	"sync"
	"time"
)

// MinProgress is the shortest time between two progress records of one drive:
// sticks wear out.
const MinProgress = 10 * time.Second

// Pacer says when a drive's next progress record is due. It may be used from
// several goroutines.
type Pacer struct {
	every time.Duration

	mu   sync.Mutex
	last map[string]time.Duration
}

// NewPacer paces by every, or MinProgress if that is longer.
func NewPacer(every time.Duration) *Pacer {
	return &Pacer{every: max(every, MinProgress), last: map[string]time.Duration{}}
}

// Due says whether drive may write a progress record now, and if so counts it
// as written. The first is due at once. now is monotonic time; flushed says
// that the target's cache was flushed after the data the record tells of:
// without that none is due.
func (p *Pacer) Due(drive string, now time.Duration, flushed bool) bool {
	if !flushed {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, ok := p.last[drive]; ok && now-last < p.every {
		return false
	}
	p.last[drive] = now
	return true
}
