package storetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"jikimi/telemetry"
)

// event is a request as this suite computes with it. A negative duration is
// one that is missing.
type event struct {
	at     time.Time
	ms     float64
	failed bool
}

// figures computes what a store must answer about some requests.
func figures(events []event) (f telemetry.LatencyFigures, sorted []float64) {
	for _, e := range events {
		f.Count++
		if e.failed {
			f.Failed++
		}
		if e.ms >= 0 {
			sorted = append(sorted, e.ms)
		}
	}
	slices.Sort(sorted)
	f.Timed = int64(len(sorted))
	f.P50, f.P95, f.P99 = quantile(sorted, .5), quantile(sorted, .95), quantile(sorted, .99)
	f.Max = quantile(sorted, 1)
	return f, sorted
}

// quantile interpolates linearly between ranks, as k6 does.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := min(max(q, 0), 1) * float64(len(sorted)-1)
	low := int(rank)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (rank-float64(low))*(sorted[low+1]-sorted[low])
}

// checkFigures compares an answer with what the events come to.
func (s suite) checkFigures(t *testing.T, what string, got telemetry.LatencyFigures, events []event) {
	t.Helper()
	want, sorted := figures(events)
	if got.Count != want.Count || got.Failed != want.Failed || got.Timed != want.Timed || !near(got.Max, want.Max) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
	for _, p := range []struct {
		name           string
		got, q, margin float64
	}{{"p50", got.P50, .5, .005}, {"p95", got.P95, .95, .005}, {"p99", got.P99, .99, .001}} {
		low, high := quantile(sorted, p.q), quantile(sorted, p.q)
		if s.lack.EstimatedPercentiles {
			low, high = quantile(sorted, p.q-p.margin), quantile(sorted, p.q+p.margin)
		}
		if p.got < low && !near(p.got, low) || p.got > high && !near(p.got, high) {
			t.Errorf("%s: %s: got %v, want from %v to %v", what, p.name, p.got, low, high)
		}
	}
}

// near allows for the last bits of sums and products of floating point numbers.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// checkBuckets compares buckets with events sorted into theirs by start.
func (s suite) checkBuckets(t *testing.T, got []telemetry.LatencyBucket, events []event, start func(time.Time) time.Time) {
	t.Helper()
	want := map[time.Time][]event{}
	for _, e := range events {
		want[start(e.at)] = append(want[start(e.at)], e)
	}
	for i, b := range got {
		if i > 0 && !got[i-1].Start.Before(b.Start) {
			t.Errorf("bucket %v: got it after %v, want oldest first", b.Start, got[i-1].Start)
		}
		if b.Count == 0 || len(want[b.Start]) == 0 {
			t.Errorf("bucket %v: got %d requests, want no such bucket", b.Start, b.Count)
			continue
		}
		s.checkFigures(t, "bucket "+b.Start.String(), b.LatencyFigures, want[b.Start])
		delete(want, b.Start)
	}
	for start, events := range want {
		t.Errorf("bucket %v: got none, want %d requests", start, len(events))
	}
}

// epochStart is the start of a bucket shorter than an hour.
func epochStart(step time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time { return t.UTC().Truncate(step) }
}

// wallStart is the start of a bucket of whole hours of a zone's wall clock: the
// first quarter of an hour that reads the same date and the same slot of
// hours. Of an hour that the clocks repeat, single hours are told apart.
func wallStart(hours int, zone *time.Location) func(time.Time) time.Time {
	type slot struct {
		year, day, hours, offset int
	}
	of := func(t time.Time) slot {
		l := t.In(zone)
		s := slot{year: l.Year(), day: l.YearDay(), hours: l.Hour() / hours}
		if hours == 1 {
			_, s.offset = l.Zone()
		}
		return s
	}
	return func(t time.Time) time.Time {
		start := t.UTC().Truncate(15 * time.Minute)
		for of(start.Add(-15*time.Minute)) == of(t) {
			start = start.Add(-15 * time.Minute)
		}
		return start
	}
}
