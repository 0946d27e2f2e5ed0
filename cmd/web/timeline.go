package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"jikimi/ingest"
)

// timeline is the demo's documents in the order they fall due, without end:
// the past is what is due now, the live part what falls due later. Each minute
// is planned from a seed of its own, so the same seed and start give the same
// documents however often it is asked.
type timeline struct {
	recording *recording
	rhythm    rhythm
	seed      uint64
	minute    time.Time // the next one to plan
	loadTest  time.Time // when the load test runs
	pending   []planned // not due yet, oldest first
}

// planned is a recorded document and how far it is moved.
type planned struct {
	doc *recorded
	by  time.Duration
	at  time.Time
}

// newTimeline begins at `from`; `now` fixes where incidents and the load test lie.
func newTimeline(r *recording, docs int, seed uint64, from, now time.Time) (*timeline, error) {
	y, err := newRhythm(r, docs, now.Truncate(time.Minute))
	if err != nil {
		return nil, err
	}
	run := r.loadTest.docs
	length := run[len(run)-1].at.Sub(run[0].at)
	return &timeline{
		recording: r, rhythm: y, seed: seed,
		minute:   from.UTC().Truncate(time.Minute).Add(time.Minute),
		loadTest: y.loadTestStart(now, length+time.Second),
	}, nil
}

// due are the documents up to a time that were not handed out before.
func (t *timeline) due(until time.Time) []ingest.Document {
	for ; !t.minute.After(until); t.minute = t.minute.Add(time.Minute) {
		t.plan()
	}
	slices.SortStableFunc(t.pending, func(a, b planned) int { return a.at.Compare(b.at) })
	n := 0
	for n < len(t.pending) && !t.pending[n].at.After(until) {
		n++
	}
	docs := make([]ingest.Document, n)
	for i, p := range t.pending[:n] {
		docs[i] = p.doc.moved(p.by)
	}
	t.pending = slices.Clone(t.pending[n:])
	return docs
}

// plan picks the groups that begin in the next minute.
func (t *timeline) plan() {
	rng := rand.New(rand.NewPCG(t.seed, uint64(t.minute.Unix()))) //nolint:gosec // repeatable, not secret
	for range t.rhythm.groups(t.minute, rng) {
		from := t.recording.groups
		if t.rhythm.isIncident(t.minute) && rng.Float64() < troubleShare {
			from = t.recording.troubled
		}
		start := t.minute.Add(time.Duration(rng.IntN(60)) * time.Second)
		t.place(from[rng.IntN(len(from))], start)
	}
	if t.minute.Equal(t.loadTest) {
		t.place(t.recording.loadTest, t.minute)
	}
}

// place moves a group by whole seconds, so that it begins within the second.
func (t *timeline) place(g *group, start time.Time) {
	by := start.Sub(g.docs[0].at.Truncate(time.Second))
	for _, d := range g.docs {
		t.pending = append(t.pending, planned{doc: d, by: by, at: d.at.Add(by)})
	}
}
