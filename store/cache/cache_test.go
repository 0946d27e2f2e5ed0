package cache

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jikimi/telemetry"
)

// fake counts questions and answers the next one by answer.
type fake struct {
	asked  atomic.Int64
	answer func(ctx context.Context) error
}

func (f *fake) Latency(ctx context.Context, _ telemetry.LatencyQuery) (telemetry.Latency, error) {
	n := f.asked.Add(1)
	if f.answer != nil {
		if err := f.answer(ctx); err != nil {
			return telemetry.Latency{}, err
		}
	}
	return telemetry.Latency{Meta: telemetry.Meta{AsOf: time.Now()}, Total: telemetry.LatencyFigures{Count: n}}, nil
}

func (f *fake) Sources(context.Context, telemetry.SourcesQuery) (telemetry.Sources, error) {
	f.asked.Add(1)
	return telemetry.Sources{}, nil
}

func (f *fake) Ingest(context.Context, telemetry.IngestQuery) (telemetry.Ingest, error) {
	f.asked.Add(1)
	return telemetry.Ingest{}, nil
}

func (f *fake) Fields(context.Context, telemetry.FieldsQuery) (telemetry.Fields, error) {
	f.asked.Add(1)
	return telemetry.Fields{}, nil
}

func open(t *testing.T, next telemetry.Store) *Store {
	t.Helper()
	s, err := New(next, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func question(t *testing.T, query string, allow telemetry.Allow) telemetry.LatencyQuery {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := telemetry.ParseLatency(v, time.Now(), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	q.Allow = allow
	return q
}

func TestEqualQuestionsShareOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(context.Context) error { time.Sleep(time.Second); return nil }}
		s, q := open(t, f), question(t, "range=24h", telemetry.AllowAll())
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				l, err := s.Latency(t.Context(), q)
				if err != nil || l.Total.Count != 1 {
					t.Errorf("got %d, %v, want the one answer", l.Total.Count, err)
				}
			})
		}
		wg.Wait()
		if n := f.asked.Load(); n != 1 {
			t.Errorf("the store was asked %d times, want once", n)
		}
	})
}

func TestDifferentQuestionsDoNotShare(t *testing.T) {
	f := &fake{}
	s := open(t, f)
	queries := []telemetry.LatencyQuery{
		question(t, "range=24h", telemetry.AllowAll()),
		question(t, "range=24h", telemetry.Allow{Patterns: []string{"dev/*"}}),
		question(t, "range=24h", telemetry.Allow{}),
		question(t, "range=24h&env=prod", telemetry.AllowAll()),
		question(t, "range=24h&source=prod", telemetry.AllowAll()),
		question(t, "range=24h&compare=week", telemetry.AllowAll()),
		question(t, "range=24h&tz=Asia/Seoul", telemetry.AllowAll()),
		question(t, "range=25h", telemetry.AllowAll()),
	}
	for i, q := range queries {
		l, err := s.Latency(t.Context(), q)
		if err != nil || l.Total.Count != int64(i+1) {
			t.Errorf("question %d got the answer %d, %v", i, l.Total.Count, err)
		}
	}
}

func TestAnswersAreKeptForSomeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		s, q := open(t, f), question(t, "from=2026-11-22&to=2026-11-23", telemetry.AllowAll())
		for _, want := range []int64{1, 1, 2} {
			l, err := s.Latency(t.Context(), q)
			if err != nil || l.Total.Count != want {
				t.Errorf("answer %d, %v, want %d", l.Total.Count, err, want)
			}
			time.Sleep(6 * time.Second)
		}
	})
}

func TestOneWhoLeavesTakesNothingFromTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		f := &fake{answer: func(ctx context.Context) error {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			ended <- ctx.Err()
			return ctx.Err()
		}}
		s, q := open(t, f), question(t, "", telemetry.AllowAll())
		leaving, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Latency(leaving, q); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who left got %v", err)
			}
		})
		wg.Go(func() {
			if _, err := s.Latency(t.Context(), q); err != nil {
				t.Errorf("the one who stayed got %v", err)
			}
		})
		synctest.Wait()
		leave()
		wg.Wait()
		if err := <-ended; err != nil {
			t.Errorf("the flight ended with %v", err)
		}
	})
}

func TestTheLastWhoLeavesEndsTheFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		f := &fake{answer: func(ctx context.Context) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}}
		s, q := open(t, f), question(t, "", telemetry.AllowAll())
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			leave()
		}()
		if _, err := s.Latency(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the flight ended with %v", err)
		}
	})
}

func TestLastGoodAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := false
		f := &fake{answer: func(context.Context) error {
			if down {
				return fmt.Errorf("disk: %w", telemetry.ErrUnavailable)
			}
			return nil
		}}
		s := open(t, f)
		first, err := s.Latency(t.Context(), question(t, "range=24h", telemetry.AllowAll()))
		if err != nil {
			t.Fatal(err)
		}
		down = true
		time.Sleep(time.Hour)
		l, err := s.Latency(t.Context(), question(t, "range=24h", telemetry.AllowAll()))
		if err != nil || !l.Stale || !l.AsOf.Equal(first.AsOf) || l.Total.Count != 1 {
			t.Errorf("got %+v, %v, want the first answer, stale", l, err)
		}
		if len(l.Notices) != 1 || l.Notices[0].Code != telemetry.NoticeStale || l.Notices[0].Params["since"] != first.AsOf.Format(time.RFC3339) {
			t.Errorf("notices %+v", l.Notices)
		}
		if _, err := s.Latency(t.Context(), question(t, "range=24h", telemetry.Allow{Patterns: []string{"dev/*"}})); !errors.Is(err, telemetry.ErrUnavailable) {
			t.Errorf("another viewer got %v", err)
		}
		down = false
		if l, err := s.Latency(t.Context(), question(t, "range=24h", telemetry.AllowAll())); err != nil || l.Stale || len(l.Notices) != 0 {
			t.Errorf("after recovery: %+v, %v", l, err)
		}
	})
}

func TestASlowStoreTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		s := open(t, f)
		began := time.Now()
		_, err := s.Latency(t.Context(), question(t, "", telemetry.AllowAll()))
		if !errors.Is(err, telemetry.ErrUnavailable) || time.Since(began) != 8*time.Second {
			t.Errorf("got %v after %v, want unavailable after 8 s", err, time.Since(began))
		}
	})
}

// TestBreaker: five failures within ten seconds, and the store is asked once a
// second until it answers.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		f := &fake{answer: func(context.Context) error {
			if down {
				return telemetry.ErrUnavailable
			}
			return nil
		}}
		s := open(t, f)
		ask := func(want error) {
			t.Helper()
			if _, err := s.Latency(t.Context(), question(t, "range=1h", telemetry.AllowAll())); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		for range 50 {
			ask(telemetry.ErrUnavailable)
		}
		if n := f.asked.Load(); n != 5 {
			t.Errorf("the store was asked %d times, want 5", n)
		}
		for range 30 { // three seconds
			time.Sleep(100 * time.Millisecond)
			ask(telemetry.ErrUnavailable)
		}
		if n := f.asked.Load(); n != 8 {
			t.Errorf("the store was asked %d times after three seconds, want 8", n)
		}
		down = false
		time.Sleep(time.Second)
		ask(nil)
		s.fresh.Purge()
		ask(nil)
		if n := f.asked.Load(); n != 10 {
			t.Errorf("the store was asked %d times after it came back, want 10", n)
		}
	})
}

// TestFewFailuresDoNotOpenTheBreaker: never five of them within ten seconds.
func TestFewFailuresDoNotOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(context.Context) error { return telemetry.ErrUnavailable }}
		s := open(t, f)
		for range 20 {
			if _, err := s.Latency(t.Context(), question(t, "range=1h", telemetry.AllowAll())); !errors.Is(err, telemetry.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			time.Sleep(2600 * time.Millisecond)
		}
		if n := f.asked.Load(); n != 20 {
			t.Errorf("the store was asked %d times, want each of 20", n)
		}
	})
}

func TestOtherErrorsAreNotHidden(t *testing.T) {
	f := &fake{}
	s, q := open(t, f), question(t, "", telemetry.AllowAll())
	if _, err := s.Latency(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	s.fresh.Purge()
	f.answer = func(context.Context) error { return telemetry.ErrInvalid }
	if _, err := s.Latency(t.Context(), q); !errors.Is(err, telemetry.ErrInvalid) {
		t.Errorf("got %v, want the store's error", err)
	}
}

func TestPanicIsAnError(t *testing.T) {
	s := open(t, &fake{answer: func(context.Context) error { panic("a bug") }})
	if _, err := s.Latency(t.Context(), question(t, "", telemetry.AllowAll())); err == nil || !strings.Contains(err.Error(), "a bug") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	f := &fake{}
	s, err := New(f, Config{Entries: 10})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if _, err := s.Latency(t.Context(), question(t, fmt.Sprintf("range=%dh", i+1), telemetry.AllowAll())); err != nil {
			t.Fatal(err)
		}
	}
	if s.fresh.Len() != 10 || s.last.Len() != 10 {
		t.Errorf("%d and %d answers are kept, want 10", s.fresh.Len(), s.last.Len())
	}
}

func TestEveryQuestionPasses(t *testing.T) {
	f := &fake{}
	s := open(t, f)
	r := question(t, "", telemetry.AllowAll()).Range
	if _, err := s.Sources(t.Context(), telemetry.SourcesQuery{Range: r, Allow: telemetry.AllowAll()}); err != nil {
		t.Error(err)
	}
	if _, err := s.Fields(t.Context(), telemetry.FieldsQuery{Range: r, Allow: telemetry.AllowAll()}); err != nil {
		t.Error(err)
	}
	if _, err := s.Ingest(t.Context(), telemetry.IngestQuery{Range: r, Allow: telemetry.AllowAll()}); err != nil {
		t.Error(err)
	}
	if n := f.asked.Load(); n != 3 {
		t.Errorf("the store was asked %d times, want three times", n)
	}
}
