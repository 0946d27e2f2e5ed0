package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"jikimi/ingest"
	"jikimi/samples"
)

const (
	seed      = 1
	benchDays = 10
)

// generator makes documents of recorded ones: the same text with other times,
// spread over the days before now, in the order of time.
type generator struct {
	lines  []recorded
	random *rand.Rand
	from   time.Time
	step   time.Duration
	made   int
}

// recorded is a line cut at its times.
type recorded struct {
	parts [][]byte
	index string
}

func newGenerator(documents int, now time.Time) (*generator, error) {
	g := &generator{random: rand.New(rand.NewPCG(seed, seed)), from: now.Add(-benchDays * 24 * time.Hour)} //nolint:gosec // repeatable, not secret
	g.step = benchDays * 24 * time.Hour / time.Duration(documents)
	for _, file := range []struct{ name, index string }{
		{samples.Logstash, "logstash-prod-was-"}, {samples.K6Output, "k6-metrics-"}, {samples.Sensors, "logstash-prod-sensor-"},
	} {
		lines, err := samples.Lines(file.name)
		if err != nil {
			return nil, err
		}
		for i, line := range lines {
			if file.name == samples.K6Output && i%10 != 0 {
				continue // load tests are a small part of what comes in
			}
			g.lines = append(g.lines, cut(line, file.index))
		}
	}
	if len(g.lines) == 0 {
		return nil, errors.New("no sample lines")
	}
	return g, nil
}

// cut takes a line apart at the seconds of its RFC 3339 times.
func cut(line []byte, index string) recorded {
	const day = "2026-11-22T"
	const length = len("2026-11-22T16:20:42")
	r := recorded{index: index}
	for {
		at := bytes.Index(line, []byte(day))
		if at < 0 || at+length > len(line) {
			r.parts = append(r.parts, line)
			return r
		}
		r.parts = append(r.parts, line[:at])
		line = line[at+length:]
	}
}

// next is the next documents.
func (g *generator) next(n int) []ingest.Document {
	docs := make([]ingest.Document, n)
	for i := range docs {
		at := g.from.Add(time.Duration(g.made) * g.step).UTC()
		r := g.lines[g.random.IntN(len(g.lines))]
		docs[i] = ingest.Document{
			Index:  fmt.Sprintf("%s%s", r.index, at.Format("2006.01.02")),
			Source: bytes.Join(r.parts, at.AppendFormat(nil, "2006-01-02T15:04:05")),
		}
		g.made++
	}
	return docs
}
