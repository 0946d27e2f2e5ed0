package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"jikimi/ingest"
)

// player writes the demo's documents as they fall due.
type player struct {
	timeline *timeline
	writer   ingest.Writer
	log      *slog.Logger
}

const (
	batchSize = 10_000 // documents, or an hour of them where that is more
	writers   = 2      // batches on their way at the same time
)

// past writes everything that fell due from the timeline's beginning until now.
func (p *player) past(ctx context.Context, now time.Time) (documents int, err error) {
	g, writing := errgroup.WithContext(ctx)
	g.SetLimit(writers)
	var batch []ingest.Document
	for at := p.timeline.minute; writing.Err() == nil && at.Before(now); {
		at = earlier(at.Add(time.Hour), now)
		batch = append(batch, p.timeline.due(at)...)
		if len(batch) < batchSize && at.Before(now) {
			continue
		}
		docs := batch
		batch = nil
		documents += len(docs)
		g.Go(func() error { return p.write(writing, docs) })
	}
	if err := g.Wait(); err != nil {
		return documents, fmt.Errorf("demo: %w", err)
	}
	return documents, ctx.Err()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// live writes what falls due at each tick, until the context ends. What cannot
// be written is left out and logged: the next second has its own documents.
func (p *player) live(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks:
			docs := p.timeline.due(now)
			if err := p.write(ctx, docs); err != nil && ctx.Err() == nil {
				p.log.Warn("demo: documents left out", "documents", len(docs), "error", err)
			}
		}
	}
}

// write returns an error when any document was not stored.
func (p *player) write(ctx context.Context, docs []ingest.Document) error {
	if len(docs) == 0 {
		return nil
	}
	results, err := p.writer.Write(ctx, docs)
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.Err != nil {
			return fmt.Errorf("document for %s: %w", docs[i].Index, r.Err)
		}
	}
	return nil
}
