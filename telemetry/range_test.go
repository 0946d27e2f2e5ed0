package telemetry

import (
	"errors"
	"net/url"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func TestParseRange(t *testing.T) {
	seoul := zone(t, "Asia/Seoul")
	now := at(t, "2026-11-24T06:07:38.9Z")
	tests := []struct {
		query, from, to string
	}{
		{"", "2026-11-23T06:07:30Z", "2026-11-24T06:07:30Z"},
		{"range=15m", "2026-11-24T05:52:35Z", "2026-11-24T06:07:35Z"},
		{"range=7d", "2026-11-17T06:07:30Z", "2026-11-24T06:07:30Z"},
		{"range=2w", "2026-11-10T06:07:30Z", "2026-11-24T06:07:30Z"},
		{"from=now/d&to=now/d", "2026-11-23T15:00:00Z", "2026-11-24T15:00:00Z"},
		{"from=now-1d/d&to=now-1d/d", "2026-11-22T15:00:00Z", "2026-11-23T15:00:00Z"},
		{"from=now/w&to=now", "2026-11-22T15:00:00Z", "2026-11-24T06:07:30Z"},
		{"from=2026-11-22T09:00&to=2026-11-22T10:30", "2026-11-22T00:00:00Z", "2026-11-22T01:30:00Z"},
		{"from=2026-11-22T09:00:00Z&to=2026-11-22T10:00:00%2B09:00", "", ""},
		{"from=2026-11-22T00:00:00Z&to=2026-11-22T10:00:00%2B09:00", "2026-11-22T00:00:00Z", "2026-11-22T01:00:00Z"},
		{"from=2026-11-22&to=2026-11-23", "2026-11-21T15:00:00Z", "2026-11-22T15:00:00Z"},
		{"from=2026-11-22T09:00:00.25Z&to=now", "2026-11-22T09:00:00.25Z", "2026-11-24T06:07:30Z"},
		{"range=1h&tz=America/New_York", "2026-11-24T05:07:30Z", "2026-11-24T06:07:30Z"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			v, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			r, err := ParseRange(v, now, seoul)
			if tt.from == "" {
				if !errors.Is(err, ErrInvalid) {
					t.Fatalf("error %v, want ErrInvalid", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := r.From, at(t, tt.from); !got.Equal(want) {
				t.Errorf("from %v, want %v", got, want)
			}
			if got, want := r.To, at(t, tt.to); !got.Equal(want) {
				t.Errorf("to %v, want %v", got, want)
			}
			again, err := ParseRange(r.Values(), now, seoul)
			if err != nil || !again.Equal(r) || !again.From.Equal(r.From) || !again.To.Equal(r.To) {
				t.Errorf("Parse(Values()) = %+v, %v, want %+v", again, err, r)
			}
		})
	}
}

func TestParseRangeRefuses(t *testing.T) {
	now := at(t, "2026-11-24T06:07:38Z")
	tests := map[string]string{
		"range=yesterday":                     "range",
		"range=0h":                            "range",
		"range=-1h":                           "range",
		"range=9999999d":                      "range",
		"range=99999d":                        "range-long",
		"range=401d":                          "range-long",
		"from=1926-11-24&to=2026-11-24":       "range-long",
		"range=1h&from=now-2h":                "range-twice",
		"to=now":                              "range",
		"from=now&to=now-1h":                  "range-reversed",
		"from=now&to=now":                     "range-reversed",
		"from=now-1h&to=tomorrow":             "time",
		"from=now%2B1h&to=now":                "time",
		"from=2026-13-01&to=now":              "time",
		"from={{.}}&to=now":                   "time",
		"tz=Local":                            "zone",
		"tz=../../etc/passwd":                 "zone",
		"tz=Seoul":                            "zone",
		"from=99999-01-01T00:00:00Z&to=now":   "time",
		"from=now-1h/x&to=now":                "time",
		"from=0000-01-01T00:00:00Z&to=now-1h": "time",
	}
	for query, code := range tests {
		t.Run(query, func(t *testing.T) {
			v, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseRange(v, now, time.UTC)
			var bad *InvalidError
			if !errors.As(err, &bad) || bad.Code != code {
				t.Errorf("error %v, want code %s", err, code)
			}
		})
	}
}

func TestNowIsShared(t *testing.T) {
	v := url.Values{"range": {"24h"}}
	a, err := ParseRange(v, at(t, "2026-11-24T06:07:31Z"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ParseRange(v, at(t, "2026-11-24T06:07:39.9Z"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if !a.From.Equal(b.From) || !a.To.Equal(b.To) {
		t.Errorf("ranges of one ten seconds differ: %v–%v and %v–%v", a.From, a.To, b.From, b.To)
	}
}

func TestStep(t *testing.T) {
	tests := []struct {
		length, want time.Duration
	}{
		{time.Second, time.Second}, {200 * time.Second, time.Second}, {201 * time.Second, 5 * time.Second},
		{15 * time.Minute, 5 * time.Second}, {time.Hour, 30 * time.Second}, {6 * time.Hour, 5 * time.Minute},
		{24 * time.Hour, 10 * time.Minute}, {7 * 24 * time.Hour, time.Hour}, {14 * 24 * time.Hour, 3 * time.Hour},
		{30 * 24 * time.Hour, 12 * time.Hour}, {MaxRange, 24 * time.Hour},
	}
	end := at(t, "2026-11-24T00:00:00Z")
	for _, tt := range tests {
		if got := Between(end.Add(-tt.length), end, time.UTC).Step(); got != tt.want {
			t.Errorf("step of %v is %v, want %v", tt.length, got, tt.want)
		}
	}
}

// TestBuckets pins bucket starts around both clock changes of 2026 in New York
// (8 March 07:00 UTC forward, 1 November 06:00 UTC back) and in zones with odd
// offsets.
func TestBuckets(t *testing.T) {
	tests := []struct {
		name, zone, from, to string
		step                 time.Duration
		want                 map[int]string // some indices
		count                int
	}{
		{"epoch", "Asia/Kathmandu", "2026-11-22T00:03:00Z", "2026-11-23T00:03:00Z", 10 * time.Minute,
			map[int]string{0: "2026-11-22T00:00:00Z", 1: "2026-11-22T00:10:00Z", 144: "2026-11-23T00:00:00Z"}, 145},
		{"hours in Kathmandu", "Asia/Kathmandu", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z", time.Hour,
			map[int]string{0: "2026-11-19T23:15:00Z", 1: "2026-11-20T00:15:00Z", 168: "2026-11-26T23:15:00Z"}, 169},
		{"hours back in New York", "America/New_York", "2026-10-29T04:00:00Z", "2026-11-05T05:00:00Z", time.Hour,
			map[int]string{0: "2026-10-29T04:00:00Z", 73: "2026-11-01T05:00:00Z", 74: "2026-11-01T06:00:00Z"}, 169},
		{"three hours back in New York", "America/New_York", "2026-10-24T04:00:00Z", "2026-11-07T05:00:00Z", 3 * time.Hour,
			map[int]string{64: "2026-11-01T04:00:00Z", 65: "2026-11-01T08:00:00Z", 66: "2026-11-01T11:00:00Z"}, 112},
		{"three hours forward in New York", "America/New_York", "2026-03-01T05:00:00Z", "2026-03-15T04:00:00Z", 3 * time.Hour,
			map[int]string{56: "2026-03-08T05:00:00Z", 57: "2026-03-08T07:00:00Z", 58: "2026-03-08T10:00:00Z"}, 112},
		{"days over a year in New York", "America/New_York", "2025-11-24T05:00:00Z", "2026-11-24T05:00:00Z", 24 * time.Hour,
			map[int]string{0: "2025-11-24T05:00:00Z", 104: "2026-03-08T05:00:00Z", 105: "2026-03-09T04:00:00Z", 343: "2026-11-02T05:00:00Z"}, 365},
		{"half days in Seoul", "Asia/Seoul", "2026-10-24T18:00:00Z", "2026-11-24T18:00:00Z", 12 * time.Hour,
			map[int]string{0: "2026-10-24T15:00:00Z", 1: "2026-10-25T03:00:00Z"}, 63},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Between(at(t, tt.from), at(t, tt.to), zone(t, tt.zone))
			if r.Step() != tt.step {
				t.Fatalf("step %v, want %v", r.Step(), tt.step)
			}
			starts := r.Buckets()
			if len(starts) != tt.count {
				t.Errorf("%d buckets, want %d", len(starts), tt.count)
			}
			for i, want := range tt.want {
				if i >= len(starts) || !starts[i].Equal(at(t, want)) {
					t.Errorf("bucket %d is not %s; around: %v", i, want, starts[max(0, i-1):min(len(starts), i+2)])
				}
			}
			checkBuckets(t, r, starts)
		})
	}
}

// checkBuckets holds for every range: buckets ascend, cover it, and the runs
// say the same.
func checkBuckets(t *testing.T, r Range, starts []time.Time) {
	t.Helper()
	if starts[0].After(r.From) || !starts[len(starts)-1].Before(r.To) {
		t.Errorf("buckets %v … %v do not cover %v – %v", starts[0], starts[len(starts)-1], r.From, r.To)
	}
	var fromRuns []time.Time
	for _, run := range r.Runs() {
		for s := run.Start; s.Before(run.End); s = s.Add(run.Step) {
			fromRuns = append(fromRuns, s)
		}
	}
	if len(fromRuns) != len(starts) {
		t.Fatalf("runs give %d buckets, Buckets() %d", len(fromRuns), len(starts))
	}
	for i := range starts {
		if !starts[i].Equal(fromRuns[i]) || i > 0 && !starts[i].After(starts[i-1]) {
			t.Fatalf("bucket %d: %v in runs, %v in Buckets()", i, fromRuns[i], starts[i])
		}
		if Bucket(starts, starts[i].Add(time.Microsecond)) != i {
			t.Fatalf("Bucket() does not find bucket %d", i)
		}
	}
}

func TestEarlierRanges(t *testing.T) {
	r := Between(at(t, "2026-11-03T05:00:00Z"), at(t, "2026-11-04T05:00:00Z"), zone(t, "America/New_York"))
	if b := r.Before(); !b.From.Equal(at(t, "2026-11-02T05:00:00Z")) || !b.To.Equal(r.From) {
		t.Errorf("before: %v – %v", b.From, b.To)
	}
	if w := r.WeekBefore(); !w.From.Equal(at(t, "2026-10-27T04:00:00Z")) || !w.To.Equal(at(t, "2026-10-28T04:00:00Z")) {
		t.Errorf("a week before, at the same wall clock: %v – %v", w.From, w.To)
	}
}

func TestElapsed(t *testing.T) {
	now := at(t, "2026-11-24T06:07:30Z")
	tests := []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-11-24T05:07:30Z", "2026-11-24T06:07:30Z", time.Hour},
		{"2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", 6*time.Hour + 7*time.Minute + 30*time.Second},
		{"2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z", time.Second},
	}
	for _, tt := range tests {
		r := Between(at(t, tt.from), at(t, tt.to), time.UTC)
		r.Now = now
		if got := r.Elapsed(); got != tt.want {
			t.Errorf("%s – %s at %v: %v, want %v", tt.from, tt.to, now, got, tt.want)
		}
	}
}
