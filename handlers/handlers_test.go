package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"jikimi/i18n"
	"jikimi/ingest"
	"jikimi/samples"
	"jikimi/store/embedded"
	"jikimi/telemetry"
)

// now is shortly after the recorded documents.
var now = time.Date(2026, 11, 22, 16, 40, 0, 0, time.UTC)

// site is the program's pages over a store.
type site struct {
	t       *testing.T
	handler http.Handler
	log     *strings.Builder
}

// recording is a store with the recorded documents, opened once: it is only read.
var recording *embedded.Store

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "jikimi-handlers-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	docs, err := recorded()
	if err != nil {
		return 0, err
	}
	if recording, err = openStore(context.Background(), dir, docs); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, recording.Close()) }()
	return m.Run(), nil
}

func openStore(ctx context.Context, dir string, docs []ingest.Document) (*embedded.Store, error) {
	store, err := embedded.Open(ctx, embedded.Config{Dir: dir, Retention: 30 * 24 * time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	results, err := store.Write(ctx, docs)
	for i, r := range results {
		if r.Err != nil {
			err = errors.Join(err, fmt.Errorf("document %d: %w", i, r.Err))
		}
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// open serves the pages over an embedded store with the documents.
func open(t *testing.T, docs ...ingest.Document) site {
	t.Helper()
	store, err := openStore(t.Context(), t.TempDir(), docs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return serve(t, store)
}

func serve(t *testing.T, store telemetry.Store) site {
	t.Helper()
	return serveAt(t, store, "")
}

// serveAt is serve with an address for shippers.
func serveAt(t *testing.T, store telemetry.Store, address string) site {
	t.Helper()
	seoul, err := telemetry.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	log := &strings.Builder{}
	h, err := New(Config{
		Store: store, Now: func() time.Time { return now }, Zone: seoul, Lang: i18n.Korean, Hosts: []string{"jikimi.test"},
		Logger: slog.New(slog.NewTextHandler(log, nil)), Ready: func() bool { return true }, Metrics: http.NotFoundHandler(), IngestAddress: address,
	})
	if err != nil {
		t.Fatal(err)
	}
	return site{t, h, log}
}

// recorded are the documents of both winston logs as Logstash indexes them.
func recorded() ([]ingest.Document, error) {
	lines, err := samples.Lines(samples.Logstash)
	if err != nil {
		return nil, err
	}
	var docs []ingest.Document
	for _, line := range lines {
		index := "logstash-dev-was-2026.11.22"
		if strings.Contains(string(line), `"serverMode":"prod"`) {
			index = "logstash-prod-was-2026.11.22"
		}
		docs = append(docs, ingest.Document{Index: index, Source: line})
	}
	return docs, nil
}

// request asks for a path with headers, given as name, value pairs.
func (s site) request(method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, nil)
	r.Host = "jikimi.test"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// page asks for a path and reads the page.
func (s site) page(path string, headers ...string) page {
	s.t.Helper()
	w := s.request(http.MethodGet, path, headers...)
	doc, err := html.Parse(w.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return page{s.t, w.Code, doc}
}

// page is a page that was answered.
type page struct {
	t    *testing.T
	code int
	doc  *html.Node
}

// all are the elements that match a CSS selector.
func (p page) all(selector string) []*html.Node {
	p.t.Helper()
	sel, err := cascadia.Parse(selector)
	if err != nil {
		p.t.Fatal(err)
	}
	return cascadia.QueryAll(p.doc, sel)
}

// one is the only element that matches, as text without double spaces.
func (p page) one(selector string) string {
	p.t.Helper()
	found := p.all(selector)
	if len(found) != 1 {
		p.t.Errorf("%d elements match %s, want one", len(found), selector)
		return ""
	}
	return text(found[0])
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

const partial, panelType = "HX-Request", "HX-Request-Type"

// asPanel are the headers of an htmx request for the panel.
func asPanel() []string { return []string{partial, "true", panelType, "partial"} }

// broken is a store that answers every question with an error.
type broken struct{ err error }

func (b broken) Latency(context.Context, telemetry.LatencyQuery) (telemetry.Latency, error) {
	return telemetry.Latency{}, b.err
}

func (b broken) Sources(context.Context, telemetry.SourcesQuery) (telemetry.Sources, error) {
	return telemetry.Sources{}, b.err
}

func (b broken) Fields(context.Context, telemetry.FieldsQuery) (telemetry.Fields, error) {
	return telemetry.Fields{}, b.err
}

func (b broken) Ingest(context.Context, telemetry.IngestQuery) (telemetry.Ingest, error) {
	return telemetry.Ingest{}, b.err
}

func form(pairs ...string) io.Reader {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return strings.NewReader(v.Encode())
}
