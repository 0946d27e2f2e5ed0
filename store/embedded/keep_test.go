package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"jikimi/ingest"
	"jikimi/telemetry"
)

// ticking opens a store whose clock and ticks the test drives. A tick is done
// when the next one is taken.
func ticking(t *testing.T, c Config) (s *Store, at *clock, tick func()) {
	t.Helper()
	at = &clock{now: sampleNow}
	c.Now = at.read
	ticks := make(chan time.Time)
	s, err := open(t.Context(), c, ticks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s, at, func() { ticks <- at.read(); ticks <- at.read() }
}

func exists(t *testing.T, name string) bool {
	t.Helper()
	_, err := os.Stat(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

func TestRetention(t *testing.T) {
	c := testConfig(t, sampleNow)
	c.Retention = 2 * dayLength
	s, at, tick := ticking(t, c)
	for days := range 3 {
		writeRequests(t, s, sampleNow.Add(-time.Duration(days)*dayLength), 5)
	}
	oldest, second := filepath.Join(c.Dir, "d20261120.duckdb"), filepath.Join(c.Dir, "d20261121.duckdb")
	tick()
	if !exists(t, oldest) {
		t.Error("today: the oldest kept day was removed")
	}
	at.set(sampleNow.Add(dayLength))
	tick()
	if exists(t, oldest) || !exists(t, second) {
		t.Errorf("tomorrow: got the oldest day kept %v, the second %v, want only the second", exists(t, oldest), exists(t, second))
	}
	if got := requestsOf(t, s, between(sampleNow.Add(-5*dayLength), sampleNow.Add(dayLength))).Total.Count; got != 10 {
		t.Errorf("got %d requests, want 10", got)
	}
	held := s.daysIn(sampleNow.Add(-dayLength), sampleNow.Add(-dayLength+1))[0]
	if err := held.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	at.set(sampleNow.Add(2 * dayLength))
	tick()
	if !exists(t, second) {
		t.Error("a day that is being read was removed")
	}
	held.release()
	if exists(t, second) {
		t.Error("the day was not removed when its reader left")
	}
	stats, err := s.Stats()
	if err != nil || stats.Days != 1 || !stats.Oldest.Equal(dayOf(sampleNow)) || stats.Written != 15 {
		t.Errorf("got stats %+v, error %v, want 1 day, 15 documents written", stats, err)
	}
}

func TestRetentionAtOpen(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 3)
	c.Retention = dayLength
	s := openStore(t, c)
	if exists(t, filepath.Join(c.Dir, "d20261120.duckdb")) {
		t.Error("the day beyond the retention is still there")
	}
	if got := requestsOf(t, s, allDays(5)).Total.Count; got != 20 {
		t.Errorf("got %d requests, want 20", got)
	}
}

// TestLogsAreFolded: an idle day's write-ahead log is folded into its file.
func TestLogsAreFolded(t *testing.T) {
	c := testConfig(t, sampleNow)
	s, at, tick := ticking(t, c)
	writeRequests(t, s, sampleNow, 5)
	log := filepath.Join(c.Dir, "d20261122.duckdb.wal")
	if !exists(t, log) {
		t.Fatal("got no write-ahead log after a write, want one")
	}
	tick() // it was busy since the tick before
	tick()
	if exists(t, log) {
		t.Error("idle: the log is still there")
	}
	writeRequests(t, s, sampleNow, 5)
	at.set(sampleNow.Add(dayLength))
	tick()
	if exists(t, log) {
		t.Error("the next day: the log is still there")
	}
	writeRequests(t, s, sampleNow, 5)
	if got := requestsOf(t, s, between(sampleNow.Add(-time.Hour), sampleNow.Add(time.Hour))).Total.Count; got != 15 {
		t.Errorf("got %d requests, want 15", got)
	}
}

// TestPromotedPaths: what was frequent yesterday has a column today, and
// documents come back all the same, whatever they have at that path.
func TestPromotedPaths(t *testing.T) {
	c := testConfig(t, sampleNow)
	s := openStore(t, c)
	var docs []ingest.Document
	yesterday, today := sampleNow.Add(-dayLength).Format(time.RFC3339), sampleNow.Format(time.RFC3339)
	for i := range 2 * countEnough * countEvery {
		docs = append(docs, doc("logs", fmt.Sprintf(`{"timestamp":%q,"often":"t%d","deep":{"n":%d},"flag":true,"mixed":%s,"odd":%d}`,
			yesterday, i%7, i, []string{"1", `"a"`}[i%2], i)))
	}
	mustWrite(t, s, docs...)
	closeStore(t, s)

	s = openStore(t, c)
	sources := []string{
		`{"timestamp":%q,"often":"x","deep":{"n":1.5},"flag":false,"mixed":1}`, `{"timestamp":%q,"often":7,"deep":{"n":"1"},"flag":null}`,
		`{"timestamp":%q,"often":"","deep":{"n":1.50},"flag":[true]}`, `{"timestamp":%q,"often":"a\u0000b","deep":1,"flag":{}}`, `{"timestamp":%q,"often.x":1,"often":"y"}`,
	}
	docs = docs[:0]
	for _, text := range sources {
		docs = append(docs, doc("logs", fmt.Sprintf(text, today)))
	}
	mustWrite(t, s, docs...)
	l, err := s.layoutFor(dayOf(sampleNow))
	if err != nil {
		t.Fatal(err)
	}
	want := []promotedPath{{"deep.n", "DOUBLE"}, {"flag", "BOOLEAN"}, {"odd", "DOUBLE"}, {"often", "VARCHAR"}}
	if !slices.Equal(l.promoted, want) {
		t.Fatalf("got promoted paths %v, want %v", l.promoted, want)
	}
	var numbers, flags, texts int
	row := s.db.QueryRow("SELECT count(p0), count(p1), count(p3) FROM d20261122.doc")
	if err := row.Scan(&numbers, &flags, &texts); err != nil || numbers != 1 || flags != 1 || texts != 3 {
		t.Errorf("got %d, %d and %d values in their columns, error %v, want 1, 1 and 3", numbers, flags, texts, err)
	}
	for i, d := range exportDay(t, s, sampleNow) {
		if !jsonEqual(t, d.Source, docs[i].Source) {
			t.Errorf("got %s, want %s", d.Source, docs[i].Source)
		}
	}
}

// TestDocumentsByID: an id that was sent twice has two documents.
func TestDocumentsByID(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	made := mustWrite(t, s,
		ingest.Document{Index: "logs", ID: "a", Source: []byte(`{"n":1}`)}, ingest.Document{Index: "logs", ID: "a", Source: []byte(`{"n":2}`)},
		ingest.Document{Index: "other", ID: "a", Source: []byte(`{"n":3}`)}, doc("logs", `{"n":4}`))
	if made[0] != "a" || made[3] != "20261122-4" {
		t.Errorf("got ids %q, want a and 20261122-4", made)
	}
	for _, c := range []struct {
		index, id string
		want      []string
	}{
		{"logs", "a", []string{`{"n":1}`, `{"n":2}`}}, {"other", "a", []string{`{"n":3}`}}, {"logs", made[3], []string{`{"n":4}`}},
		{"logs", "20261122-1", nil}, {"logs", "nobody", nil}, {"logs", "'", nil},
	} {
		list, err := s.Documents(t.Context(), c.index, c.id)
		if err != nil {
			t.Fatalf("Documents: %v", err)
		}
		var got []string
		for _, d := range list {
			got = append(got, string(d.Source))
			if d.Index != c.index || d.ID != c.id || !d.Time.Equal(sampleNow) {
				t.Errorf("got %+v, want index %s, id %s, time of arrival", d, c.index, c.id)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s/%s: got %v, want %v", c.index, c.id, got, c.want)
		}
	}
}

// TestManyShapes: a document beyond the shapes that a day keeps is kept as text.
func TestManyShapes(t *testing.T) {
	s := newStore(testConfig(t, sampleNow), nil)
	l, err := s.layoutFor(dayOf(sampleNow))
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"level":"WARN","IntervalTime":1.5,"x":{"y":[1]}}`
	w, err := s.parse(s.pool.get(s.marks), doc("logs", text), sampleNow)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.asText(&dayWriter{layout: l, profiles: s.profiles}); err != nil {
		t.Fatal(err)
	}
	if !jsonEqual(t, []byte(w.raw), []byte(text)) || w.rest != "" || w.shape != (shape{profile: w.shape.profile}) {
		t.Errorf("got text %s, rest %s, shape %v, want the document and nothing else", w.raw, w.rest, w.shape)
	}
}

// TestEstimates: above a number of values percentiles are estimated, and the
// answer says so.
func TestEstimates(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	writeRequests(t, s, sampleNow.Add(-time.Minute), 30)
	if e := requestsOf(t, s, allDays(1)).Evidence[0].Estimate; e != "" {
		t.Errorf("few values: got estimate %q, want none", e)
	}
	s.exactMost = 29
	l := requestsOf(t, s, allDays(1))
	if e := l.Evidence[0].Estimate; e != "approx_quantile" || l.Total.P50 < 13 || l.Total.P50 > 16 || l.Total.Max != 29 {
		t.Errorf("many values: got estimate %q and %+v, want approx_quantile, p50 near 14.5", e, l.Total)
	}
}

// TestEvidenceCanBeRun: the query of the evidence gives the answer's figures.
func TestEvidenceCanBeRun(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	writeRequests(t, s, sampleNow.Add(-time.Minute), 30)
	q := telemetry.LatencyQuery{
		Range: allDays(1), Allow: telemetry.Allow{Patterns: []string{"dev/was", "o'brien/$1"}}, Compare: telemetry.CompareNone,
		Filters: []telemetry.Filter{{Role: telemetry.RoleRoute, Not: true, Values: []string{"/1", "/'$2\x00"}}},
	}
	l, err := s.Latency(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var count int64
	row := s.db.QueryRow("SELECT any_value(COLUMNS(c -> c = 'count_star()')) FROM (" + l.Evidence[0].Query + ") WHERE bucket IS NULL")
	if err := row.Scan(&count); err != nil || count != 29 || l.Total.Count != 29 {
		t.Errorf("got %d by the evidence, %d by the answer, error %v, want 29", count, l.Total.Count, err)
	}
}
