package elastic

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"jikimi/telemetry"
)

const (
	mostUnreadable = 10  // documents shown
	mostText       = 200 // bytes of one
)

// Ingest implements telemetry.IngestReader. A cluster does not say when a
// document arrived, what it refused or how long it keeps anything: delays,
// refusals and what is kept stay empty.
func (s *Store) Ingest(ctx context.Context, q telemetry.IngestQuery) (telemetry.Ingest, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Ingest{}, err
	}
	a, err := s.ingest(ctx, q)
	if err != nil {
		return telemetry.Ingest{}, s.unavailable(ctx, "ingest", err)
	}
	return a, nil
}

func (s *Store) ingest(ctx context.Context, q telemetry.IngestQuery) (telemetry.Ingest, error) {
	a := telemetry.Ingest{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	list, err := s.indices(ctx)
	if err != nil {
		return a, err
	}
	list = noteUnread(selected(list, q.Allow, telemetry.Scope{}, time.Time{}), &a.Meta)
	asks := sourceAsks(list, q.Range)
	n := len(asks)
	answers, err := s.search(ctx, slices.Concat(sourceItems(asks, arrivalsBody), sourceItems(asks, newestBody)), &a.Meta)
	if err != nil {
		return a, err
	}
	found := arrivals{}
	for i, ask := range asks {
		if err := found.add(ask, answers[i], answers[n+i]); err != nil {
			return a, err
		}
	}
	a.Sources = found.sorted()
	for i := range a.Evidence {
		a.Evidence[i].Documents = found.documents()
	}
	a.Unreadable, err = s.unreadable(ctx, asks, &a.Meta)
	return a, err
}

// arrivalsBody counts a source's documents by bucket.
func arrivalsBody(a sourceAsk) object {
	return object{
		"size": 0, "track_total_hits": false, "timeout": bodyTimeout,
		"query": allOf(within(a.time, a.during.From, a.during.To), a.mine()),
		"aggs":  object{"buckets": bucketsBody(a.time, a.during.Buckets(), a.during.To)},
	}
}

// newestBody asks for the time of a source's newest document.
func newestBody(a sourceAsk) object { return newestFirst(a.time, a.mine()) }

// arrivals are sources by env and source.
type arrivals map[[2]string]*telemetry.IngestSource

func (a arrivals) add(ask sourceAsk, counted, newest found) error {
	owner := ask.group.indices[0].IndexName
	last := lastTime(newest)
	if last.IsZero() {
		return nil // no document has its time there
	}
	k := [2]string{owner.Env, owner.Source}
	if a[k] == nil {
		a[k] = &telemetry.IngestSource{Env: owner.Env, Source: owner.Source}
	}
	if last.After(a[k].Last) {
		a[k].Last = last
	}
	if len(counted.Aggregations) == 0 {
		return nil
	}
	var answer struct {
		Buckets struct {
			Buckets []bucketAnswer `json:"buckets"`
		} `json:"buckets"`
	}
	if err := json.Unmarshal(counted.Aggregations, &answer); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	return count(a[k], answer.Buckets.Buckets)
}

// count adds buckets to those of a source, oldest first.
func count(o *telemetry.IngestSource, buckets []bucketAnswer) error {
	for _, b := range buckets {
		start, err := b.start()
		if err != nil {
			return fmt.Errorf("decode: bucket: %w", err)
		}
		if b.Count == 0 {
			continue
		}
		o.Documents += b.Count
		at, found := slices.BinarySearchFunc(o.Buckets, start, func(b telemetry.IngestBucket, t time.Time) int { return b.Start.Compare(t) })
		if !found {
			o.Buckets = slices.Insert(o.Buckets, at, telemetry.IngestBucket{Start: start})
		}
		o.Buckets[at].Count += b.Count
	}
	return nil
}

func (a arrivals) documents() (n int64) {
	for _, o := range a {
		n += o.Documents
	}
	return n
}

func (a arrivals) sorted() []telemetry.IngestSource {
	var out []telemetry.IngestSource
	for _, o := range a {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b telemetry.IngestSource) int {
		return cmp.Or(cmp.Compare(a.Env, b.Env), cmp.Compare(a.Source, b.Source))
	})
	return out
}

// unreadable are the newest documents of the sources that keep raw text.
func (s *Store) unreadable(ctx context.Context, asks []sourceAsk, meta *telemetry.Meta) ([]telemetry.Unreadable, error) {
	asks = slices.DeleteFunc(slices.Clone(asks), func(a sourceAsk) bool {
		return a.group.indices[0].Source != telemetry.SourceUnreadable
	})
	answers, err := s.search(ctx, sourceItems(asks, unreadableBody), meta)
	if err != nil {
		return nil, err
	}
	var out []telemetry.Unreadable
	for i, f := range answers {
		for _, h := range f.Hits.Hits {
			u := telemetry.Unreadable{Env: asks[i].group.indices[0].Env, Time: h.time()}
			var doc struct {
				Message string `json:"message"`
			}
			if json.Unmarshal(h.Source, &doc) == nil { // a message that is no text has none to show
				u.Text = beginning(doc.Message)
			}
			out = append(out, u)
		}
	}
	slices.SortStableFunc(out, func(a, b telemetry.Unreadable) int { return b.Time.Compare(a.Time) })
	return out[:min(len(out), mostUnreadable)], nil
}

func unreadableBody(a sourceAsk) object {
	body := newestFirst(a.time, allOf(within(a.time, a.during.From, a.during.To), a.mine()))
	body["size"], body["_source"] = mostUnreadable, []string{"message"}
	return body
}

func beginning(s string) string {
	if len(s) <= mostText {
		return s
	}
	return strings.ToValidUTF8(s[:mostText], "") + "…"
}
