package embedded

import (
	"strings"
	"testing"
	"time"

	"jikimi/ingest"
	"jikimi/telemetry"
)

func TestRefusalsAreCounted(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	bad := ingest.Document{Index: "logstash-dev-was-2026.11.22", Source: []byte(`{"a":1,"a":2}`)}
	old := ingest.Document{Index: "logstash-prod-was-1970.01.01", Source: []byte(`{"timestamp":"1970-01-01T00:00:00Z"}`)}
	if _, err := s.Write(t.Context(), []ingest.Document{bad, old, bad}); err != nil {
		t.Fatal(err)
	}
	q := telemetry.IngestQuery{Range: telemetry.Between(now.Add(-time.Hour), now, time.UTC), Allow: telemetry.Allow{Patterns: []string{"dev/*"}}}
	a, err := s.Ingest(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Refusals) != 1 {
		t.Fatalf("got %+v, want those of dev alone", a.Refusals)
	}
	r := a.Refusals[0]
	if r.Count != 2 || r.Type != "mapper_parsing_exception" || !strings.Contains(r.Reason, "Duplicate field 'a'") || r.Sample != string(bad.Source) || !r.Last.Equal(now) {
		t.Errorf("got %+v, want two documents with a duplicate field", r)
	}
}

func TestBeginning(t *testing.T) {
	tests := map[string]string{
		"":                             "",
		"짧은 글":                         "짧은 글",
		"\xff":                         "\uFFFD",
		strings.Repeat("한", 200):       strings.Repeat("한", 100),
		"a" + strings.Repeat("한", 200): "a" + strings.Repeat("한", 99),
	}
	for in, want := range tests {
		if got := beginning([]byte(in)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
