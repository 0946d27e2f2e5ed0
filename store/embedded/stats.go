package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Stats is what a store says about itself.
type Stats struct {
	// Days is how many days have documents, Oldest the first, zero when none has.
	Days   int
	Oldest time.Time
	// Bytes is what their files take on disk.
	Bytes int64
	// Written and Refused count documents since the store was opened.
	Written, Refused int64
	// Waiting is the bytes of documents that are not on disk yet.
	Waiting int64
}

// Stats looks at the files' sizes; it asks the database nothing.
func (s *Store) Stats() (Stats, error) {
	days := s.allDays()
	a := Stats{Days: len(days), Written: s.written.Load(), Refused: s.refused.Load(), Waiting: s.waiting.Load()}
	if len(days) > 0 {
		a.Oldest = days[0].start
	}
	for _, d := range days {
		n, err := d.size()
		if err != nil {
			return a, fmt.Errorf("embedded: stats: %w", err)
		}
		a.Bytes += n
	}
	return a, nil
}

// size is what the day's files take.
func (d *day) size() (int64, error) {
	var total int64
	for _, name := range []string{d.path, d.path + ".wal"} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // no log, or removed meanwhile
		}
		if err != nil {
			return total, err
		}
		total += info.Size()
	}
	return total, nil
}
