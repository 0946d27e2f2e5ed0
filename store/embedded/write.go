package embedded

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"jikimi/ingest"
)

// batch is the documents of one Write on their way to the writer.
type batch struct {
	rows    []*row
	results []ingest.Result
	at      []int // places of the rows among the results
	bytes   int64
	done    chan struct{}
}

// Write implements ingest.Writer. Documents are parsed by the caller and
// written by the store's writer together with those of other callers.
func (s *Store) Write(ctx context.Context, docs []ingest.Document) ([]ingest.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := s.parseAll(docs)
	if len(b.rows) == 0 {
		return b.results, nil
	}
	if err := s.send(b); err != nil {
		return nil, err
	}
	select {
	case <-b.done:
		return b.results, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) parseAll(docs []ingest.Document) *batch {
	b := &batch{results: make([]ingest.Result, len(docs)), done: make(chan struct{})}
	r := s.pool.get(s.marks)
	defer s.pool.put(r)
	now := s.config.Now()
	for i, d := range docs {
		w, err := s.parse(r, d, now)
		b.results[i] = ingest.Result{ID: d.ID, Err: err}
		if err != nil {
			s.countRefused(d, err, now)
			continue
		}
		b.rows, b.at, b.bytes = append(b.rows, w), append(b.at, i), b.bytes+int64(w.bytes)
	}
	return b
}

func (s *Store) countRefused(d ingest.Document, err error, now time.Time) {
	if fault := (*ingest.RefusedError)(nil); errors.As(err, &fault) {
		s.refused.Add(1)
		s.refusals.add(d, fault, now)
	}
}

// send hands a batch to the writer unless too much is waiting. A batch that is
// larger than the queue may pass when it is alone.
func (s *Store) send(b *batch) error {
	s.sending.RLock()
	defer s.sending.RUnlock()
	if s.closed {
		return fmt.Errorf("embedded: %w", ErrClosed)
	}
	if waiting := s.waiting.Add(b.bytes); waiting > queueBytes && waiting != b.bytes {
		s.waiting.Add(-b.bytes)
		return ingest.ErrFull
	}
	select {
	case s.queue <- b:
		return nil
	default:
		s.waiting.Add(-b.bytes)
		return ingest.ErrFull
	}
}

// learn adds a document's fields to its row when the day's file may lack them,
// and for one document in countEvery, which is counted.
func (s *Store) learn(w *row, r *reader, l *layout) {
	var h maphash.Hash
	h.SetSeed(s.seed)
	writeText(&h, w.env)
	writeText(&h, w.source)
	for i := range r.leaves {
		writeText(&h, r.leaves[i].path)
		_ = h.WriteByte(byte(r.leaves[i].kind)) // never fails
	}
	w.signature = h.Sum64()
	w.counted = s.sampled.Add(1)%countEvery == 0
	if !w.counted && l.known(w.signature) {
		return
	}
	for i := range r.leaves {
		f := &r.leaves[i]
		w.fields = append(w.fields, fieldType{f.path, f.kind, f.owned})
	}
}

// writeText ends each text, so that two of them never look like two others.
func writeText(h *maphash.Hash, s string) {
	_, _ = h.WriteString(s) // never fails
	_ = h.WriteByte(0xff)   // in no valid text
}

// cleanText makes text valid, as it is in documents.
func cleanText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
