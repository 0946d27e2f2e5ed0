package storetest

import (
	"slices"
	"testing"
	"time"

	"jikimi/telemetry"
)

// ingest: who writes how much, when last, and what could not be read.
func (s suite) ingest(t *testing.T) {
	r := lately(time.Hour)
	store := s.opened(t, retention,
		in(devWas, request(now.Add(-30*time.Minute), 1, nil)),
		in(devWas, request(now.Add(-30*time.Minute), 1, nil)),
		in(devWas, request(now.Add(-time.Minute), 1, nil)),
		in("logstash-prod-was-2026.11.19", request(now.Add(-3*day), 1, nil)), // silent since
		in("logstash-dev-unreadable-2026.11.22", fields{"timestamp": now.Add(-time.Minute).Format(time.RFC3339Nano), "message": "{cut of"}))
	t.Run("all", func(t *testing.T) { s.checkIngest(t, askIngest(t, store, r, telemetry.AllowAll())) })
	t.Run("some", func(t *testing.T) {
		a := askIngest(t, store, r, telemetry.Allow{Patterns: []string{"prod/*"}})
		if len(a.Sources) != 1 || a.Sources[0].Env != "prod" || len(a.Unreadable) != 0 {
			t.Errorf("got %+v and %+v, want prod alone", a.Sources, a.Unreadable)
		}
	})
	t.Run("none", func(t *testing.T) {
		if a := askIngest(t, store, r, telemetry.Allow{}); len(a.Sources) != 0 || len(a.Unreadable) != 0 || len(a.Refusals) != 0 {
			t.Errorf("got %+v, want nothing", a)
		}
	})
}

func askIngest(t *testing.T, store telemetry.Store, r telemetry.Range, allow telemetry.Allow) telemetry.Ingest {
	t.Helper()
	a, err := store.Ingest(t.Context(), telemetry.IngestQuery{Range: r, Allow: allow})
	if err != nil {
		t.Fatalf("Ingest: %v", err)
	}
	return a
}

func (s suite) checkIngest(t *testing.T, a telemetry.Ingest) {
	t.Helper()
	var names []string
	for _, o := range a.Sources {
		names = append(names, o.Env+"/"+o.Source)
	}
	if want := []string{"dev/unreadable", "dev/was", "prod/was"}; !slices.Equal(names, want) {
		t.Fatalf("sources: got %v, want %v", names, want)
	}
	was, silent := a.Sources[1], a.Sources[2]
	buckets := []telemetry.IngestBucket{{Start: now.Add(-30 * time.Minute), Count: 2}, {Start: now.Add(-time.Minute), Count: 1}}
	if was.Documents != 3 || !slices.Equal(was.Buckets, buckets) || !was.Last.Equal(now.Add(-time.Minute)) {
		t.Errorf("dev/was: got %+v, want 3 documents in %+v", was, buckets)
	}
	if silent.Documents != 0 || len(silent.Buckets) != 0 || !silent.Last.Equal(now.Add(-3*day)) {
		t.Errorf("prod/was: got %+v, want no document since %v", silent, now.Add(-3*day))
	}
	// Documents came at now: 30, 30 and 1 minutes after their time.
	if !s.lack.NoArrival && (was.Delayed != 3 || was.DelayP50 != 30*60_000) {
		t.Errorf("dev/was: got %d delays, median %v ms, want 3 and half an hour", was.Delayed, was.DelayP50)
	}
	if len(a.Unreadable) != 1 || a.Unreadable[0].Env != "dev" || a.Unreadable[0].Text != "{cut of" || !a.Unreadable[0].Time.Equal(now.Add(-time.Minute)) {
		t.Errorf("unreadable: got %+v", a.Unreadable)
	}
}
