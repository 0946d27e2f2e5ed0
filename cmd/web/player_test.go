package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"jikimi/ingest"
)

// writer keeps what it is given, or refuses it.
type writer struct {
	mu     sync.Mutex
	docs   []ingest.Document
	err    error // of the call
	refuse error // of each document
}

func (w *writer) Write(ctx context.Context, docs []ingest.Document) ([]ingest.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := errors.Join(w.err, ctx.Err()); err != nil {
		return nil, err
	}
	w.docs = append(w.docs, docs...)
	results := make([]ingest.Result, len(docs))
	for i := range results {
		results[i].Err = w.refuse
	}
	return results, nil
}

func TestPlayerPast(t *testing.T) {
	w := &writer{}
	p := &player{timeline: theTimeline(t, theRecording(t), 1, day), writer: w, log: slog.New(slog.DiscardHandler)}
	n, err := p.past(t.Context(), demoNow())
	if err != nil {
		t.Fatal(err)
	}
	if len(w.docs) != n || n < 10_000 {
		t.Errorf("got %d documents written, told %d, want the same, some 20,000", len(w.docs), n)
	}
	if late := p.timeline.due(demoNow()); len(late) > 0 {
		t.Errorf("got %d documents left of the past, want none", len(late))
	}
}

func TestPlayerFails(t *testing.T) {
	r := theRecording(t)
	broken, refused := errors.New("disk broken"), &ingest.RefusedError{Type: "too_old", Reason: "is too old"}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		ctx  context.Context
		w    *writer
		want error
	}{
		{t.Context(), &writer{err: broken}, broken}, {t.Context(), &writer{refuse: refused}, refused}, {ended, &writer{}, context.Canceled},
	} {
		p := &player{timeline: theTimeline(t, r, 1, day), writer: tt.w, log: slog.New(slog.DiscardHandler)}
		if _, err := p.past(tt.ctx, demoNow()); !errors.Is(err, tt.want) {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
}

// Live, each tick writes what fell due; a fault is logged and the next tick
// goes on; the end of the context ends it.
func TestPlayerLive(t *testing.T) {
	var log bytes.Buffer
	w := &writer{}
	p := &player{timeline: theTimeline(t, theRecording(t), 1, 0), writer: w, log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	ticks, ended := make(chan time.Time), make(chan struct{})
	go func() {
		p.live(ctx, ticks)
		close(ended)
	}()
	ticks <- demoNow().Add(10 * time.Minute)
	ticks <- demoNow().Add(10 * time.Minute) // nothing new; the first is written now
	first := len(w.docs)
	w.err = ingest.ErrFull
	ticks <- demoNow().Add(20 * time.Minute)
	ticks <- demoNow().Add(20 * time.Minute)
	w.err = nil
	ticks <- demoNow().Add(30 * time.Minute)
	ticks <- demoNow().Add(30 * time.Minute)
	cancel()
	<-ended
	if first == 0 || len(w.docs) <= first {
		t.Errorf("got %d documents, then %d, want more each time", first, len(w.docs))
	}
	if n := strings.Count(log.String(), "documents left out"); n != 1 {
		t.Errorf("got %d lines about documents left out, want 1: %s", n, log.String())
	}
}
