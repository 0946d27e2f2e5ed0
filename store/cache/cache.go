// Package cache stands before a store: equal questions that are asked at the
// same time share one flight, an answer is kept for some seconds, and the last
// good answer stands in when the data cannot be read. A store that keeps
// failing is asked once a second only.
//
// Equal means the same question over the same resolved times, in the same zone,
// with the same Allow: what one viewer may see never reaches another. Answers
// are shared between callers, who only read them.
package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"jikimi/telemetry"
)

// Config sets the limits. A zero field gets its default.
type Config struct {
	// Timeout ends a flight: 8 s, the page's share of the time-out ladder.
	Timeout time.Duration
	// Keep is how long an answer serves equal questions: 10 s, the step `now`
	// is rounded to.
	Keep time.Duration
	// Entries is how many answers are kept: 500.
	Entries int
	// Now is the clock; time.Now.
	Now func() time.Time
}

// Store answers from the store behind it, or from what that answered before.
type Store struct {
	next    telemetry.Store
	config  Config
	flights flights
	breaker breaker
	// fresh holds answers by their exact question, last by the question as it
	// was written: `now-24h` whatever that came to.
	fresh, last *lru.Cache[string, kept]
}

var _ telemetry.Store = (*Store)(nil)

// kept is an answer and when it was given.
type kept struct {
	answer any
	at     time.Time
}

// New stands before next.
func New(next telemetry.Store, c Config) (*Store, error) {
	c.Timeout = orDefault(c.Timeout, 8*time.Second)
	c.Keep = orDefault(c.Keep, 10*time.Second)
	c.Entries = orDefault(c.Entries, 500)
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Store{next: next, config: c, flights: flights{byKey: map[string]*flight{}}}
	var err error
	if s.fresh, err = lru.New[string, kept](c.Entries); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if s.last, err = lru.New[string, kept](c.Entries); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return s, nil
}

func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// Latency implements telemetry.LatencyReader.
func (s *Store) Latency(ctx context.Context, q telemetry.LatencyQuery) (telemetry.Latency, error) {
	k := keyOf("latency", q.Values(), q.Range, q.Allow)
	return ask(ctx, s, k, func(ctx context.Context) (telemetry.Latency, error) { return s.next.Latency(ctx, q) },
		func(l *telemetry.Latency) *telemetry.Meta { return &l.Meta })
}

// Sources implements telemetry.SourceReader.
func (s *Store) Sources(ctx context.Context, q telemetry.SourcesQuery) (telemetry.Sources, error) {
	k := keyOf("sources", q.Range.Values(), q.Range, q.Allow)
	return ask(ctx, s, k, func(ctx context.Context) (telemetry.Sources, error) { return s.next.Sources(ctx, q) },
		func(a *telemetry.Sources) *telemetry.Meta { return &a.Meta })
}

// Fields implements telemetry.FieldReader.
func (s *Store) Fields(ctx context.Context, q telemetry.FieldsQuery) (telemetry.Fields, error) {
	k := keyOf("fields", q.Range.Values(), q.Range, q.Allow)
	return ask(ctx, s, k, func(ctx context.Context) (telemetry.Fields, error) { return s.next.Fields(ctx, q) },
		func(a *telemetry.Fields) *telemetry.Meta { return &a.Meta })
}

// Ingest implements telemetry.IngestReader.
func (s *Store) Ingest(ctx context.Context, q telemetry.IngestQuery) (telemetry.Ingest, error) {
	k := keyOf("ingest", q.Values(), q.Range, q.Allow)
	return ask(ctx, s, k, func(ctx context.Context) (telemetry.Ingest, error) { return s.next.Ingest(ctx, q) },
		func(a *telemetry.Ingest) *telemetry.Meta { return &a.Meta })
}

// ask answers from what is kept, else joins or starts the question's flight.
func ask[A any](ctx context.Context, s *Store, k key, next func(context.Context) (A, error), meta func(*A) *telemetry.Meta) (A, error) {
	var none A
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if e, ok := s.fresh.Get(k.exact); ok && s.config.Now().Sub(e.at) < s.config.Keep {
		return e.answer.(A), nil
	}
	if !s.breaker.allow(s.config.Now()) {
		return lastGood(ctx, s, k, errNotAsked, meta)
	}
	v, err := s.flights.join(ctx, k.exact, s.config.Timeout, func(ctx context.Context) (any, error) {
		a, err := next(ctx)
		s.note(ctx, err)
		if err == nil {
			s.keep(k, a)
		}
		return a, err
	})
	if err == nil {
		return v.(A), nil
	}
	return lastGood(ctx, s, k, err, meta)
}

// errNotAsked is what the breaker answers where there is no last good answer.
var errNotAsked = fmt.Errorf("cache: the store has not answered for a while and is tried once a second: %w", telemetry.ErrUnavailable)

// note tells the breaker how a flight ended. A question that its askers left
// says nothing about the store.
func (s *Store) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		s.breaker.succeeded()
	case errors.Is(ctx.Err(), context.Canceled):
	case unreadable(err):
		s.breaker.failed(s.config.Now())
	}
}

// unreadable says whether the data could not be read: trouble that the last
// good answer helps over.
func unreadable(err error) bool {
	return errors.Is(err, telemetry.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded)
}

func (s *Store) keep(k key, answer any) {
	e := kept{answer, s.config.Now()}
	s.fresh.Add(k.exact, e)
	s.last.Add(k.written, e)
}

// lastGood is the last answer to the question as it was written, marked stale,
// when the data cannot be read now. Any other error is the caller's to see.
func lastGood[A any](ctx context.Context, s *Store, k key, err error, meta func(*A) *telemetry.Meta) (A, error) {
	var none A
	if ctx.Err() != nil {
		return none, err
	}
	if !unreadable(err) {
		return none, err
	}
	e, ok := s.last.Get(k.written)
	if !ok {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("cache: no answer within %v: %w", s.config.Timeout, telemetry.ErrUnavailable)
		}
		return none, err
	}
	a := e.answer.(A)
	m := meta(&a) // a is a copy: the shared answer keeps its own Meta
	notice := telemetry.Notice{Code: telemetry.NoticeStale, Params: map[string]string{"since": m.AsOf.Format(time.RFC3339)}}
	m.Stale = true
	m.Notices = append([]telemetry.Notice{notice}, m.Notices...)
	return a, nil
}
