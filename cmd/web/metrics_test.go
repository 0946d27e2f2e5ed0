package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"jikimi/store/embedded"
)

func TestMetrics(t *testing.T) {
	m := newMetrics()
	m.registry.MustRegister(newStoreMetrics(func() (embedded.Stats, error) {
		return embedded.Stats{Days: 3, Bytes: 4096, Written: 7, Refused: 1, Waiting: 9}, nil
	}))
	r := chi.NewRouter()
	r.Use(m.middleware)
	r.Get("/errors/{group}", func(http.ResponseWriter, *http.Request) {})
	r.Post("/fail", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	r.Handle("/metrics", m.handler())
	for _, q := range []struct{ method, path string }{
		{"GET", "/errors/1"}, {"GET", "/errors/2"}, {"POST", "/fail"}, {"GET", "/made/up"}, {"MADEUP", "/errors/1"},
	} {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(q.method, q.path, nil))
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	const count = "jikimi_http_request_duration_seconds_count"
	for _, want := range []string{
		count + `{method="GET",route="/errors/{group}",status="2xx"} 2`,
		count + `{method="POST",route="/fail",status="5xx"} 1`,
		count + `{method="GET",route="other",status="4xx"} 1`,
		count + `{method="other",route="other",status="4xx"} 1`,
		"jikimi_store_days 3", "jikimi_store_bytes 4096", "jikimi_store_documents_written_total 7",
		"jikimi_store_documents_refused_total 1", "jikimi_store_waiting_bytes 9",
		`jikimi_build_info{goversion="go`, "go_goroutines ", "process_start_time_seconds ",
	} {
		if got := w.Body.String(); !strings.Contains(got, want) {
			t.Errorf("got no %s in\n%s", want, got)
		}
	}
}

// A store that cannot say does not take the other figures with it.
func TestMetricsWithoutStore(t *testing.T) {
	m := newMetrics()
	m.registry.MustRegister(newStoreMetrics(func() (embedded.Stats, error) { return embedded.Stats{}, errors.New("gone") }))
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if got := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(got, "go_goroutines ") || strings.Contains(got, "jikimi_store") {
		t.Errorf("got %d %s, want 200 and all but the store's", w.Code, got)
	}
}
