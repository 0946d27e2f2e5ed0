package cache

import (
	"sync"
	"time"
)

// breaker keeps questions away from a store that does not answer: after five
// failures within ten seconds only one question a second is let through, until
// one succeeds. The others get the last good answer at once.
type breaker struct {
	mu       sync.Mutex
	failures [5]time.Time // the newest, in a ring
	next     int
	open     bool
	tried    time.Time // when a question was last let through while open
}

const (
	failuresWithin = 10 * time.Second
	tryEvery       = time.Second
)

// allow says whether a question may be asked now.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true
	}
	if now.Sub(b.tried) < tryEvery {
		return false
	}
	b.tried = now
	return true
}

// succeeded closes the breaker.
func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open, b.failures, b.next = false, [5]time.Time{}, 0
}

// failed counts a failure, and opens the breaker when it was one too many.
func (b *breaker) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures[b.next] = now
	b.next = (b.next + 1) % len(b.failures)
	oldest := b.failures[b.next]
	if !b.open && !oldest.IsZero() && now.Sub(oldest) <= failuresWithin {
		b.open, b.tried = true, now
	}
}
