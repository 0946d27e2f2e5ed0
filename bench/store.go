package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"jikimi/ingest"
	"jikimi/store/embedded"
	"jikimi/telemetry"
)

const (
	batchSize = 2000
	senders   = 2 // calls of Write at a time
	repeats   = 5
)

// measureStore fills a store in the folder and asks it.
func measureStore(ctx context.Context, dir string, documents int) ([]figure, error) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	config := embedded.Config{Dir: dir, Retention: 30 * 24 * time.Hour, Now: func() time.Time { return now }}
	g, err := newGenerator(documents, now)
	if err != nil {
		return nil, err
	}
	rate, err := measureIngest(ctx, config, g, documents)
	if err != nil {
		return nil, err
	}
	figures := []figure{{"ingest, acknowledged, batches of 2,000", fmt.Sprintf("%.0f docs/s", rate), "65,000–80,000 docs/s"}}
	size, err := bytesOnDisk(ctx, config)
	if err != nil {
		return nil, err
	}
	figures = append(figures, figure{"on disk", fmt.Sprintf("%.0f bytes a document", float64(size)/float64(documents)), "88–140 bytes a document"})
	for _, q := range []struct {
		name, warm, cold string
		length           time.Duration
	}{
		{"latency 24 h", "23 ms of 15 M documents", "79 ms of 15 M documents", 24 * time.Hour},
		{"latency 10 days", "277 ms of 5.6 M documents", "", benchDays * 24 * time.Hour},
	} {
		cold, warm, err := measureLatency(ctx, config, telemetry.Between(now.Add(-q.length), now, time.UTC))
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{q.name + ", warm", warm.Round(100 * time.Microsecond).String(), q.warm},
			figure{q.name + ", cold (opened anew)", cold.Round(100 * time.Microsecond).String(), q.cold})
	}
	peak, err := memory(os.Getpid(), "VmHWM:")
	return append(figures, figure{"peak memory of the process", peak, "808 MB with a limit of 1 GB"}), err
}

// measureIngest writes all documents; making them is not part of the time.
func measureIngest(ctx context.Context, c embedded.Config, g *generator, documents int) (perSecond float64, err error) {
	s, err := embedded.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	var took time.Duration
	for left := documents; left > 0; {
		batches := make([][]ingest.Document, 0, 50)
		for range cap(batches) {
			n := min(batchSize, left)
			batches, left = append(batches, g.next(n)), left-n
		}
		start := time.Now()
		if err := send(ctx, s, batches); err != nil {
			return 0, err
		}
		took += time.Since(start)
	}
	start := time.Now()
	err = s.Close()
	return float64(documents) / (took + time.Since(start)).Seconds(), err
}

func send(ctx context.Context, s *embedded.Store, batches [][]ingest.Document) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(senders)
	for _, docs := range batches {
		g.Go(func() error { return write(ctx, s, docs) })
	}
	return g.Wait()
}

func write(ctx context.Context, s *embedded.Store, docs []ingest.Document) error {
	results, err := s.Write(ctx, docs)
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.Err != nil {
			return fmt.Errorf("%.200s: %w", docs[i].Source, r.Err)
		}
	}
	return nil
}

func bytesOnDisk(ctx context.Context, c embedded.Config) (int64, error) {
	s, err := embedded.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	stats, err := s.Stats()
	if err != nil {
		return 0, err
	}
	return stats.Bytes, s.Close()
}

// measureLatency is the median of the first answers after opening and of the
// second ones.
func measureLatency(ctx context.Context, c embedded.Config, r telemetry.Range) (cold, warm time.Duration, err error) {
	q := telemetry.LatencyQuery{Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
	var colds, warms []time.Duration
	for range repeats {
		s, err := embedded.Open(ctx, c)
		if err != nil {
			return 0, 0, err
		}
		for _, list := range []*[]time.Duration{&colds, &warms} {
			start := time.Now()
			if _, err := s.Latency(ctx, q); err != nil {
				return 0, 0, err
			}
			*list = append(*list, time.Since(start))
		}
		if err := s.Close(); err != nil {
			return 0, 0, err
		}
	}
	return median(colds), median(warms), nil
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// memory is a line of a process's status, where the system tells.
func memory(pid int, name string) (string, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "not told by this system", nil
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, name); ok {
			var n int
			if _, err := fmt.Sscan(kb, &n); err != nil {
				return "", err
			}
			return fmt.Sprintf("%d MB", n/1024), nil
		}
	}
	return "not told by this system", nil
}
