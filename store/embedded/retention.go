package embedded

import (
	"fmt"
	"time"
)

// retain removes the days that are older than the retention. What cannot be
// removed is tried again the next time.
func (s *Store) retain() error {
	oldest := s.oldestKept()
	for _, d := range s.allDays() {
		if !d.start.Before(oldest) {
			break
		}
		if err := d.remove(); err != nil {
			return fmt.Errorf("embedded: retention: %w", err)
		}
		s.forget(d.start)
		s.config.Logger.Info("day removed", "day", d.start.Format(time.DateOnly))
	}
	return nil
}

func (s *Store) forget(start time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.days, start)
	delete(s.layouts, start)
}
