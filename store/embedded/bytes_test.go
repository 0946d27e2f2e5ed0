package embedded

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jikimi/ingest"
)

// TestRetentionByBytes: the oldest days go while the files take more than they
// may, at the next hour and the next day, but never today's.
func TestRetentionByBytes(t *testing.T) {
	c := testConfig(t, sampleNow)
	s, at, tick := ticking(t, c)
	for days := range 4 {
		writeRequests(t, s, sampleNow.Add(-time.Duration(days)*dayLength), 5)
	}
	file := func(day string) string { return filepath.Join(c.Dir, "d202611"+day+".duckdb") }
	check := func(when string, want ...bool) {
		t.Helper()
		for i, day := range []string{"19", "20", "21", "22"} {
			if got := exists(t, file(day)); got != want[i] {
				t.Errorf("%s: got day %s kept %v, want %v", when, day, got, want[i])
			}
		}
	}
	tick()
	tick() // the logs are folded now: sizes stay
	stats, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	set := func(most int64) { // the writer reads it between two ticks only
		if err := s.ask(t.Context(), func(w *writer) error { w.store.config.RetentionBytes = most; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	set(stats.Bytes * 3 / 4)
	tick()
	check("within the hour", true, true, true, true)
	at.set(sampleNow.Add(time.Hour))
	tick()
	check("the next hour", false, true, true, true)
	results, err := s.Write(t.Context(), []ingest.Document{doc("logs", `{"timestamp":"2026-11-19T10:00:00Z"}`)})
	if refusal := (*ingest.RefusedError)(nil); err != nil || !errors.As(results[0].Err, &refusal) || !strings.Contains(refusal.Reason, "2026-11-20") {
		t.Errorf("a document of the removed day: got %v, %v, want it refused: 2026-11-20 is the oldest day kept", results[0].Err, err)
	}
	set(1)
	at.set(sampleNow.Add(2 * time.Hour))
	tick()
	check("far too much", false, false, false, true)
	writeRequests(t, s, sampleNow.Add(6*time.Hour), 5)
	at.set(sampleNow.Add(7 * time.Hour))
	tick()
	check("the next day", false, false, false, false)
	if got := requestsOf(t, s, between(sampleNow.Add(-5*dayLength), sampleNow.Add(dayLength))).Total.Count; got != 5 {
		t.Errorf("got %d requests, want those of today, 5", got)
	}
}

// TestRetentionByBytesAtOpen: a folder that is too large is cut when it is
// opened, unless the opener is not there to decide that.
func TestRetentionByBytesAtOpen(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 3)
	c.RetentionBytes, c.Retention, c.Keep = 1, dayLength, true
	s := openStore(t, c)
	if got := len(s.allDays()); got != 3 {
		t.Errorf("Keep: got %d days, want 3", got)
	}
	closeStore(t, s)
	c.Keep = false
	if got := len(openStore(t, c).allDays()); got != 1 {
		t.Errorf("got %d days, want today's", got)
	}
}
