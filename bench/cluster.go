package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"jikimi/store/elastic"
	"jikimi/store/embedded"
	"jikimi/telemetry"
	"jikimi/testbed"
)

// clusterDocuments is how many documents are written to both stores: an
// Elasticsearch takes them in slowly.
const clusterDocuments = 200_000

// measureCluster asks the embedded store and an Elasticsearch 7.10.2 the same
// question about the same documents, in turns.
func measureCluster(ctx context.Context, dir string) (_ []figure, err error) {
	server, err := testbed.Start("es710")
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	own, err := embedded.Open(ctx, embedded.Config{Dir: dir, Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	rates, err := fillBoth(ctx, own, server, now)
	if err != nil {
		return nil, err
	}
	cluster, err := elastic.Open(ctx, elastic.Config{URLs: []string{server.URL}, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	for _, days := range []int{1, benchDays} {
		f, err := sideBySide(ctx, own, cluster, server, telemetry.Between(now.AddDate(0, 0, -days), now, time.UTC))
		if err != nil {
			return nil, err
		}
		rates = append(rates, figure{fmt.Sprintf("latency %d d, embedded beside Elasticsearch", days), f, "4 × faster over all questions (P12)"})
	}
	return rates, nil
}

// fillBoth writes the same documents to both, with our templates in the cluster.
func fillBoth(ctx context.Context, own *embedded.Store, server *testbed.Server, now time.Time) ([]figure, error) {
	const templates = "deploy/elasticsearch/"
	for _, f := range [][2]string{
		{"/_ingest/pipeline/jikimi", "pipeline.json"}, {"/_index_template/jikimi-logstash", "logstash.json"}, {"/_index_template/jikimi-k6", "k6.json"},
	} {
		if err := server.Put(ctx, f[0], templates+f[1]); err != nil {
			return nil, err
		}
	}
	g, err := newGenerator(clusterDocuments, now)
	if err != nil {
		return nil, err
	}
	var ownTook, serverTook time.Duration
	for range clusterDocuments / batchSize {
		docs := g.next(batchSize)
		start := time.Now()
		if err := write(ctx, own, docs); err != nil {
			return nil, err
		}
		ownTook += time.Since(start)
		sent := make([]testbed.Document, len(docs))
		for i, d := range docs {
			sent[i] = testbed.Document{Index: d.Index, Source: d.Source}
		}
		start = time.Now()
		if _, err := server.Bulk(ctx, sent); err != nil {
			return nil, err
		}
		serverTook += time.Since(start)
	}
	rate := func(took time.Duration) float64 { return clusterDocuments / took.Seconds() }
	return []figure{{
		"ingest, embedded beside Elasticsearch, one sender",
		fmt.Sprintf("%.0f and %.0f docs/s, %.1f ×", rate(ownTook), rate(serverTook), rate(ownTook)/rate(serverTook)), "2.5 × (P9, over HTTP)",
	}}, nil
}

// sideBySide is both medians and the median ratio with its spread; the
// cluster's request cache is emptied before each question.
func sideBySide(ctx context.Context, own, cluster telemetry.Store, server *testbed.Server, r telemetry.Range) (string, error) {
	q := telemetry.LatencyQuery{Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
	var owns, clusters []time.Duration
	var ratios []float64
	for round := range repeats + 1 {
		if status, answer, err := server.Do(ctx, http.MethodPost, "/_cache/clear?request=true", nil); err != nil || status != http.StatusOK {
			return "", fmt.Errorf("clear the request cache: %d %s %w", status, answer, err)
		}
		a, err := timed(ctx, own, q)
		if err != nil {
			return "", err
		}
		b, err := timed(ctx, cluster, q)
		if err != nil {
			return "", err
		}
		if round == 0 {
			continue // to warm both up
		}
		owns, clusters, ratios = append(owns, a), append(clusters, b), append(ratios, float64(b)/float64(a))
	}
	slices.Sort(ratios)
	return fmt.Sprintf("%v and %v, %.1f × (%.1f–%.1f)", median(owns).Round(100*time.Microsecond), median(clusters).Round(100*time.Microsecond),
		ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1]), nil
}

func timed(ctx context.Context, s telemetry.Store, q telemetry.LatencyQuery) (time.Duration, error) {
	start := time.Now()
	_, err := s.Latency(ctx, q)
	return time.Since(start), err
}
