package ingest

import (
	"context"
	"time"
)

// Limits bound what a request may cost.
type Limits struct {
	// Wire and Body are the bytes of a body as it comes and unpacked.
	Wire, Body int64
	// Documents is how many one body may have.
	Documents int
	// Bodies is how many are read at a time.
	Bodies int
	// Patience is how long a request waits for a place, or, when a part of its
	// documents is stored, for the writer to have room.
	Patience time.Duration
	// Write is how long the writer may take for a part of a body.
	Write time.Duration
}

const (
	maxActionBytes = 64 << 10 // of a line that says what to do
	maxIDBytes     = 512      // of an id, as in Elasticsearch
	maxSetupBytes  = 4 << 20  // of a template, policy or index, unpacked
	batchDocuments = 2000     // handed to the writer at a time
	batchBytes     = 2 << 20
)

func (l Limits) withDefaults() Limits {
	if l.Wire <= 0 {
		l.Wire = 100 << 20 // as Elasticsearch
	}
	if l.Body <= 0 {
		l.Body = 100 << 20
	}
	if l.Documents <= 0 {
		l.Documents = 50_000
	}
	if l.Bodies <= 0 {
		l.Bodies = 16
	}
	if l.Patience <= 0 {
		l.Patience = 5 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 30 * time.Second
	}
	return l
}

// takePlace waits for one of the places for bodies, and gives it back with leave.
func (e *Endpoint) takePlace(ctx context.Context) (leave func(), err error) {
	leave = func() { <-e.places }
	select {
	case e.places <- struct{}{}:
		return leave, nil
	default:
	}
	t := time.NewTimer(e.config.Limits.Patience)
	defer t.Stop()
	select {
	case e.places <- struct{}{}:
		return leave, nil
	case <-t.C:
		return nil, busy()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
