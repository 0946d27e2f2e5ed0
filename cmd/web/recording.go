package main

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"jikimi/ingest"
	"jikimi/samples"
)

// recorded is a document as it was recorded.
type recorded struct {
	text   []byte
	stamps []stamp
	at     time.Time // when it happened
	// index is the name of its index, without the day where it has one.
	index string
	daily bool
}

// group is documents that belong together, oldest first, such as a request and
// its response: they are moved together.
type group struct {
	docs []*recorded
	// trouble says that something in it was slow or failed.
	trouble bool
}

// recording is everything the demo plays.
type recording struct {
	groups   []*group
	troubled []*group // those of groups with trouble
	docs     int      // in groups
	// loadTest is the samples of one whole run, which has its own name and so
	// is played once.
	loadTest *group
}

// loadRecording reads the recorded documents and groups them.
func loadRecording() (*recording, error) {
	logs, err := readDocs(samples.Logstash, `"@timestamp":"`)
	if err != nil {
		return nil, err
	}
	run, err := readDocs(samples.K6Output, `"Time":"`)
	if err != nil {
		return nil, err
	}
	for _, d := range run {
		d.index = "k6-metrics"
	}
	r := &recording{docs: len(logs), loadTest: &group{docs: run}}
	if r.groups, err = grouped(logs); err != nil {
		return nil, fmt.Errorf("recording: %s: %w", samples.Logstash, err)
	}
	for _, g := range r.groups {
		if g.trouble {
			r.troubled = append(r.troubled, g)
		}
	}
	return r, nil
}

// readDocs reads a sample file, oldest document first; timeKey begins the time
// a document happened at.
func readDocs(name, timeKey string) ([]*recorded, error) {
	lines, err := samples.Lines(name)
	if err != nil {
		return nil, err
	}
	docs := make([]*recorded, len(lines))
	for i, line := range lines {
		if docs[i], err = newRecorded(line, timeKey); err != nil {
			return nil, fmt.Errorf("recording: %s: %w", name, err)
		}
	}
	slices.SortStableFunc(docs, func(a, b *recorded) int { return a.at.Compare(b.at) })
	return docs, nil
}

func newRecorded(text []byte, timeKey string) (*recorded, error) {
	_, rest, _ := bytes.Cut(text, []byte(timeKey))
	value, _, ok := bytes.Cut(rest, []byte(`"`))
	t, err := time.Parse(time.RFC3339Nano, string(value))
	if !ok || err != nil {
		return nil, fmt.Errorf("a document without a time: %.80s", text)
	}
	return &recorded{text: text, stamps: findStamps(text), at: t}, nil
}

// moved is the document at another time.
func (d *recorded) moved(by time.Duration) ingest.Document {
	text := bytes.Clone(d.text)
	for _, s := range d.stamps {
		s.write(text, by)
	}
	index := d.index
	if d.daily {
		index += d.at.Add(by).Format("2006.01.02")
	}
	return ingest.Document{Index: index, Source: text}
}
