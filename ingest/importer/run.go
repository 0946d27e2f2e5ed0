package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"jikimi/ingest"
)

// run is one import at work.
type run struct {
	config    Config
	in        *input
	lines     *lineReader
	documents *assembler
	batch     []item
	size      int // bytes of the batch
	// check says that documents of the next batch may be stored: an import may
	// have ended after storing them and before the journal was told.
	check  bool
	result Result
}

const (
	batchBytes = 8 << 20
	mostShown  = 5 // samples of each kind
)

// all reads the input to its end. After a reader's error, what was read is
// stored first.
func (r *run) all(ctx context.Context) error {
	for {
		l, err := r.lines.next()
		if err != nil {
			r.add(r.documents.endAction())
			if stored := r.settle(ctx); stored != nil || errors.Is(err, io.EOF) {
				return stored
			}
			return fmt.Errorf("import: read: %w", err)
		}
		r.result.Lines = l.number
		r.add(r.documents.add(l))
		if err := r.after(ctx, l); err != nil {
			return err
		}
	}
}

// after does what is due after a line: a mark of the journal means that all
// since the batch's beginning is stored.
func (r *run) after(ctx context.Context, l line) error {
	if !r.config.Again && r.config.Journal.Has(l.mark) {
		r.add(r.documents.end())
		r.skip()
		return ctx.Err()
	}
	if len(r.batch) >= r.config.Batch || r.size >= batchBytes {
		return r.settle(ctx)
	}
	return nil
}

func (r *run) add(items []item) {
	for _, it := range items {
		r.batch = append(r.batch, it)
		r.size += len(it.doc.Source)
	}
}

// skip leaves out a batch that was imported before. The next one may have
// been stored without the journal being told.
func (r *run) skip() {
	for _, it := range r.batch {
		r.countKept(it)
	}
	r.result.Known += int64(len(r.batch))
	r.check = true
	r.next()
}

func (r *run) next() {
	r.batch, r.size = r.batch[:0], 0
	r.result.Bytes = r.in.came.n
	r.config.Progress(r.result.Progress)
}

// settle stores the batch, as far as it is not stored, and notes in the
// journal when all of it is: a batch with refused documents is offered again
// the next time, as the retention may be longer by then.
func (r *run) settle(ctx context.Context) error {
	before := r.result.Progress
	if err := r.store(ctx); err != nil {
		return err
	}
	stored := r.result.Stored > before.Stored
	r.check = r.config.Again || r.check && (r.result.Known > before.Known || !stored)
	if len(r.batch) > 0 && r.result.Refused == before.Refused {
		if err := r.note(r.batch[len(r.batch)-1].mark); err != nil {
			return err
		}
	}
	r.next()
	return nil
}

// note tells the journal, once.
func (r *run) note(mark string) error {
	if r.config.Journal.Has(mark) {
		return nil
	}
	return r.config.Journal.Add(mark)
}

// store offers the documents of the batch that are not stored.
func (r *run) store(ctx context.Context) error {
	items, err := r.offered(ctx)
	if err != nil || len(items) == 0 {
		return err
	}
	docs := make([]ingest.Document, len(items))
	for i, it := range items {
		docs[i] = it.doc
	}
	results, err := r.write(ctx, docs)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return r.count(items, results)
}

// count says what became of documents. Its error is the store's trouble.
func (r *run) count(items []item, results []ingest.Result) error {
	var trouble error
	for i, it := range items {
		err := results[i].Err
		if refusal, ok := errors.AsType[*ingest.RefusedError](err); ok {
			r.refuse(it, refusal)
		} else if err != nil {
			trouble = err
		} else {
			r.result.Stored++
			r.countKept(it)
		}
	}
	if trouble != nil {
		return fmt.Errorf("import: %w", trouble)
	}
	return nil
}

func (r *run) countKept(it item) {
	if it.untimed {
		r.result.Untimed++
	}
	if it.unreadable == "" {
		return
	}
	r.result.Unreadable++
	r.result.UnreadableSamples = sample(r.result.UnreadableSamples, it, it.unreadable)
}

func (r *run) refuse(it item, why *ingest.RefusedError) {
	r.result.Refused++
	r.result.RefusedSamples = sample(r.result.RefusedSamples, it, why.Reason)
}

func sample(list []Sample, it item, reason string) []Sample {
	if len(list) >= mostShown {
		return list
	}
	return append(list, Sample{Line: it.line, Reason: reason, Text: it.text})
}

// offered are the items of the batch to be stored; others are counted.
func (r *run) offered(ctx context.Context) ([]item, error) {
	items := make([]item, 0, len(r.batch))
	for _, it := range r.batch {
		if it.refused != nil {
			r.refuse(it, it.refused)
			continue
		}
		items = append(items, it)
	}
	if !r.check || len(items) == 0 {
		return items, nil
	}
	return r.unknown(ctx, items)
}

// unknown are the items that are not stored. An id made of the content says
// so in whatever index; one that the client gave, in its own index only.
func (r *run) unknown(ctx context.Context, items []item) ([]item, error) {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.doc.ID
	}
	known, err := r.config.Store.Stored(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return slices.DeleteFunc(items, func(it item) bool {
		indices := known[it.doc.ID]
		if len(indices) == 0 || it.doc.ID != it.mark && !slices.Contains(indices, it.doc.Index) {
			return false
		}
		r.result.Known++
		r.countKept(it)
		return true
	}), nil
}

const (
	shortestWait = 10 * time.Millisecond
	longestWait  = time.Second
)

// write waits while too much is waiting to be written, each time for longer,
// at most for the time that the configuration allows.
func (r *run) write(ctx context.Context, docs []ingest.Document) ([]ingest.Result, error) {
	var waited time.Duration
	for pause := shortestWait; ; pause = min(2*pause, longestWait) {
		results, err := r.config.Store.Write(ctx, docs)
		if !errors.Is(err, ingest.ErrFull) || waited >= r.config.Patience {
			return results, err
		}
		wait := pause/2 + rand.N(pause/2) //nolint:gosec // spreads waiting, guards nothing
		waited += wait
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
