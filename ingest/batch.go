package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// batch holds the documents that are written together, their texts in one
// piece of memory that is used again.
type batch struct {
	text []byte
	held []held
}

// held is a document of a batch.
type held struct {
	index, id string
	end       int // of its text; it begins where the one before ends
	item      int // its place in the answer
}

func (b *batch) add(a action, line []byte, item int) {
	b.text = append(b.text, line...)
	b.held = append(b.held, held{a.index, a.id, len(b.text), item})
}

func (b *batch) isFull() bool { return len(b.held) >= batchDocuments || len(b.text) >= batchBytes }

func (b *batch) reset() { b.text, b.held = b.text[:0], b.held[:0] }

func (e *Endpoint) takeBatch() *batch {
	if b, ok := e.spare.Get().(*batch); ok {
		return b
	}
	return &batch{}
}

func (e *Endpoint) giveBack(b *batch) {
	b.reset()
	e.spare.Put(b)
}

func (b *batch) documents() []Document {
	docs := make([]Document, len(b.held))
	start := 0
	for i, h := range b.held {
		docs[i] = Document{Index: h.index, ID: h.id, Source: b.text[start:h.end:h.end]}
		start = h.end
	}
	return docs
}

// write hands documents to the writer. While the writer has no room it tries
// again until the patience ends.
func (e *Endpoint) write(ctx context.Context, docs []Document, patience time.Duration) ([]Result, error) {
	const pause = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, e.config.Limits.Write+patience)
	defer cancel()
	for waited := time.Duration(0); ; waited += pause {
		results, err := e.config.Writer.Write(ctx, docs)
		if err == nil && len(results) != len(docs) {
			err = fmt.Errorf("ingest: the writer gave %d results for %d documents", len(results), len(docs))
		}
		if !errors.Is(err, ErrFull) || waited >= patience {
			return results, err
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle enters what became of the documents into their items: all the same
// when there is an error.
func (e *Endpoint) settle(items []item, list []held, results []Result, err error) {
	var trouble error
	for i, h := range list {
		r := Result{ID: h.id, Err: err}
		if err == nil {
			r = results[i]
		}
		if r.Err == nil {
			items[h.item].store(r.ID)
			continue
		}
		if ours(r.Err) && err == nil {
			trouble = r.Err
		}
		items[h.item].refuse(ofWriter(r.Err))
	}
	if trouble != nil {
		e.config.Logger.Error("ingest: documents could not be stored", "error", trouble)
	}
}
