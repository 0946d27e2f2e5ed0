package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"jikimi/ingest"
)

// ingestMetrics tells Prometheus what the endpoint for shippers has counted.
type ingestMetrics struct {
	stats                      func() ingest.Stats
	requests, documents, bytes *prometheus.Desc
}

func newIngestMetrics(stats func() ingest.Stats) *ingestMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("jikimi_ingest_"+name+"_total", help, []string{"outcome"}, nil)
	}
	return &ingestMetrics{
		stats:     stats,
		requests:  desc("requests", "Requests of shippers since the start."),
		documents: desc("documents", "Documents in requests that were not refused as a whole."),
		bytes:     desc("bytes", "Bytes of requests' bodies as they came."),
	}
}

// Describe names the figures.
func (m *ingestMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect takes the figures.
func (m *ingestMetrics) Collect(to chan<- prometheus.Metric) {
	s := m.stats()
	collectOutcomes(to, m.requests, s.Requests)
	collectOutcomes(to, m.documents, s.Documents)
	collectOutcomes(to, m.bytes, s.Bytes)
}

func collectOutcomes(to chan<- prometheus.Metric, desc *prometheus.Desc, n ingest.ByOutcome) {
	for outcome, value := range map[string]int64{"accepted": n.Accepted, "refused": n.Refused, "full": n.Full, "failed": n.Failed} {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), outcome)
	}
}
