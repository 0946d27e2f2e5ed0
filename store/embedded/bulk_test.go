package embedded

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jikimi/ingest"
	"jikimi/samples"
)

func bulkEndpoint(t *testing.T, s *Store) *ingest.Endpoint {
	t.Helper()
	e, err := ingest.NewEndpoint(ingest.Config{Writer: s, Hosts: []string{"example.com"}, Now: s.config.Now})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func postBulk(t *testing.T, e http.Handler, path, body string, packed bool) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(body)
	if packed {
		b.Reset()
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", "application/json")
	if packed {
		r.Header.Set("Content-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

type bulkItem struct {
	ID     string `json:"_id"`
	Status int
	Error  struct{ Type, Reason string }
}

func bulkItems(t *testing.T, w *httptest.ResponseRecorder) []bulkItem {
	t.Helper()
	var a struct{ Items []map[string]bulkItem }
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		t.Fatalf("got %d %.300s, want 200 and items (%v)", w.Code, w.Body, err)
	}
	var list []bulkItem
	for _, i := range a.Items {
		for _, it := range i {
			list = append(list, it)
		}
	}
	return list
}

func bulkBody(action string, lines [][]byte) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(action + "\n")
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// The Elasticsearch output of k6 is not run here: its two recorded requests
// are repeated with the documents that it sent in them.
func TestK6OutputComesIn(t *testing.T) {
	const first = 10_613 // documents in the first request
	lines, err := samples.Lines(samples.K6Output)
	if err != nil {
		t.Fatal(err)
	}
	s := openStore(t, testConfig(t, sampleNow))
	e := bulkEndpoint(t, s)
	for _, part := range [][][]byte{lines[:first], lines[first:]} {
		for i, it := range bulkItems(t, postBulk(t, e, "/k6-metrics/_bulk", bulkBody(`{"create":{}}`, part), false)) {
			if it.Status != http.StatusCreated {
				t.Fatalf("document %d: got %+v, want 201", i, it)
			}
		}
	}
	got := exportDay(t, s, sampleNow)
	if len(got) != len(lines) {
		t.Fatalf("got %d documents, want %d", len(got), len(lines))
	}
	for i, line := range lines {
		if got[i].Index != "k6-metrics" || !jsonEqual(t, got[i].Source, line) {
			t.Fatalf("document %d: got %s in %s, want %s", i, got[i].Source, got[i].Index, line)
		}
	}
}

// What comes through the endpoint comes back as it was, in order, by the id
// that was answered, plain and packed.
func TestBulkComesBack(t *testing.T) {
	for i, name := range []string{samples.Logstash, samples.FilebeatHost, samples.Sensors, samples.FilebeatK6} {
		lines, err := samples.Lines(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = lines[:min(len(lines), 2100)] // more than the endpoint writes at a time
		s := openStore(t, testConfig(t, sampleNow))
		items := bulkItems(t, postBulk(t, bulkEndpoint(t, s), "/_bulk", bulkBody(`{"index":{"_id":null,"_index":"logstash-dev-was-2026.11.22"}}`, lines), i%2 == 0))
		got := exportDay(t, s, sampleNow)
		if len(got) != len(lines) || len(items) != len(lines) {
			t.Fatalf("%s: got %d documents and %d items, want %d", name, len(got), len(items), len(lines))
		}
		for i, line := range lines {
			if items[i].Status != http.StatusCreated || items[i].ID != got[i].ID || !jsonEqual(t, got[i].Source, line) {
				t.Fatalf("%s, %d: got %s with id %s and item %+v, want %s", name, i, got[i].Source, got[i].ID, items[i], line)
			}
		}
	}
}

// Documents that are hard to take: each is stored as it is, or refused with a
// reason that says what would be right, and takes none of the others with it.
func TestHardDocumentsInBulk(t *testing.T) {
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"f%d":%d,`, i, i)
		}
		return "{" + b.String() + `"timestamp":"2026-11-22T12:00:00Z"}`
	}
	at := func(time string) string { return `{"timestamp":"` + time + `"}` }
	tests := []struct {
		name, document string
		kind, says     string // of the refusal; empty: stored
	}{
		{"many fields", fields(4000), "", ""},
		{"10,000 fields", fields(10_000), "illegal_argument_exception", "fields at most"},
		{"long field name", `{"` + strings.Repeat("n", 100_000) + `":1}`, "", ""},
		{"1 MB field name", `{"` + strings.Repeat("n", 1<<20) + `":1}`, "illegal_argument_exception", "1048576 bytes"},
		{"keys with dots and brackets", `{"a.b":1,"a":{"b":2,"c[0]":3},"":4,"$['x']":5}`, "", ""},
		{"invalid UTF-8", "{\"message\":\"caf\xe9\"}", "", ""},
		{"deep", strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "illegal_argument_exception", "levels deep"},
		{"key twice", `{"a":1,"a":2}`, "mapper_parsing_exception", "Duplicate field 'a'"},
		{"no JSON", `TypeError: Cannot read properties of null`, "mapper_parsing_exception", "not valid JSON"},
		{"cut off", `{"level":"warn","message":"cut`, "mapper_parsing_exception", "not valid JSON"},
		{"list", `[1,2,3]`, "mapper_parsing_exception", ""},
		{"number", `42`, "mapper_parsing_exception", ""},
		{"empty", ``, "mapper_parsing_exception", ""},
		{"types that vary", `{"user":"text","statusCode":"many","IntervalTime":{"ms":3}}`, "", ""},
		{"clock of 1970", at("1970-01-01T00:00:07Z"), "illegal_argument_exception", "older than"},
		{"clock of 2100", at("2100-01-01T00:00:00Z"), "illegal_argument_exception", "ahead"},
	}
	s := openStore(t, testConfig(t, sampleNow))
	var lines [][]byte
	for _, tt := range tests {
		lines = append(lines, []byte(tt.document))
	}
	items := bulkItems(t, postBulk(t, bulkEndpoint(t, s), "/logs-x/_bulk", bulkBody(`{"index":{}}`, lines), false))
	got := exportDay(t, s, sampleNow)
	if len(items) != len(tests) {
		t.Fatalf("got %d items, want %d", len(items), len(tests))
	}
	for i, tt := range tests {
		it := items[i]
		if tt.kind != "" {
			if it.Status != http.StatusBadRequest || it.Error.Type != tt.kind || !strings.Contains(it.Error.Reason, tt.says) {
				t.Errorf("%s: got %d %s %q, want 400 %s %q", tt.name, it.Status, it.Error.Type, it.Error.Reason, tt.kind, tt.says)
			}
			continue
		}
		if it.Status != http.StatusCreated || len(got) == 0 || got[0].ID != it.ID || !jsonEqual(t, got[0].Source, []byte(tt.document)) {
			t.Errorf("%s: got %+v and %.200s, want it stored as it is", tt.name, it, got)
			continue
		}
		got = got[1:]
	}
	if len(got) != 0 {
		t.Errorf("got %d documents more than were acknowledged", len(got))
	}
}

// A store that has closed acknowledges nothing: shippers send it again.
func TestBulkIntoClosedStore(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	e := bulkEndpoint(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if w := postBulk(t, e, "/a/_bulk", "{\"index\":{}}\n{\"a\":1}\n", false); w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d %s, want 503", w.Code, w.Body)
	}
}
