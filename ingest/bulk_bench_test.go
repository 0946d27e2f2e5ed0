package ingest

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"jikimi/samples"
)

// What the endpoint itself costs: its writer does nothing.
func BenchmarkBulk(b *testing.B) {
	lines, err := samples.Lines(samples.FilebeatToLogstash)
	if err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	for _, line := range lines {
		text.WriteString("{\"create\":{\"_index\":\"logstash-dev-was-2026.11.22\"}}\n" + string(line) + "\n")
	}
	e, err := NewEndpoint(Config{Hosts: []string{"example.com"}, Writer: writerFunc(func(_ context.Context, docs []Document) ([]Result, error) {
		return make([]Result, len(docs)), nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	for name, packing := range map[string]func(string) string{"plain": strings.Clone, "gzip": func(s string) string { return packed(b, s) }} {
		body := packing(text.String())
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := newRequest(http.MethodPost, "/_bulk", body)
				if name == "gzip" {
					r.Header.Set("Content-Encoding", "gzip")
				}
				if w := answer(e, r); w.Code != http.StatusOK {
					b.Fatalf("got %d %s, want 200", w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "docs/s")
		})
	}
}
