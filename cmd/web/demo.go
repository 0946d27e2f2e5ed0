package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const (
	demoDays = 14
	// demoDocuments is about how many log documents the days have; the load
	// test's 20,000 samples come on top.
	demoDocuments = 200_000
	demoSeed      = 1
)

// demo serves recorded documents as if the servers had logged them until now,
// and goes on live. Its folder is a temporary one unless one is given.
func (a *app) demo(ctx context.Context) (err error) {
	dir, remove, err := a.demoFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	r, err := a.open(ctx, dir, true)
	if err != nil {
		return err
	}
	return r.run(ctx, func(ctx context.Context) error { return a.play(ctx, r) })
}

// demoFolder is the folder of the demo's documents and how to remove it at the
// end. A folder that holds something is refused: the demo must not mix its
// documents with real ones.
func (a *app) demoFolder() (dir string, remove func() error, err error) {
	dir = a.config.data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "jikimi-demo-"); err != nil {
			return "", nil, fmt.Errorf("demo: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("demo: %s cannot be read: %w", dir, bare(err))
	}
	if len(entries) > 0 {
		return "", nil, &configError{[]fault{{a.config.from["data"], fmt.Sprintf(
			"%q is not empty, and the demo does not mix its documents with others; name an empty folder or leave it out", dir)}}}
	}
	return dir, func() error { return nil }, nil
}

// play fills the past, announces the page and goes on live.
func (a *app) play(ctx context.Context, r *running) error {
	start := time.Now()
	now := a.now()
	p, err := a.player(now, r)
	if err != nil {
		return err
	}
	from := p.timeline.minute
	documents, err := p.past(ctx, now)
	if ctx.Err() != nil {
		return nil // ending is not a fault
	}
	if err != nil {
		return storeFault(r.dir, err)
	}
	a.log.Info("demo: recorded documents written", "documents", documents,
		"from", from, "to", now.UTC(), "took", time.Since(start).Round(time.Millisecond))
	if err := a.announce(r); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	p.live(ctx, tick.C)
	return nil
}

// player begins at the oldest document that is kept for the next hour.
func (a *app) player(now time.Time, r *running) (*player, error) {
	rec, err := loadRecording()
	if err != nil {
		return nil, err
	}
	days := min(demoDays*24*time.Hour, a.config.retention-time.Hour)
	t, err := newTimeline(rec, demoDocuments, demoSeed, now.Add(-days), now)
	if err != nil {
		return nil, err
	}
	return &player{timeline: t, writer: r.store, log: a.log}, nil
}
