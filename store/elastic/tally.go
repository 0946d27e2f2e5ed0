package elastic

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// tally sums up the answers to the searches of a latency question.
type tally struct {
	parts   map[slot][]part
	ladders map[slot]ladder
	uses    map[telemetry.FieldUse]bool
	// estimate names how percentiles were found.
	estimate string
}

// slot is a bucket of a period, or, with a zero start, all of it.
type slot struct {
	period string
	start  time.Time
}

// part is one search's share of a slot. Durations are in milliseconds.
type part struct {
	ask           int // which search, by its place
	count, failed int64
	timed         int64
	p50, p95, p99 float64
	max           float64
	top           []step // longest first
	topIsAll      bool
}

// step is a value and how many requests have it.
type step struct {
	ms    float64
	count int64
}

func newTally() *tally {
	return &tally{parts: map[slot][]part{}, ladders: map[slot]ladder{}, uses: map[telemetry.FieldUse]bool{}}
}

// add reads the answer to a search. A search that failed has none.
func (t *tally) add(n int, a latencyAsk, f found) error {
	if len(f.Aggregations) == 0 {
		return nil
	}
	var answer map[string]periodAnswer
	if err := json.Unmarshal(f.Aggregations, &answer); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	for _, s := range a.spans {
		if err := t.addPeriod(n, s.name, a.duration.unit, answer[s.name]); err != nil {
			return err
		}
	}
	all := answer[thisPeriod].Count + answer[earlierPeriod].Count
	for _, r := range a.readers {
		if answer[r.profile.Name].Count > 0 || len(a.readers) == 1 && all > 0 {
			t.use(r, a)
		}
	}
	return nil
}

func (t *tally) addPeriod(n int, period string, unit telemetry.Unit, p periodAnswer) error {
	t.put(slot{period: period}, partOf(n, unit, p.figuresAnswer))
	for _, b := range p.Buckets.Buckets {
		start, err := b.start()
		if err != nil {
			return fmt.Errorf("decode: bucket: %w", err)
		}
		t.put(slot{period, start}, partOf(n, unit, b.figuresAnswer))
	}
	return nil
}

func (t *tally) put(s slot, p part) {
	if p.count > 0 {
		t.parts[s] = append(t.parts[s], p)
	}
}

func partOf(n int, unit telemetry.Unit, a figuresAnswer) part {
	p := part{ask: n, count: a.Count, failed: a.Failed.Count, timed: a.Timed.Count}
	if p.timed == 0 {
		return p
	}
	for i, to := range []*float64{&p.p50, &p.p95, &p.p99} {
		if v := a.Timed.Percentiles.Values; i < len(v) && v[i].Value != nil {
			*to = unit.Millis(*v[i].Value)
		}
	}
	if a.Timed.Max.Value != nil {
		p.max = unit.Millis(*a.Timed.Max.Value)
	}
	var listed int64
	for _, b := range a.Timed.Top.Buckets {
		p.top = append(p.top, step{unit.Millis(b.Key), b.Count})
		listed += b.Count
	}
	p.topIsAll = listed >= p.timed
	return p
}

// use notes which fields the search's roles are read from.
func (t *tally) use(r reader, a latencyAsk) {
	note := func(role telemetry.Role, f unitField) {
		if f.path != "" {
			t.uses[telemetry.FieldUse{Role: role, Profile: r.profile.Name, Path: f.path, Unit: f.unit}] = true
		}
	}
	note(telemetry.RoleTime, unitField{field: a.time})
	note(telemetry.RoleDuration, a.duration)
	for _, role := range []telemetry.Role{telemetry.RoleStatus, telemetry.RoleMethod, telemetry.RoleRoute, telemetry.RoleHost} {
		if list := r.fields[role]; len(list) > 0 {
			note(role, list[0])
		}
	}
}

// fill writes the sums into the answer.
func (t *tally) fill(l *telemetry.Latency, spans []span) {
	l.Total, l.Buckets = t.period(spans[0])
	if len(spans) > 1 {
		l.Compared = true
		l.Earlier, l.EarlierBuckets = t.period(spans[1])
	}
	if untimed := l.Total.Count - l.Total.Timed; untimed > 0 {
		addNotice(&l.Meta, telemetry.NoticeNoDuration, "n", strconv.FormatInt(untimed, 10))
	}
	for i := range l.Evidence {
		l.Evidence[i].Documents = l.Total.Count + l.Earlier.Count
		l.Evidence[i].Fields = t.fieldUses()
		l.Evidence[i].Estimate = t.estimate
	}
}

func (t *tally) period(s span) (telemetry.LatencyFigures, []telemetry.LatencyBucket) {
	total := t.figures(slot{period: s.name})
	var buckets []telemetry.LatencyBucket
	for _, start := range s.starts {
		if f := t.figures(slot{s.name, start}); f.Count > 0 {
			buckets = append(buckets, telemetry.LatencyBucket{Start: start, LatencyFigures: f})
		}
	}
	return total, buckets
}

// figures adds up a slot. Counts and maxima add; percentiles are those of the
// only search that found durations, or exact, or read off the ladder.
func (t *tally) figures(s slot) telemetry.LatencyFigures {
	var f telemetry.LatencyFigures
	timed := t.timedParts(s)
	for _, p := range t.parts[s] {
		f.Count, f.Failed, f.Timed, f.Max = f.Count+p.count, f.Failed+p.failed, f.Timed+p.timed, max(f.Max, p.max)
	}
	top := mergeTop(timed)
	for _, p := range []struct {
		to  *float64
		q   float64
		own func(part) float64
	}{
		{&f.P50, .5, func(p part) float64 { return p.p50 }},
		{&f.P95, .95, func(p part) float64 { return p.p95 }},
		{&f.P99, .99, func(p part) float64 { return p.p99 }},
	} {
		v, exact := quantileOf(top, f.Timed, p.q)
		switch {
		case exact:
			*p.to = v
		case len(timed) == 1:
			*p.to = min(p.own(timed[0]), f.Max)
			t.estimated("t-digest")
		case len(timed) > 1:
			*p.to = min(t.ladders[s].quantile(p.q), f.Max)
			t.estimated("± 5 %")
		}
	}
	return f
}

// estimated keeps the coarser of the ways.
func (t *tally) estimated(how string) {
	if t.estimate == "" || how != "t-digest" {
		t.estimate = how
	}
}

func (t *tally) timedParts(s slot) []part {
	var out []part
	for _, p := range t.parts[s] {
		if p.timed > 0 {
			out = append(out, p)
		}
	}
	return out
}

// mergeTop are the longest durations of all parts, as far down as every part
// lists them.
func mergeTop(parts []part) []step {
	var all []step
	floor := 0.0
	for _, p := range parts {
		all = append(all, p.top...)
		if !p.topIsAll && len(p.top) > 0 {
			floor = max(floor, p.top[len(p.top)-1].ms)
		}
	}
	all = slices.DeleteFunc(all, func(s step) bool { return s.ms < floor })
	slices.SortFunc(all, func(a, b step) int { return -compare(a.ms, b.ms) })
	return all
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// quantileOf interpolates linearly between ranks of n values of which the
// highest are known, if they are those it needs.
func quantileOf(top []step, n int64, q float64) (float64, bool) {
	if n == 0 {
		return 0, false
	}
	rank := q * float64(n-1)
	low := int64(rank)
	a, ok := fromTop(top, n-1-low)
	if !ok {
		return 0, false
	}
	b, ok := fromTop(top, max(n-2-low, 0))
	return a + (rank-float64(low))*(b-a), ok
}

// fromTop is the value so many places below the highest.
func fromTop(top []step, places int64) (float64, bool) {
	for _, s := range top {
		if places < s.count {
			return s.ms, true
		}
		places -= s.count
	}
	return 0, false
}

// fieldUses are by role, profile and path.
func (t *tally) fieldUses() []telemetry.FieldUse {
	return slices.SortedFunc(maps.Keys(t.uses), func(a, b telemetry.FieldUse) int {
		return strings.Compare(string(a.Role)+"\x00"+a.Profile+"\x00"+a.Path, string(b.Role)+"\x00"+b.Profile+"\x00"+b.Path)
	})
}
