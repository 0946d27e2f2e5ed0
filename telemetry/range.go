package telemetry

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxRange is the longest range a question may ask for.
const MaxRange = 400 * 24 * time.Hour

// DefaultRange is what a URL without a range means.
const DefaultRange = "now-24h"

// nowStep is the most `now` is rounded down by: viewers who open the same
// page within it ask the same question and share one answer.
const nowStep = 10 * time.Second

// steps is the ladder of bucket lengths. A range gets the shortest step that
// cuts it into at most maxBuckets buckets.
var steps = []time.Duration{
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

const maxBuckets = 200

// Range is the time a question asks about: half-open, [From, To), in UTC.
//
// It keeps what the person wrote (FromExpr, ToExpr: `now-24h`, `now/d`,
// `2026-11-22T09:00`) beside the times this came to when it was parsed. The
// URL and equality use the expressions, so `now-24h` stays relative.
type Range struct {
	FromExpr, ToExpr string
	From, To         time.Time
	// Now is the rounded clock the expressions were resolved with, in UTC.
	Now time.Time
	// Zone is where the viewer lives: it moves the edges of days and of
	// buckets of an hour and more.
	Zone *time.Location
	// fixedZone says that Zone came from the URL and belongs in it.
	fixedZone bool
}

// ParseRange reads `range` (24h, 7d: until now) or `from` and `to`, and `tz`,
// from a URL's query. Times without an offset are in the viewer's zone. It
// returns ErrInvalid (as *InvalidError) for what it cannot read, for a range
// that ends before it begins and for one longer than MaxRange.
func ParseRange(v url.Values, now time.Time, zone *time.Location) (Range, error) {
	r := Range{Zone: zone, FromExpr: DefaultRange, ToExpr: "now"}
	if name := v.Get("tz"); name != "" {
		z, err := LoadZone(name)
		if err != nil {
			return Range{}, invalid("tz", name, "zone")
		}
		r.Zone, r.fixedZone = z, true
	}
	if err := r.readExpressions(v); err != nil {
		return Range{}, err
	}
	return r, r.resolve(now)
}

// LoadZone loads an IANA time zone by name. "Local" and "" are refused: they
// mean another thing on every machine.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, fmt.Errorf("time zone %q: %w", name, ErrInvalid)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, ErrInvalid)
	}
	return z, nil
}

func (r *Range) readExpressions(v url.Values) error {
	short, from, to := v.Get("range"), v.Get("from"), v.Get("to")
	switch {
	case short != "" && from == "" && to == "":
		if !durationExpr.MatchString(short) {
			return invalid("range", short, "range")
		}
		r.FromExpr = "now-" + short
	case short != "":
		return invalid("range", short, "range-twice")
	case from != "":
		r.FromExpr = from
		if to != "" {
			r.ToExpr = to
		}
	case to != "":
		return invalid("from", "", "range")
	}
	return nil
}

// resolve turns the expressions into times: first with the clock as it is, to
// learn the step, then with the clock rounded down to it.
func (r *Range) resolve(now time.Time) error {
	r.Now = now.UTC()
	if err := r.resolveAt(); err != nil {
		return err
	}
	r.Now = now.UTC().Truncate(min(r.Step(), nowStep))
	return r.resolveAt()
}

func (r *Range) resolveAt() (err error) {
	if r.From, err = resolveTime(r.FromExpr, r.Now, r.Zone, false); err != nil {
		return invalid("from", r.FromExpr, "time")
	}
	if r.To, err = resolveTime(r.ToExpr, r.Now, r.Zone, true); err != nil {
		return invalid("to", r.ToExpr, "time")
	}
	return r.Check()
}

var (
	durationExpr = regexp.MustCompile(`^[1-9][0-9]{0,5}[smhdw]$`)
	relativeExpr = regexp.MustCompile(`^now(?:-([1-9][0-9]{0,5}[smhdw]))?(?:/([dw]))?$`)
)

// resolveTime reads `now`, `now-24h`, `now-1d/d`, `now/w` (weeks begin on
// Monday) or an absolute time. With a rounding the result is the start of the
// day or week, or, for the end of a range, the start of the next one. Days and
// weeks are calendar days in the zone, so they may last 23 or 25 hours.
func resolveTime(expr string, now time.Time, zone *time.Location, end bool) (time.Time, error) {
	m := relativeExpr.FindStringSubmatch(expr)
	if m == nil {
		return parseAbsolute(expr, zone)
	}
	t := now.In(zone)
	if m[1] != "" {
		n, _ := strconv.Atoi(m[1][:len(m[1])-1]) // the pattern allows digits only
		t = back(t, n, m[1][len(m[1])-1])
	}
	if m[2] != "" {
		t = floorDay(t, m[2] == "w")
		if end {
			t = t.AddDate(0, 0, map[string]int{"d": 1, "w": 7}[m[2]])
		}
	}
	return t.UTC(), nil
}

func back(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 's':
		return t.Add(-time.Duration(n) * time.Second)
	case 'm':
		return t.Add(-time.Duration(n) * time.Minute)
	case 'h':
		return t.Add(-time.Duration(n) * time.Hour)
	case 'w':
		n *= 7
	}
	return t.AddDate(0, 0, -n)
}

func floorDay(t time.Time, week bool) time.Time {
	d := t.Day()
	if week {
		d -= (int(t.Weekday()) + 6) % 7
	}
	return time.Date(t.Year(), t.Month(), d, 0, 0, 0, 0, t.Location())
}

// absoluteLayouts are the spellings of an absolute time: with an offset, as a
// browser's datetime-local field sends it, and as people type it.
var absoluteLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
}

func parseAbsolute(s string, zone *time.Location) (time.Time, error) {
	if len(s) > 40 {
		return time.Time{}, ErrInvalid
	}
	for _, layout := range absoluteLayouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, ErrInvalid
}

// Between is the absolute range [from, to) in the zone, as a link that must
// not move with the clock needs it.
func Between(from, to time.Time, zone *time.Location) Range {
	return Range{
		FromExpr: from.UTC().Format(time.RFC3339Nano), ToExpr: to.UTC().Format(time.RFC3339Nano),
		From: from.UTC(), To: to.UTC(), Now: to.UTC(), Zone: zone,
	}
}

// Values is the range as URL parameters: what ParseRange reads back.
func (r Range) Values() url.Values {
	v := url.Values{}
	if short, ok := strings.CutPrefix(r.FromExpr, "now-"); ok && r.ToExpr == "now" && durationExpr.MatchString(short) {
		v.Set("range", short)
	} else {
		v.Set("from", r.FromExpr)
		v.Set("to", r.ToExpr)
	}
	if r.fixedZone {
		v.Set("tz", r.Zone.String())
	}
	return v
}

// Equal says whether both ranges were written alike, whenever they were resolved.
func (r Range) Equal(o Range) bool {
	return r.FromExpr == o.FromExpr && r.ToExpr == o.ToExpr && r.Zone.String() == o.Zone.String() && r.fixedZone == o.fixedZone
}

// Relative says whether the range moves with the clock.
func (r Range) Relative() bool {
	return strings.HasPrefix(r.FromExpr, "now") || strings.HasPrefix(r.ToExpr, "now")
}

// Check refuses a range that ParseRange cannot have made: without a zone,
// reversed or too long. Stores call it first.
func (r Range) Check() error {
	switch {
	case r.Zone == nil || !r.From.Before(r.To):
		return invalid("from", r.FromExpr, "range-reversed")
	case r.To.Sub(r.From) > MaxRange:
		return invalid("from", r.FromExpr, "range-long")
	}
	return nil
}

// Elapsed is the part of the range that has passed, a second at least: what
// rates are over.
func (r Range) Elapsed() time.Duration {
	to := r.To
	if r.Now.Before(to) {
		to = r.Now
	}
	return max(to.Sub(r.From), time.Second)
}

// Pinned is the range as absolute times: the same documents, for ever.
func (r Range) Pinned() Range {
	p := Between(r.From, r.To, r.Zone)
	p.Now, p.fixedZone = r.Now, r.fixedZone
	return p
}

// Before is the range of equal length that ends where this one begins.
func (r Range) Before() Range {
	return Between(r.From.Add(r.From.Sub(r.To)), r.From, r.Zone)
}

// WeekBefore is the same range seven calendar days earlier in the zone.
func (r Range) WeekBefore() Range {
	return Between(r.From.In(r.Zone).AddDate(0, 0, -7), r.To.In(r.Zone).AddDate(0, 0, -7), r.Zone)
}

// Step is the nominal length of a bucket, from the ladder 1s … 1d, such that
// there are at most 200 of them (400 for the longest ranges). A bucket around
// a change of the clocks may be longer or shorter.
func (r Range) Step() time.Duration {
	length := r.To.Sub(r.From)
	for _, s := range steps {
		if length <= s*maxBuckets {
			return s
		}
	}
	return steps[len(steps)-1]
}

// Buckets are the starts of the range's buckets in UTC, oldest first; the
// first may lie before From. Steps of an hour and more align to the zone's
// wall clock (a day is a calendar day), shorter ones to the epoch. This is the
// one truth about bucket starts: stores label their buckets by it.
func (r Range) Buckets() []time.Time {
	step := r.Step()
	if step < time.Hour {
		return r.epochBuckets(step)
	}
	return r.wallBuckets(int(step / time.Hour))
}

func (r Range) epochBuckets(step time.Duration) []time.Time {
	var starts []time.Time
	for t := r.From.Truncate(step); t.Before(r.To); t = t.Add(step) {
		starts = append(starts, t)
	}
	return starts
}

// wallBuckets walks in quarter hours, the finest difference between zones, and
// starts a bucket whenever the wall clock enters a later slot of `hours`. An
// hour that the clocks repeat is two buckets of one hour, but part of one
// bucket of more; a slot that the clocks skip does not exist.
func (r Range) wallBuckets(hours int) []time.Time {
	const quarter = 15 * time.Minute
	slot := func(t time.Time) int64 {
		l := t.In(r.Zone)
		if hours == 1 {
			_, offset := l.Zone()
			return (t.Unix()+int64(offset))/3600*3600 - int64(offset)
		}
		day := time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC).Unix() / 3600
		return day + int64(l.Hour()/hours*hours)
	}
	start := r.From.Truncate(quarter)
	for now := slot(start); slot(start.Add(-quarter)) == now; {
		start = start.Add(-quarter)
	}
	starts := []time.Time{start}
	last := slot(start)
	for t := start.Add(quarter); t.Before(r.To); t = t.Add(quarter) {
		if s := slot(t); s > last {
			starts, last = append(starts, t), s
		}
	}
	return starts
}

// Runs are stretches of equally long buckets: what a store needs to compute a
// time's bucket. Without a change of clocks there is one run.
func (r Range) Runs() []BucketRun {
	starts := r.Buckets()
	if len(starts) == 0 {
		return nil
	}
	step := r.Step()
	var runs []BucketRun
	for i, s := range starts {
		end := s.Add(step)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		if n := len(runs) - 1; n >= 0 && runs[n].Step == end.Sub(s) {
			runs[n].End = end
			continue
		}
		runs = append(runs, BucketRun{Start: s, End: end, Step: end.Sub(s)})
	}
	return runs
}

// BucketRun is a stretch [Start, End) of buckets of one length, in UTC.
type BucketRun struct {
	Start, End time.Time
	Step       time.Duration
}

// Bucket is the index in starts of the bucket that holds t, or -1.
func Bucket(starts []time.Time, t time.Time) int {
	i, found := slices.BinarySearchFunc(starts, t, time.Time.Compare)
	if found {
		return i
	}
	return i - 1
}
