package embedded

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jikimi/ingest"
	"jikimi/telemetry"
)

func TestMain(m *testing.M) {
	if runHelper() {
		return
	}
	goleak.VerifyTestMain(m)
}

// sampleNow is a clock at which all recorded documents are of today.
var sampleNow = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func testConfig(t *testing.T, now time.Time) Config {
	t.Helper()
	return Config{
		Dir: t.TempDir(), Retention: 30 * 24 * time.Hour, Now: func() time.Time { return now },
		MemoryLimit: "512MB", Threads: 2, Logger: slog.New(slog.DiscardHandler),
	}
}

func openStore(t *testing.T, c Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// mustWrite writes documents, all of which must be stored, and returns their ids.
func mustWrite(t *testing.T, s *Store, docs ...ingest.Document) []string {
	t.Helper()
	results, err := s.Write(context.Background(), docs)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	ids := make([]string, len(results))
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("document %d, %.200s: got error %v, want it stored", i, docs[i].Source, r.Err)
		}
		ids[i] = r.ID
	}
	return ids
}

func doc(index, source string) ingest.Document {
	return ingest.Document{Index: index, Source: []byte(source)}
}

func exportDay(t *testing.T, s *Store, day time.Time) []Document {
	t.Helper()
	var list []Document
	err := s.Export(context.Background(), day, func(d Document) error {
		list = append(list, d)
		return nil
	})
	if err != nil {
		t.Fatalf("Export %s: %v", day.Format(time.DateOnly), err)
	}
	return list
}

func between(from, to time.Time) telemetry.Range { return telemetry.Between(from, to, time.UTC) }

// requestsOf counts the requests of a range that anybody may see.
func requestsOf(t *testing.T, s *Store, r telemetry.Range) telemetry.Latency {
	t.Helper()
	l, err := s.Latency(context.Background(), telemetry.LatencyQuery{Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone})
	if err != nil {
		t.Fatalf("Latency: %v", err)
	}
	return l
}
