package telemetry

import (
	"net/url"
	"time"
)

// IngestQuery asks how documents arrive.
type IngestQuery struct {
	Range Range
	Allow Allow
}

// ParseIngest reads a question from a URL's query: the range (see ParseRange),
// the last hour where the URL names none. Allow is left at its zero value.
func ParseIngest(v url.Values, now time.Time, zone *time.Location) (IngestQuery, error) {
	if v.Get("range") == "" && v.Get("from") == "" && v.Get("to") == "" {
		v = url.Values{"range": {"1h"}, "tz": v["tz"]}
	}
	r, err := ParseRange(v, now, zone)
	return IngestQuery{Range: r}, err
}

// Values is the question as URL parameters: what ParseIngest reads back.
func (q IngestQuery) Values() url.Values { return q.Range.Values() }

// Ingest answers an IngestQuery.
type Ingest struct {
	Meta
	// Sources wrote documents that are kept, whether in the range or before it:
	// by env and source.
	Sources []IngestSource
	// Unreadable are the newest documents of the range that could not be read
	// when they came and are kept as raw text, at most ten.
	Unreadable []Unreadable
	// Refusals are documents that were not taken since the program started, by
	// what was wrong with them, newest first.
	Refusals []Refusal
	// Kept is what is on disk; zero for a store that does not keep it itself.
	Kept Kept
}

// IngestSource is how one source's documents arrive.
type IngestSource struct {
	Env, Source string
	// Documents is their number in the range, by the time they say; Buckets is
	// the same by bucket of the range, oldest first, without empty ones.
	Documents int64
	Buckets   []IngestBucket
	// Last is the time of the newest document kept, in UTC.
	Last time.Time
	// Delayed is how many of the range's documents say when they arrived;
	// DelayP50 and DelayP95 are how long after their own time that was, in
	// milliseconds, negative where a clock runs ahead.
	Delayed            int64
	DelayP50, DelayP95 float64
}

// IngestBucket is how many documents of [Start, Start+step) there are.
type IngestBucket struct {
	Start time.Time // one of Range.Buckets()
	Count int64
}

// SourceUnreadable is the source of documents that could not be read when they
// came.
const SourceUnreadable = "unreadable"

// Unreadable is a document that is kept as raw text.
type Unreadable struct {
	Env  string
	Time time.Time
	Text string // its beginning
}

// Refusal is documents of one source that were refused for one reason.
type Refusal struct {
	Env, Source string
	// Type is the name Elasticsearch has for it; Reason is the newest one's
	// sentence, Sample the beginning of its text.
	Type, Reason, Sample string
	Count                int64
	Last                 time.Time
}

// Kept is what a store keeps itself.
type Kept struct {
	Days      int
	Oldest    time.Time
	Bytes     int64
	Retention time.Duration
}
