package storetest

import (
	"testing"
	"time"

	"jikimi/telemetry"
)

// zones: buckets follow the viewer's wall clock, over both changes of the
// clocks (2026-03-08 and 2026-11-01 in New York) and where zones are not whole
// hours apart.
func (s suite) zones(t *testing.T) {
	changes := []time.Time{time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)}
	events := aroundChanges(changes)
	docs := make([]Document, len(events))
	for i, e := range events {
		docs[i] = in(devWas, request(e.at, e.ms, nil))
	}
	store := s.opened(t, 400*day, docs...)
	for _, name := range []string{"Asia/Seoul", "Asia/Kathmandu", "America/New_York"} {
		zone, err := telemetry.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			length time.Duration
			hours  int
		}{{"1h", 5 * day, 1}, {"3h", 20 * day, 3}, {"1d", 110 * day, 24}} {
			for _, change := range changes {
				t.Run(name+" "+c.name+" "+change.Format(time.DateOnly), func(t *testing.T) {
					s.checkZone(t, store, telemetry.Between(change.Add(2*day-c.length), change.Add(2*day+17*time.Minute), zone), events, c.hours)
				})
			}
		}
	}
}

func (s suite) checkZone(t *testing.T, store telemetry.Store, r telemetry.Range, events []event, hours int) {
	t.Helper()
	if got, want := r.Step(), time.Duration(hours)*time.Hour; got != want {
		t.Fatalf("step: got %v, want %v", got, want)
	}
	l := ask(t, store, query(r))
	var inside []event
	for _, e := range events {
		if !e.at.Before(r.From) && e.at.Before(r.To) {
			inside = append(inside, e)
		}
	}
	s.checkFigures(t, "total", l.Total, inside)
	s.checkBuckets(t, l.Buckets, inside, wallStart(hours, r.Zone))
}

// aroundChanges are requests every twenty minutes near each change, and a few
// on the days before.
func aroundChanges(changes []time.Time) []event {
	var events []event
	for _, change := range changes {
		for at := change.Add(-40 * time.Hour); at.Before(change.Add(2 * day)); at = at.Add(20 * time.Minute) {
			events = append(events, event{at: at, ms: float64(len(events) % 97)})
		}
		for days := 3; days < 108; days += 7 {
			at := change.Add(-time.Duration(days)*day - 5*time.Minute)
			events = append(events, event{at: at, ms: float64(days)})
		}
	}
	return events
}

// longRange: one request a day for 400 days.
func (s suite) longRange(t *testing.T) {
	r := telemetry.Between(now.Add(-400*day), now, time.UTC)
	docs := make([]Document, 400)
	events := make([]event, 400)
	for i := range events {
		events[i] = event{at: now.Add(-time.Duration(i)*day - time.Hour), ms: float64(i)}
		docs[i] = in(devWas, request(events[i].at, events[i].ms, nil))
	}
	l := ask(t, s.opened(t, 401*day, docs...), query(r))
	s.checkFigures(t, "total", l.Total, events)
	s.checkBuckets(t, l.Buckets, events, wallStart(24, time.UTC))
}
