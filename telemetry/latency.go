package telemetry

import (
	"net/url"
	"time"
)

// Compare is the earlier period a question also asks about.
type Compare string

// The earlier periods.
const (
	CompareNone     Compare = "none"     // none
	ComparePrevious Compare = "previous" // equally long, just before
	CompareWeek     Compare = "week"     // the same times a week earlier
)

// LatencyQuery asks how long requests took.
//
// A request is a document of the protocol HTTP that reports an outcome: see
// Kind. Requests are counted at the time they ended.
type LatencyQuery struct {
	Range   Range
	Scope   Scope
	Allow   Allow
	Filters []Filter
	Compare Compare
}

// ParseLatency reads a question from a URL's query: the range (see
// ParseRange), `env`, `source`, `host`, `filter`, and `compare`. Allow is left
// at its zero value, which allows nothing: the caller sets it.
func ParseLatency(v url.Values, now time.Time, zone *time.Location) (LatencyQuery, error) {
	var q LatencyQuery
	var err error
	if q.Range, err = ParseRange(v, now, zone); err != nil {
		return LatencyQuery{}, err
	}
	if q.Scope, err = parseScope(v); err != nil {
		return LatencyQuery{}, err
	}
	if q.Filters, err = parseFilters(v); err != nil {
		return LatencyQuery{}, err
	}
	switch c := Compare(v.Get("compare")); c {
	case "":
		q.Compare = ComparePrevious
	case CompareNone, ComparePrevious, CompareWeek:
		q.Compare = c
	default:
		return LatencyQuery{}, invalid("compare", string(c), "compare")
	}
	return q, nil
}

// Values is the question as URL parameters: what ParseLatency reads back.
func (q LatencyQuery) Values() url.Values {
	v := q.Range.Values()
	q.Scope.addTo(v)
	addFilters(v, q.Filters)
	if q.Compare != ComparePrevious {
		v.Set("compare", string(q.Compare))
	}
	return v
}

// Narrowed says whether the scope or a filter leaves anything out.
func (q LatencyQuery) Narrowed() bool {
	return len(q.Scope.Env)+len(q.Scope.Source)+len(q.Scope.Host)+len(q.Filters) > 0
}

// Earlier is the range of the comparison, and whether there is one.
func (q LatencyQuery) Earlier() (Range, bool) {
	switch q.Compare {
	case ComparePrevious:
		return q.Range.Before(), true
	case CompareWeek:
		return q.Range.WeekBefore(), true
	}
	return Range{}, false
}

// Latency answers a LatencyQuery.
type Latency struct {
	Meta
	// Total is over the whole range: percentiles are asked again, never
	// averaged over buckets.
	Total LatencyFigures
	// Buckets hold requests, oldest first; empty buckets are left out.
	Buckets []LatencyBucket
	// Earlier and EarlierBuckets are the same for the comparison period, with
	// the times they happened at. Compared says whether one was asked for.
	Compared       bool
	Earlier        LatencyFigures
	EarlierBuckets []LatencyBucket
}

// LatencyBucket is the requests that ended in [Start, Start+step).
type LatencyBucket struct {
	// Start is one of Range.Buckets(), in UTC.
	Start time.Time
	LatencyFigures
}

// LatencyFigures sum up some requests. Durations are in milliseconds with
// fractions. Percentiles interpolate linearly between ranks, as k6 does.
type LatencyFigures struct {
	// Count is the number of requests; Failed of them were the server's fault:
	// a status of 500 or more, or no answer. 4xx are not.
	Count, Failed int64
	// Timed is how many of them have a duration: what the percentiles are of.
	// With none, the percentiles and Max are 0 and mean nothing.
	Timed              int64
	P50, P95, P99, Max float64
}

// FailedShare is the share of failed requests from 0 to 1, and whether there
// were any requests to have a share of.
func (f LatencyFigures) FailedShare() (float64, bool) {
	if f.Count == 0 {
		return 0, false
	}
	return float64(f.Failed) / float64(f.Count), true
}

// FewSamples is the number of timed requests under which a percentile says
// little: pages then show the maximum and the count.
const FewSamples = 20
