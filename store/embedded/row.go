package embedded

import (
	"database/sql/driver"
	"time"

	"jikimi/ingest"
	"jikimi/telemetry"
)

// row is a document ready to be written.
type row struct {
	day, arrived       time.Time
	id                 string // the client's, or empty
	index, env, source string
	kind               telemetry.Kind
	shape              shape
	values             [len(roles)]driver.Value
	promoted           []driver.Value
	rest, raw          string
	// fields are the document's paths, filled when they may be new or are counted.
	fields    []fieldType
	signature uint64
	counted   bool
	bytes     int
}

type fieldType struct {
	path  string
	kind  kind
	owned bool // by a role's column
}

// parse turns a document into a row.
func (s *Store) parse(r *reader, d ingest.Document, now time.Time) (*row, error) {
	if len(d.Source) > ingest.MaxDocumentBytes {
		return nil, tooLarge(len(d.Source))
	}
	name, err := r.parseIndex(d.Index)
	if err != nil {
		return nil, err
	}
	text := clean(d.Source)
	if err := r.read(text); err != nil {
		return nil, err
	}
	w := &row{arrived: now.UTC().Truncate(time.Microsecond), id: cleanText(d.ID), index: d.Index, env: name.Env, source: name.Source}
	w.resolve(detect(s.profiles, r.seen), r.leaves)
	if err := w.settleTime(s, now); err != nil {
		return nil, err
	}
	l, err := s.layoutFor(w.day)
	if err != nil {
		return nil, err
	}
	w.keep(r, l, text)
	s.learn(w, r, l)
	w.bytes = len(text) + rowOverhead
	return w, nil
}

// rowOverhead is about what a row takes in memory beside its text.
const rowOverhead = 700

// resolve reads the roles from the leaves: for each the best path whose value
// can be read.
func (w *row) resolve(p *profile, leaves []leaf) {
	w.shape.profile = p.number
	var from [len(roles)]int
	for i := range leaves {
		for _, u := range p.byPath[leaves[i].path] {
			if best := w.shape.uses[u.role].rank; best != 0 && best <= u.rank {
				continue
			}
			if v, f, ok := read(u.role, u.unit, &leaves[i]); ok {
				w.values[u.role], w.shape.uses[u.role], from[u.role] = v, use{u.rank, f}, i
			}
		}
	}
	w.own(leaves, &from)
	w.kind = telemetry.KindOf(w.outcome(p.Sample))
}

// own decides which values live in their column only. A leaf that two roles
// read is owned by the first.
func (w *row) own(leaves []leaf, from *[len(roles)]int) {
	for role := range roles {
		u := &w.shape.uses[role]
		if u.rank == 0 || u.form == formNone {
			continue
		}
		if l := &leaves[from[role]]; l.owned {
			u.form = formNone
		} else {
			l.owned = true
		}
	}
}

func (w *row) outcome(sample bool) telemetry.Outcome {
	text := func(role int) string {
		t, _ := w.values[role].(string)
		return t
	}
	o := telemetry.Outcome{
		Sample: sample, Metric: w.values[atMetric] != nil && w.values[atValue] != nil,
		Protocol: text(atProtocol), Event: text(atEvent), Method: text(atMethod), Route: text(atRoute),
		HasDuration: w.values[atDuration] != nil,
	}
	o.Status, o.HasStatus = w.values[atStatus].(int64)
	return o
}

// settleTime gives a document without a time that of its arrival, and refuses
// times that cannot be kept.
func (w *row) settleTime(s *Store, now time.Time) error {
	t, ok := w.values[atTime].(time.Time)
	if !ok {
		t = now.UTC().Truncate(time.Microsecond)
		w.values[atTime] = t
	}
	if oldest := s.oldestKept(); t.Before(oldest) {
		return tooOld(t, oldest)
	}
	if t.After(now.Add(newestFuture)) {
		return tooNew(t, now)
	}
	w.day = dayOf(t)
	return nil
}

// keep puts what no column owns into promoted columns and rest, or the whole
// text into raw when flattening cannot carry it.
func (w *row) keep(r *reader, l *layout, text []byte) {
	if len(l.promoted) > 0 {
		w.promoted = make([]driver.Value, len(l.promoted))
	}
	if r.odd {
		w.raw = string(text)
		for role := range w.shape.uses {
			w.shape.uses[role].form = formNone
		}
		return
	}
	for i := range r.leaves {
		f := &r.leaves[i]
		if f.owned {
			continue
		}
		if at, ok := l.byPath[f.path]; ok {
			w.promoted[at], f.promoted = l.promoted[at].read(f)
		}
	}
	w.rest = restText(r.leaves)
}
