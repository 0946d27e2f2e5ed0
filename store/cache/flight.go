package cache

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// flights are the questions that are being asked now.
type flights struct {
	mu    sync.Mutex
	byKey map[string]*flight
}

// flight is one question under way. It runs on a context of its own, which ends
// when the last waiter leaves: one viewer who leaves takes nothing from the
// others.
type flight struct {
	done    chan struct{} // closed when value and err are set
	value   any
	err     error
	waiters int // guarded by flights.mu
	cancel  context.CancelFunc
}

// join waits for the key's flight, which it starts if there is none.
func (f *flights) join(ctx context.Context, key string, timeout time.Duration, run func(context.Context) (any, error)) (any, error) {
	fl := f.enter(key, timeout, run)
	defer f.leave(key, fl)
	select {
	case <-fl.done:
		return fl.value, fl.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *flights) enter(key string, timeout time.Duration, run func(context.Context) (any, error)) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl, ok := f.byKey[key]
	if !ok {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		fl = &flight{done: make(chan struct{}), cancel: cancel}
		f.byKey[key] = fl
		go f.fly(ctx, key, fl, run)
	}
	fl.waiters++
	return fl
}

// fly runs the question. A panic is an error of this question, and does not end
// the program: no caller's recover reaches this goroutine.
func (f *flights) fly(ctx context.Context, key string, fl *flight, run func(context.Context) (any, error)) {
	defer fl.cancel()
	defer close(fl.done)
	defer f.remove(key, fl)
	defer func() {
		if v := recover(); v != nil {
			fl.err = fmt.Errorf("cache: panic: %v\n%s", v, debug.Stack())
		}
	}()
	fl.value, fl.err = run(ctx)
}

func (f *flights) leave(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.waiters--
	if fl.waiters == 0 {
		fl.cancel()
		if f.byKey[key] == fl {
			delete(f.byKey, key)
		}
	}
}

func (f *flights) remove(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byKey[key] == fl {
		delete(f.byKey, key)
	}
}
