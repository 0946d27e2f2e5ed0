package elastic

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"jikimi/telemetry"
)

// Latency implements telemetry.LatencyReader.
func (s *Store) Latency(ctx context.Context, q telemetry.LatencyQuery) (telemetry.Latency, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Latency{}, err
	}
	if err := checkFilters(q.Filters); err != nil {
		return telemetry.Latency{}, err
	}
	l, err := s.latency(ctx, q)
	if err != nil {
		return telemetry.Latency{}, s.unavailable(ctx, "latency", err)
	}
	return l, nil
}

func (s *Store) latency(ctx context.Context, q telemetry.LatencyQuery) (telemetry.Latency, error) {
	l := telemetry.Latency{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	list, err := s.indices(ctx)
	if err != nil {
		return l, err
	}
	spans := latencySpans(q)
	list = noteUnread(selected(list, q.Allow, q.Scope, earliest(spans)), &l.Meta)
	noteOdd(list, []telemetry.Role{telemetry.RoleTime, telemetry.RoleDuration}, &l.Meta)
	asks := latencyAsks(grouped(list), q, spans)
	answers, err := s.search(ctx, latencyItems(asks), &l.Meta)
	if err != nil {
		return l, err
	}
	t := newTally()
	for i, a := range answers {
		if err := t.add(i, asks[i], a); err != nil {
			return l, err
		}
	}
	if err := s.climb(ctx, t, asks, &l.Meta); err != nil {
		return l, err
	}
	t.fill(&l, spans)
	return l, nil
}

// span is one of the periods that are compared.
type span struct {
	name string // of its aggregation
	telemetry.Range
	starts []time.Time
}

const (
	thisPeriod    = "this"
	earlierPeriod = "earlier"
)

func latencySpans(q telemetry.LatencyQuery) []span {
	spans := []span{{thisPeriod, q.Range, q.Range.Buckets()}}
	if r, ok := q.Earlier(); ok {
		spans = append(spans, span{earlierPeriod, r, r.Buckets()})
	}
	return spans
}

func earliest(spans []span) time.Time {
	from := spans[0].From
	for _, s := range spans {
		if s.From.Before(from) {
			from = s.From
		}
	}
	return from
}

// latencyAsk is one search: the requests of a group of indices whose time is
// read from one field and whose duration from another, in one unit.
type latencyAsk struct {
	group group
	time  field
	// duration is empty where no document of the group has one.
	duration unitField
	readers  []reader
	// requests finds each reader's documents, in the order of readers, and
	// failed those of them that failed.
	requests, failed []object
	spans            []span
}

// latencyAsks cuts the question so that every search has one time field and
// one duration.
func latencyAsks(groups []group, q telemetry.LatencyQuery, spans []span) []latencyAsk {
	var out []latencyAsk
	for _, g := range groups {
		readers := g.readers()
		for _, at := range timeFields(readers) {
			for _, d := range durations(readers) {
				a := latencyAsk{group: g, time: at, duration: d, spans: spans}
				for _, r := range readers {
					a.include(r, q)
				}
				if len(a.requests) > 0 {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// include adds a reader's requests that have the search's time and duration.
func (a *latencyAsk) include(r reader, q telemetry.LatencyQuery) {
	at, timed := r.timeIs(a.time)
	from, has := r.durationIs(a.duration)
	if !timed || !has || r.profile.Sample {
		return
	}
	mine := allOf(r.mine, at, from, r.requests(), r.hosts(q.Scope.Host), r.filtered(q.Filters))
	a.readers, a.requests = append(a.readers, r), append(a.requests, mine)
	a.failed = append(a.failed, allOf(r.mine, r.failed()))
}

// timeFields are all fields that a document's time may be read from.
func timeFields(readers []reader) []field {
	var out []field
	for _, r := range readers {
		for _, f := range r.fields[telemetry.RoleTime] {
			if !slices.Contains(out, f.field) {
				out = append(out, f.field)
			}
		}
	}
	return out
}

// durations are all fields that a request's duration may be read from; an
// empty one stands for none.
func durations(readers []reader) []unitField {
	var out []unitField
	for _, r := range readers {
		list := r.fields[telemetry.RoleDuration]
		if len(list) == 0 && !r.profile.Sample {
			list = []unitField{{}}
		}
		for _, f := range list {
			if !r.profile.Sample && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// timeIs finds the reader's documents whose time is read from a field.
func (r reader) timeIs(f field) (object, bool) {
	list := r.fields[telemetry.RoleTime]
	at := slices.IndexFunc(list, func(u unitField) bool { return u.field == f })
	if at < 0 {
		return nil, false
	}
	return allOf(exists(f), lacks(list[:at])), true
}

// durationIs finds the reader's documents whose duration is read from a field.
// Those without a duration go with the first.
func (r reader) durationIs(f unitField) (object, bool) {
	list := r.fields[telemetry.RoleDuration]
	at := slices.Index(list, f)
	switch {
	case at < 0:
		return nil, len(list) == 0 && f == unitField{}
	case len(list) == 1:
		return nil, true
	case at == 0:
		others := reader{fields: map[telemetry.Role][]unitField{telemetry.RoleDuration: list[1:]}}
		return anyOf(positive(f.field), noneOf(others.timed())), true
	}
	better := reader{fields: map[telemetry.Role][]unitField{telemetry.RoleDuration: list[:at]}}
	return allOf(positive(f.field), noneOf(better.timed())), true
}

func latencyItems(asks []latencyAsk) []item {
	out := make([]item, len(asks))
	for i, a := range asks {
		out[i] = item{indices: a.group.names(), body: latencyBody(a)}
	}
	return out
}

// bodyTimeout asks the cluster to stop early; it does so at best.
const bodyTimeout = "8s"

// latencyBody asks for the figures of each period and of its buckets.
func latencyBody(a latencyAsk) object {
	aggs := object{}
	var when []object
	for _, s := range a.spans {
		when = append(when, within(a.time, s.From, s.To))
		sub := a.figures()
		sub["buckets"] = withAggs(bucketsBody(a.time, s.starts, s.To), a.figures())
		aggs[s.name] = withAggs(object{"filter": within(a.time, s.From, s.To)}, sub)
	}
	if len(a.readers) > 1 { // to know whose fields were read
		for i, r := range a.readers {
			aggs[r.profile.Name] = object{"filter": orAll(a.requests[i])}
		}
	}
	return object{
		"size": 0, "track_total_hits": false, "timeout": bodyTimeout,
		"query": allOf(anyOf(when...), anyOf(a.requests...)),
		"aggs":  aggs,
	}
}

func withAggs(agg, sub object) object {
	agg["aggs"] = sub
	return agg
}

func orAll(c object) object {
	if c == nil {
		return object{"match_all": object{}}
	}
	return c
}

// topValues is how many of the longest durations are listed besides the
// estimated percentiles: enough to have p95 of 200 requests exactly.
const topValues = 12

// figures are the aggregations that telemetry.LatencyFigures are read from.
func (a latencyAsk) figures() object {
	out := object{"failed": object{"filter": orAll(anyOf(a.failed...))}}
	if a.duration.at != "" {
		out["timed"] = object{"filter": positive(a.duration.field), "aggs": object{
			"percentiles": object{"percentiles": object{"field": a.duration.at, "percents": []float64{50, 95, 99}, "keyed": false}},
			"max":         object{"max": object{"field": a.duration.at}},
			"top":         object{"terms": object{"field": a.duration.at, "size": topValues, "order": object{"_key": "desc"}}},
		}}
	}
	return out
}

// bucketsBody cuts at the starts that telemetry.Range gives. Buckets of one
// length are a date_histogram; across a change of the clocks they are ranges.
func bucketsBody(f field, starts []time.Time, to time.Time) object {
	if step, ok := evenStep(starts, to); ok {
		offset := starts[0].UnixMilli() % step.Milliseconds()
		return object{"date_histogram": object{
			"field": f.at, "fixed_interval": millis(step), "offset": strconv.FormatInt(offset, 10) + "ms", "min_doc_count": 1,
		}}
	}
	ranges := make([]object, len(starts))
	for i, s := range starts {
		end := to
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		ranges[i] = object{"from": s.UnixMilli(), "to": ceilMillis(end)}
	}
	return object{"range": object{"field": f.at, "ranges": ranges}}
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + "ms" }

// evenStep is the length of the buckets if all have the same.
func evenStep(starts []time.Time, to time.Time) (time.Duration, bool) {
	if len(starts) < 2 {
		return to.Sub(starts[0]).Truncate(time.Millisecond) + time.Millisecond, true
	}
	step := starts[1].Sub(starts[0])
	for i := 1; i < len(starts); i++ {
		if starts[i].Sub(starts[i-1]) != step {
			return 0, false
		}
	}
	return step, to.Sub(starts[len(starts)-1]) <= step
}

// figuresAnswer is what figures asks for.
type figuresAnswer struct {
	Count  int64 `json:"doc_count"`
	Failed struct {
		Count int64 `json:"doc_count"`
	} `json:"failed"`
	Timed struct {
		Count       int64 `json:"doc_count"`
		Percentiles struct {
			Values []struct {
				Value *float64 `json:"value"`
			} `json:"values"`
		} `json:"percentiles"`
		Max struct {
			Value *float64 `json:"value"`
		} `json:"max"`
		Top struct {
			Buckets []struct {
				Key   float64 `json:"key"`
				Count int64   `json:"doc_count"`
			} `json:"buckets"`
		} `json:"top"`
	} `json:"timed"`
}

// periodAnswer is the answer about one period, or about one reader's share.
type periodAnswer struct {
	figuresAnswer
	Buckets struct {
		Buckets []bucketAnswer `json:"buckets"`
	} `json:"buckets"`
}

// bucketAnswer has a number for its key in a histogram, a text and From among
// ranges.
type bucketAnswer struct {
	Key  json.RawMessage `json:"key"`
	From *float64        `json:"from"`
	figuresAnswer
}

func (b bucketAnswer) start() (time.Time, error) {
	if b.From != nil {
		return time.UnixMilli(int64(*b.From)).UTC(), nil
	}
	ms, err := strconv.ParseFloat(string(b.Key), 64)
	return time.UnixMilli(int64(ms)).UTC(), err
}
