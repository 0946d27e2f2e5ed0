package embedded

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
)

// shapeBook is the shapes of a day's rows by their number.
type shapeBook struct {
	mu     sync.RWMutex
	shapes map[int32]storedShape
}

func (b *shapeBook) load(texts map[string]string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shapes = make(map[int32]storedShape, len(texts))
	for id, text := range texts {
		n, err := strconv.ParseInt(id, 10, 32)
		if err != nil {
			return fmt.Errorf("embedded: shape %q: %w", id, err)
		}
		var s storedShape
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return fmt.Errorf("embedded: shape %s: %w", id, err)
		}
		b.shapes[int32(n)] = s
	}
	return nil
}

func (b *shapeBook) add(id int32, s storedShape) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shapes[id] = s
}

func (b *shapeBook) get(id int32) (storedShape, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s, ok := b.shapes[id]
	return s, ok
}

// texts are the shapes as JSON with their numbers, and the next free number.
func (b *shapeBook) texts() (map[string]int32, int32, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out, next := make(map[string]int32, len(b.shapes)), int32(0)
	for id, s := range b.shapes {
		text, err := s.text()
		if err != nil {
			return nil, 0, err
		}
		out[text], next = id, max(next, id+1)
	}
	return out, next, nil
}
