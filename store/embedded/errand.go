package embedded

import (
	"context"
	"fmt"
)

// errand is work that needs the writer to stand still.
type errand struct {
	run  func(*writer) error
	done chan error
}

// ask lets the writer do something between two batches and returns its error.
func (s *Store) ask(ctx context.Context, run func(*writer) error) error {
	e := errand{run: run, done: make(chan error, 1)}
	select {
	case s.errands <- e:
		return <-e.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return fmt.Errorf("embedded: %w", ErrClosed)
	}
}
