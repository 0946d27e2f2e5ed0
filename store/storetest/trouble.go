package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"jikimi/telemetry"
)

// nasty are texts that somebody may send to break queries or pages.
func nasty() []string {
	return []string{
		`'`, `"`, `''; DROP TABLE doc; --`, `\`, `%`, `_`, `*`, `{"match_all":{}}`, `$1`, `?`, `<script>alert(1)</script>`,
		"nul\x00inside", "\u202eright to left\u2066", "줄\n바꿈", "é", "e\u0301", "ＦＵＬＬ", "🙂",
	}
}

// hostile: texts of documents and of questions are data, never part of a query.
func (s suite) hostile(t *testing.T) {
	at := now.Add(-time.Minute)
	var docs []Document
	for i, text := range nasty() {
		docs = append(docs, in(devWas, request(at, float64(i), fields{"hostname": text, "router": text, "user": text})))
	}
	envs := []string{"o'brien", "$1", "{}", "é", "%"}
	for i, env := range envs {
		docs = append(docs, in("logstash-"+env+"-x-2026.11.22", request(at, float64(1000+i), nil)))
	}
	store := s.opened(t, retention, docs...)
	for i, text := range nasty() {
		q := query(lately(time.Hour))
		q.Scope.Host = []string{text}
		q.Filters = []telemetry.Filter{{Role: telemetry.RoleRoute, Values: []string{text}}, {Role: telemetry.RoleUser, Values: []string{text}}}
		s.checkFigures(t, text, ask(t, store, q).Total, untimed([]float64{float64(i)}))
		q = query(lately(time.Hour))
		q.Scope = telemetry.Scope{Env: []string{text + "x"}, Source: []string{text}}
		q.Allow = telemetry.Allow{Patterns: []string{text + "/*", "*/" + text}}
		if got := ask(t, store, q).Total.Count; got != 0 {
			t.Errorf("%q as env and source: got %d requests, want 0", text, got)
		}
	}
	for i, env := range envs {
		q := query(lately(time.Hour))
		q.Scope.Env, q.Allow = []string{env}, telemetry.Allow{Patterns: []string{env + "/x"}}
		s.checkFigures(t, env, ask(t, store, q).Total, untimed([]float64{float64(1000 + i)}))
	}
	s.hostileHosts(t, store)
}

// hostileHosts: the list of sources gives the texts back as they are.
func (s suite) hostileHosts(t *testing.T, store telemetry.Store) {
	t.Helper()
	var hosts []string
	for _, o := range askSources(t, store, telemetry.Allow{Patterns: []string{"dev/was"}}).List {
		hosts = append(hosts, o.Host)
	}
	want := nasty()
	slices.Sort(hosts)
	slices.Sort(want)
	if !slices.Equal(hosts, want) {
		t.Errorf("hosts: got %q, want %q", hosts, want)
	}
}

// errors: which ones come back.
func (s suite) errors(t *testing.T) {
	store := s.opened(t, retention, in(devWas, request(now.Add(-time.Minute), 1, nil)))
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for name, err := range askAll(ctx, store, lately(time.Hour)) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got error %v, want context canceled", name, err)
			}
		}
	})
	t.Run("too late", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		for name, err := range askAll(ctx, store, lately(time.Hour)) {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got error %v, want deadline exceeded", name, err)
			}
		}
	})
	t.Run("range", func(t *testing.T) {
		for name, err := range askAll(t.Context(), store, telemetry.Between(now, now, time.UTC)) {
			if !errors.Is(err, telemetry.ErrInvalid) {
				t.Errorf("%s of an empty range: got error %v, want an invalid question", name, err)
			}
		}
	})
	t.Run("filter", func(t *testing.T) {
		for _, f := range []telemetry.Filter{{Role: "nothing", Values: []string{"x"}}, {Role: telemetry.RoleStatus, Values: []string{"many"}}} {
			q := query(lately(time.Hour))
			q.Filters = []telemetry.Filter{f}
			if _, err := store.Latency(t.Context(), q); !errors.Is(err, telemetry.ErrInvalid) {
				t.Errorf("filter %+v: got error %v, want an invalid question", f, err)
			}
		}
	})
	t.Run("retention", func(t *testing.T) { s.retentionNotice(t, store) })
}

func askAll(ctx context.Context, store telemetry.Store, r telemetry.Range) map[string]error {
	_, latency := store.Latency(ctx, query(r))
	_, sources := store.Sources(ctx, telemetry.SourcesQuery{Range: r, Allow: telemetry.AllowAll()})
	_, fields := store.Fields(ctx, telemetry.FieldsQuery{Range: r, Allow: telemetry.AllowAll()})
	return map[string]error{"Latency": latency, "Sources": sources, "Fields": fields}
}

// retentionNotice: an answer says that its range begins before the oldest kept day.
func (s suite) retentionNotice(t *testing.T, store telemetry.Store) {
	if s.lack.KeepsAll {
		return
	}
	for _, c := range []struct {
		length time.Duration
		oldest string
	}{{day, ""}, {40 * day, "2026-10-23T00:00:00Z"}} {
		oldest := ""
		for _, n := range ask(t, store, query(lately(c.length))).Notices {
			if n.Code == telemetry.NoticeRetention {
				oldest = n.Params["oldest"]
			}
		}
		if oldest != c.oldest {
			t.Errorf("range of %v: got oldest %q, want %q", c.length, oldest, c.oldest)
		}
	}
}

// whileWriting: readers see growing counts while documents come in, and all of
// them in the end.
func (s suite) whileWriting(t *testing.T) {
	subject := s.open(t, now, retention)
	const batches, size = 20, 50
	var writer sync.WaitGroup
	done := make(chan struct{})
	writer.Go(func() {
		defer close(done)
		for i := range batches {
			docs := make([]Document, size)
			for j := range docs {
				docs[j] = in(devWas, request(now.Add(-time.Duration(i*size+j)*time.Second-time.Second), float64(j), nil))
			}
			if err := subject.Seed(t.Context(), docs); err != nil {
				t.Errorf("Seed: %v", err)
			}
		}
	})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() { readWhile(t, subject.Store, done) })
	}
	readers.Wait()
	writer.Wait()
	if got := ask(t, subject.Store, query(lately(time.Hour))).Total.Count; got != batches*size {
		t.Errorf("got %d requests in the end, want %d", got, batches*size)
	}
}

func readWhile(t *testing.T, store telemetry.Store, done <-chan struct{}) {
	var last int64
	for {
		l, err := store.Latency(t.Context(), query(lately(time.Hour)))
		if err != nil {
			t.Errorf("Latency: %v", err)
			return
		}
		var sum int64
		for _, b := range l.Buckets {
			sum += b.Count
		}
		if l.Total.Count < last || l.Total.Count != sum {
			t.Errorf("got %d requests, %d in the buckets, after %d", l.Total.Count, sum, last)
			return
		}
		last = l.Total.Count
		select {
		case <-done:
			return
		default:
		}
	}
}
