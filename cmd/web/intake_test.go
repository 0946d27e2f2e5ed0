package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jikimi/store/embedded"
)

// postBulk is the status and the answer to a bulk body.
func postBulk(t *testing.T, address, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/_bulk", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		return err.Error()
	}
	return a.Status[:3] + " " + string(text)
}

// document is an action and a document with a duration, a minute ago.
func document(message string) string {
	return fmt.Sprintf(`{"index":{"_index":"logstash-prod-api-2026.11.22"}}`+"\n"+
		`{"timestamp":%q,"message":%q,"event":"response","protocol":"HTTP","method":"GET","router":"/api/x","statusCode":200,"IntervalTime":12}`+"\n",
		time.Now().Add(-time.Minute).UTC().Format(time.RFC3339Nano), message)
}

// What is sent is in the store, on the page and in the metrics.
func TestIntake(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	p := start(t, "serve", "--data", data)
	if got := postBulk(t, p.ingest, document("one")+document("two")+"{\"index\":{\"_index\":\"a\"}}\nno JSON\n"); !strings.HasPrefix(got, "200 ") || strings.Count(got, `"status":201`) != 2 || strings.Count(got, `"status":400`) != 1 {
		t.Fatalf("got %s, want 2 documents stored and one refused", got)
	}
	if got := get(t, p.url+"latency.csv?range=1h"); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, "\ncurrent,") {
		t.Errorf("latency: got %s, want the requests", got)
	}
	metrics := get(t, p.url+"metrics")
	for _, want := range []string{
		`jikimi_ingest_documents_total{outcome="accepted"} 2`, `jikimi_ingest_documents_total{outcome="refused"} 1`,
		`jikimi_ingest_requests_total{outcome="accepted"} 1`, `jikimi_ingest_requests_total{outcome="full"} 0`,
		`jikimi_ingest_bytes_total{outcome="accepted"} `, "jikimi_store_documents_written_total 2",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics: got no %s in %s", want, metrics)
		}
	}
	for host, want := range map[string]int{"localhost:1": 200, "evil.example.com": 421} {
		if got := getAs(t, p.ingest+"/", host); got != want {
			t.Errorf("host %s: got %d, want %d", host, got, want)
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if got := len(stored(t, data)); got != 2 {
		t.Errorf("stored: got %d, want 2", got)
	}
}

// stored are all documents of a folder that no program has open.
func stored(t *testing.T, dir string) []embedded.Document {
	t.Helper()
	s, err := embedded.Open(t.Context(), embedded.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var docs []embedded.Document
	now := time.Now()
	for day := -2; day <= 1; day++ {
		err := s.Export(t.Context(), now.AddDate(0, 0, day), func(d embedded.Document) error {
			docs = append(docs, d)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return docs
}

// Switched off, nothing listens, and all else is as ever.
func TestIntakeOff(t *testing.T) {
	var out, logged lockedBuffer
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--listen=127.0.0.1:0", "--ingest-listen=off", "--data", t.TempDir()}, nil, nil, &out, &logged)
	}()
	for !strings.Contains(out.String(), "ready at") {
		time.Sleep(time.Millisecond)
	}
	if got := logged.String(); strings.Contains(got, "taking documents in") {
		t.Errorf("log: got %s, want no address for shippers", got)
	}
	url := strings.TrimSpace(strings.TrimPrefix(out.String(), "Jikimi is ready at "))
	if got := get(t, url+"readyz"); !strings.HasPrefix(got, "200 ") {
		t.Errorf("readyz: got %s, want 200", got)
	}
	if got := get(t, url+"metrics"); strings.Contains(got, "jikimi_ingest") {
		t.Errorf("metrics: got figures of what is off")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
}

// An address for shippers that is taken is told before the data is touched.
func TestIntakeInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	err = run(t.Context(), []string{"--listen=127.0.0.1:0", "--ingest-listen", l.Addr().String(), "--data", t.TempDir()}, nil, nil, io.Discard, io.Discard)
	if want := l.Addr().String() + " is in use by another program: stop it, or choose another address with --ingest-listen"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// At the end shippers are turned away first; what one of them has sent is
// still stored and acknowledged.
func TestIntakeEnds(t *testing.T) {
	data := t.TempDir()
	p := start(t, "serve", "--data", data)
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.ingest, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := document("late")
	head := fmt.Sprintf("POST /_bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	if _, err := io.WriteString(conn, head+body[:10]); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(get(t, p.url+"metrics"), "process_start_time_seconds") || getAs(t, p.ingest+"/", "localhost") != http.StatusOK {
		time.Sleep(time.Millisecond) // the server has taken the connection before this one
	}
	stopped := make(chan error, 1)
	go func() { stopped <- p.stop() }()
	for { // until nobody is let in
		c, err := net.Dial("tcp", strings.TrimPrefix(p.ingest, "http://"))
		if err != nil {
			break
		}
		_ = c.Close()
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(conn, body[10:]); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || !strings.Contains(string(answer), `"status":201`) {
		t.Errorf("got %s, %v, want the document acknowledged", answer, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if got := len(stored(t, data)); got != 1 {
		t.Errorf("stored: got %d, want 1", got)
	}
}
