package embedded

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// layout is what a day file's table looks like beyond the roles: the promoted
// paths. It never changes once a document was laid out by it.
type layout struct {
	promoted []promotedPath
	byPath   map[string]int

	mu   sync.RWMutex
	seen map[uint64]struct{} // signatures of fields that the file has
}

// promotedPath is a frequent path of one type that has a column of its own.
type promotedPath struct {
	Path string `json:"path"`
	Type string `json:"type"` // VARCHAR, DOUBLE or BOOLEAN
}

const (
	mostPromoted  = 24   // paths
	promotedShare = 0.2  // of the documents must have the path
	countEvery    = 17   // documents, one of which is counted; a prime, as logs have rhythms
	countEnough   = 100  // counted documents, under which nothing is promoted
	mostCounted   = 5000 // paths that are counted
	mostSeen      = 200_000
)

func newLayout(promoted []promotedPath) *layout {
	l := &layout{promoted: promoted, byPath: map[string]int{}, seen: map[uint64]struct{}{}}
	for i, p := range promoted {
		l.byPath[p.Path] = i
	}
	return l
}

// read is the column's value of a leaf, when it can be rebuilt from it.
func (p promotedPath) read(l *leaf) (driver.Value, bool) {
	switch {
	case p.Type == "VARCHAR" && l.kind == kindString:
		return l.text, true
	case p.Type == "BOOLEAN" && l.kind == kindBoolean:
		return l.json == "true", true
	case p.Type == "DOUBLE" && l.kind == kindNumber:
		v, err := strconv.ParseFloat(l.text, 64)
		if err != nil || decimal(v) != l.text {
			return nil, false
		}
		return v, true
	}
	return nil, false
}

// restore adds the promoted columns' values to a document.
func (l *layout) restore(t tree, values []any) error {
	for i, v := range values {
		if v == nil {
			continue
		}
		text, err := restoreValue(v)
		if err != nil {
			return err
		}
		if err := t.set(l.promoted[i].Path, text); err != nil {
			return err
		}
	}
	return nil
}

func restoreValue(v any) (json.RawMessage, error) {
	if n, ok := v.(float64); ok {
		return json.RawMessage(decimal(n)), nil
	}
	return json.Marshal(v)
}

// known says whether the file has all fields of this signature.
func (l *layout) known(signature uint64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.seen[signature]
	return ok
}

func (l *layout) remember(signature uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) >= mostSeen {
		clear(l.seen)
	}
	l.seen[signature] = struct{}{}
}

// layoutFor is the layout of a day: that of its file, or, when it has none
// yet, one made of what was frequent the day before.
func (s *Store) layoutFor(start time.Time) (*layout, error) {
	s.mu.RLock()
	l, d := s.layouts[start], s.days[start]
	s.mu.RUnlock()
	if l != nil {
		return l, nil
	}
	if d != nil {
		if err := d.acquire(context.Background()); err != nil {
			return nil, fmt.Errorf("embedded: day %s: %w", start.Format(time.DateOnly), err)
		}
		defer d.release()
		return s.settleLayout(start, d.promoted), nil
	}
	return s.settleLayout(start, s.frequentBefore(start)), nil
}

// settleLayout keeps the layout that came first.
func (s *Store) settleLayout(start time.Time, promoted []promotedPath) *layout {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layouts[start] == nil {
		s.layouts[start] = newLayout(promoted)
	}
	return s.layouts[start]
}

// frequentBefore are the frequent paths of the newest earlier day. A day that
// cannot be read has none.
func (s *Store) frequentBefore(start time.Time) []promotedPath {
	var before *day
	for _, d := range s.allDays() {
		if d.start.Before(start) {
			before = d
		}
	}
	if before == nil || before.acquire(context.Background()) != nil {
		return nil
	}
	defer before.release()
	return before.counts.frequent()
}

// counts is how often paths were among a day's leaves without a column.
type counts struct {
	mu        sync.Mutex
	Documents int                       `json:"documents"`
	Paths     map[string]map[string]int `json:"paths"` // by path and type
}

func (c *counts) add(fields []fieldType) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Paths == nil {
		c.Paths = map[string]map[string]int{}
	}
	c.Documents++
	for _, f := range fields {
		if f.owned {
			continue
		}
		types := c.Paths[f.path]
		if types == nil {
			if len(c.Paths) >= mostCounted {
				continue
			}
			types = map[string]int{}
			c.Paths[strings.Clone(f.path)] = types
		}
		types[f.kind.String()]++
	}
}

func (c *counts) text() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, err := json.Marshal(c)
	return string(b), err
}

func (c *counts) load(text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return json.Unmarshal([]byte(text), c)
}

// frequent are the most frequent paths of one type, most frequent first.
func (c *counts) frequent() []promotedPath {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Documents < countEnough {
		return nil
	}
	var list []promotedPath
	count := map[string]int{}
	for path, types := range c.Paths {
		column, n := single(types)
		if column != "" && float64(n) >= promotedShare*float64(c.Documents) {
			list, count[path] = append(list, promotedPath{path, column}), n
		}
	}
	slices.SortFunc(list, func(a, b promotedPath) int {
		if d := count[b.Path] - count[a.Path]; d != 0 {
			return d
		}
		return strings.Compare(a.Path, b.Path)
	})
	return list[:min(len(list), mostPromoted)]
}

// single is the column type of values that have one type.
func single(types map[string]int) (column string, n int) {
	if len(types) != 1 {
		return "", 0
	}
	for t, n := range types {
		switch t {
		case "string":
			return "VARCHAR", n
		case "number":
			return "DOUBLE", n
		case "boolean":
			return "BOOLEAN", n
		}
	}
	return "", 0
}
