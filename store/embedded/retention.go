package embedded

import (
	"fmt"
	"time"
)

// retain removes the days that are older than the retention, then the oldest
// ones while the files take more than they may. shut closes a day for writing
// before it is removed. What cannot be removed is tried again the next time.
func (s *Store) retain(shut func(start time.Time)) error {
	if s.config.Keep {
		return nil
	}
	if err := s.retainDays(shut); err != nil {
		return fmt.Errorf("embedded: retention: %w", err)
	}
	if err := s.retainBytes(shut); err != nil {
		return fmt.Errorf("embedded: retention by bytes: %w", err)
	}
	return nil
}

func (s *Store) retainDays(shut func(start time.Time)) error {
	oldest := s.oldestKept()
	for _, d := range s.allDays() {
		if !d.start.Before(oldest) {
			break
		}
		if err := s.removeDay(d, shut); err != nil {
			return err
		}
	}
	return nil
}

// retainBytes leaves today alone, and days that are said to come.
func (s *Store) retainBytes(shut func(start time.Time)) error {
	if s.config.RetentionBytes <= 0 {
		return nil
	}
	days := s.allDays()
	sizes, total, err := sizesOf(days)
	if err != nil {
		return err
	}
	for i, d := range days {
		if total <= s.config.RetentionBytes || !d.start.Before(s.today()) {
			return nil
		}
		if err := s.removeDay(d, shut); err != nil {
			return err
		}
		s.raiseFloor(d.start.AddDate(0, 0, 1))
		total -= sizes[i]
	}
	return nil
}

func sizesOf(days []*day) (sizes []int64, total int64, err error) {
	for _, d := range days {
		n, err := d.size()
		if err != nil {
			return nil, 0, err
		}
		sizes, total = append(sizes, n), total+n
	}
	return sizes, total, nil
}

func (s *Store) removeDay(d *day, shut func(start time.Time)) error {
	shut(d.start)
	if err := d.remove(); err != nil {
		return err
	}
	s.forget(d.start)
	s.config.Logger.Info("day removed", "day", d.start.Format(time.DateOnly))
	return nil
}

// raiseFloor keeps documents of removed days from coming in again.
func (s *Store) raiseFloor(floor time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if floor.After(s.floor) {
		s.floor = floor
	}
}

func (s *Store) forget(start time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.days, start)
	delete(s.layouts, start)
}
