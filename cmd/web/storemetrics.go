package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"jikimi/store/embedded"
)

// storeMetrics tells Prometheus what the store says about itself: one look at
// the store for all figures of a scrape.
type storeMetrics struct {
	stats   func() (embedded.Stats, error)
	days    *prometheus.Desc
	bytes   *prometheus.Desc
	written *prometheus.Desc
	refused *prometheus.Desc
	waiting *prometheus.Desc
}

func newStoreMetrics(stats func() (embedded.Stats, error)) *storeMetrics {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("jikimi_store_"+name, help, nil, nil)
	}
	return &storeMetrics{
		stats:   stats,
		days:    desc("days", "Days that have documents."),
		bytes:   desc("bytes", "Bytes of the days' files on disk."),
		written: desc("documents_written_total", "Documents stored since the start."),
		refused: desc("documents_refused_total", "Documents refused since the start."),
		waiting: desc("waiting_bytes", "Bytes of documents that are not on disk yet."),
	}
}

// Describe names the figures.
func (s *storeMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, to) }

// Collect takes the figures. Where the store cannot tell, the days say why.
func (s *storeMetrics) Collect(to chan<- prometheus.Metric) {
	a, err := s.stats()
	if err != nil {
		to <- prometheus.NewInvalidMetric(s.days, err)
		return
	}
	to <- prometheus.MustNewConstMetric(s.days, prometheus.GaugeValue, float64(a.Days))
	to <- prometheus.MustNewConstMetric(s.bytes, prometheus.GaugeValue, float64(a.Bytes))
	to <- prometheus.MustNewConstMetric(s.written, prometheus.CounterValue, float64(a.Written))
	to <- prometheus.MustNewConstMetric(s.refused, prometheus.CounterValue, float64(a.Refused))
	to <- prometheus.MustNewConstMetric(s.waiting, prometheus.GaugeValue, float64(a.Waiting))
}
