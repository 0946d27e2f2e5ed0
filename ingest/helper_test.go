package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var testNow = time.Date(2026, 11, 22, 16, 30, 0, 0, time.UTC)

// memory is a writer that keeps what it is given. Like a store it refuses what
// is not a JSON object.
type memory struct {
	mu   sync.Mutex
	docs []Document
	// err, when set, is asked before each call.
	err   func(call int) error
	calls int
}

func (m *memory) Write(_ context.Context, docs []Document) ([]Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.err != nil {
		if err := m.err(m.calls); err != nil {
			return nil, err
		}
	}
	results := make([]Result, len(docs))
	for i, d := range docs {
		results[i] = m.keep(d)
	}
	return results, nil
}

func (m *memory) keep(d Document) Result {
	var o map[string]any
	if err := json.Unmarshal(d.Source, &o); err != nil {
		return Result{ID: d.ID, Err: &RefusedError{Type: "mapper_parsing_exception", Reason: "failed to parse"}}
	}
	if d.ID == "" {
		d.ID = "made-" + strconv.Itoa(len(m.docs))
	}
	d.Source = bytes.Clone(d.Source)
	m.docs = append(m.docs, d)
	return Result{ID: d.ID}
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.docs)
}

func newTestEndpoint(t *testing.T, c Config) *Endpoint {
	t.Helper()
	if c.Hosts == nil {
		c.Hosts = []string{"example.com"} // what httptest's requests name
	}
	if c.Now == nil {
		c.Now = func() time.Time { return testNow }
	}
	e, err := NewEndpoint(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// newRequest is a request; headers are `Name: value`, without a value they are
// taken away. Writing ones have a content type unless they bring one.
func newRequest(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if method == http.MethodPost || method == http.MethodPut {
		r.Header.Set("Content-Type", "application/x-ndjson")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
		if name == "Transfer-Encoding" {
			r.ContentLength = -1
		}
	}
	return r
}

func answer(e http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func call(e http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	return answer(e, newRequest(method, path, body, headers...))
}

// gotItem is an item of a bulk answer as a client reads it.
type gotItem struct {
	Index  string `json:"_index"`
	ID     string `json:"_id"`
	Status int
	Result string
	Error  struct{ Type, Reason string }
}

type gotBulk struct {
	Took   *int
	Errors *bool
	Items  []map[string]gotItem
}

func readBulk(t *testing.T, w *httptest.ResponseRecorder) gotBulk {
	t.Helper()
	var b gotBulk
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil || w.Code != http.StatusOK {
		t.Fatalf("got %d %s, want 200 and a bulk answer (%v)", w.Code, w.Body, err)
	}
	return b
}

// readFault is the type and the reason of an error answer.
func readFault(t *testing.T, w *httptest.ResponseRecorder) (kind, reason string) {
	t.Helper()
	var f struct {
		Error struct {
			Type, Reason string
			RootCause    []struct{ Type, Reason string } `json:"root_cause"`
		}
		Status int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &f); err != nil {
		t.Fatalf("got %d %s, want an error in JSON: %v", w.Code, w.Body, err)
	}
	if f.Status != w.Code || len(f.Error.RootCause) != 1 || f.Error.RootCause[0].Type != f.Error.Type {
		t.Errorf("got %d %s, want the status and the root cause in it", w.Code, w.Body)
	}
	return f.Error.Type, f.Error.Reason
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
