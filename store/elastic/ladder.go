package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"jikimi/telemetry"
)

// Percentiles of several fields, or of one in several units, cannot be merged.
// A second request then counts the durations between fixed rungs, 10 % apart;
// counts add up, and a percentile is read off between two rungs: ± 5 %.

const (
	lowestRung = 0.1 // ms
	rungCount  = 170 // up to about 10⁶ ms
	rungRatio  = 1.1
	// chunk is how many buckets one search cuts into rungs: a search may make
	// 65,535 buckets.
	chunk = 300
)

// rung is the lower edge of a rung in milliseconds; the first begins at 0.
func rung(i int) float64 {
	if i == 0 {
		return 0
	}
	return lowestRung * math.Pow(rungRatio, float64(i-1))
}

// ladder counts durations by rung; the last has no upper edge.
type ladder []int64

func (l ladder) add(o ladder) ladder {
	if l == nil {
		return slices.Clone(o)
	}
	for i := range l {
		l[i] += o[i]
	}
	return l
}

// quantile reads a percentile in milliseconds.
func (l ladder) quantile(q float64) float64 {
	var n, below int64
	for _, c := range l {
		n += c
	}
	rank := q * float64(n-1)
	for i, c := range l {
		if c > 0 && rank < float64(below+c) {
			share := (rank - float64(below) + .5) / float64(c)
			low := rung(i)
			return low + min(share, 1)*(rung(i+1)-low)
		}
		below += c
	}
	return rung(len(l))
}

// climb asks for the ladders that the tally needs.
func (s *Store) climb(ctx context.Context, t *tally, asks []latencyAsk, meta *telemetry.Meta) error {
	needed := t.unclear()
	if len(needed) == 0 {
		return nil
	}
	var steps []ladderAsk
	for n, a := range asks {
		for _, period := range a.spans {
			if needed[n][period.name] {
				steps = append(steps, ladderAsks(a, period)...)
			}
		}
	}
	answers, err := s.search(ctx, ladderItems(steps), meta)
	if err != nil {
		return err
	}
	for i, a := range answers {
		if err := t.addLadder(steps[i], a); err != nil {
			return err
		}
	}
	return nil
}

// unclear are the searches, by place and period, that share slots whose
// percentiles cannot be told otherwise.
func (t *tally) unclear() map[int]map[string]bool {
	out := map[int]map[string]bool{}
	for s := range t.parts {
		parts := t.timedParts(s)
		var n int64
		for _, p := range parts {
			n += p.timed
		}
		if _, exact := quantileOf(mergeTop(parts), n, .5); exact || len(parts) < 2 {
			continue
		}
		for _, p := range parts {
			if out[p.ask] == nil {
				out[p.ask] = map[string]bool{}
			}
			out[p.ask][s.period] = true
		}
	}
	return out
}

// ladderAsk is a search for the ladders of some buckets.
type ladderAsk struct {
	latencyAsk
	period string
	starts []time.Time
	from   time.Time
	to     time.Time
}

func ladderAsks(a latencyAsk, s span) []ladderAsk {
	var out []ladderAsk
	from := s.From
	for i := 0; i < len(s.starts); i += chunk {
		end := s.To
		if i+chunk < len(s.starts) {
			end = s.starts[i+chunk]
		}
		out = append(out, ladderAsk{a, s.name, s.starts[i:min(i+chunk, len(s.starts))], from, end})
		from = end
	}
	return out
}

func ladderItems(asks []ladderAsk) []item {
	out := make([]item, len(asks))
	for i, a := range asks {
		out[i] = item{indices: a.group.names(), body: ladderBody(a)}
	}
	return out
}

// ladderBody counts durations by bucket and rung. The rungs' edges are in the
// field's own unit.
func ladderBody(a ladderAsk) object {
	rungs := make([]object, rungCount)
	for i := range rungs {
		r := object{"from": inUnit(rung(i), a.duration.unit)}
		if i+1 < rungCount {
			r["to"] = inUnit(rung(i+1), a.duration.unit)
		}
		rungs[i] = r
	}
	return object{
		"size": 0, "track_total_hits": false, "timeout": bodyTimeout,
		"query": allOf(within(a.time, a.from, a.to), positive(a.duration.field), anyOf(a.requests...)),
		"aggs": object{"buckets": withAggs(bucketsBody(a.time, a.starts, a.to), object{
			"rungs": object{"range": object{"field": a.duration.at, "ranges": rungs}},
		})},
	}
}

// inUnit is milliseconds in another unit.
func inUnit(ms float64, u telemetry.Unit) float64 { return ms / u.Millis(1) }

func (t *tally) addLadder(a ladderAsk, f found) error {
	if len(f.Aggregations) == 0 {
		return nil
	}
	var answer struct {
		Buckets struct {
			Buckets []struct {
				bucketAnswer
				Rungs struct {
					Buckets []struct {
						Count int64 `json:"doc_count"`
					} `json:"buckets"`
				} `json:"rungs"`
			} `json:"buckets"`
		} `json:"buckets"`
	}
	if err := json.Unmarshal(f.Aggregations, &answer); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	for _, b := range answer.Buckets.Buckets {
		start, err := b.start()
		if err != nil || len(b.Rungs.Buckets) != rungCount {
			return fmt.Errorf("decode: bucket of %d rungs: %w", len(b.Rungs.Buckets), err)
		}
		l := make(ladder, rungCount)
		for i, r := range b.Rungs.Buckets {
			l[i] = r.Count
		}
		for _, at := range []slot{{a.period, start}, {period: a.period}} {
			t.ladders[at] = t.ladders[at].add(l)
		}
	}
	return nil
}
