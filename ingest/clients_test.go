package ingest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"jikimi/samples"
)

// request is a recorded request of a client. Bodies are cut after some lines
// or bytes.
type request struct {
	Client, Method, URL string
	Seq                 int
	Headers             map[string]string
	Body                string `json:"body_head"`
	Answered            int
}

func recordedRequests(t *testing.T) []request {
	t.Helper()
	f, err := os.Open("testdata/client-requests.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read from
	var list []request
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var r request
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	if err := sc.Err(); err != nil || len(list) != 54 {
		t.Fatalf("got %d requests, %v, want 54", len(list), err)
	}
	return list
}

// send repeats a request as the client sent it.
func (r request) send(t *testing.T, e http.Handler) gotAnswer {
	t.Helper()
	body := r.body()
	var headers []string
	for name, value := range r.Headers {
		if name != "content-length" {
			headers = append(headers, name+": "+value)
		}
	}
	if r.Headers["content-encoding"] == "gzip" {
		body = packed(t, body)
	}
	w := call(e, r.Method, r.URL, body, headers...)
	if w.Header().Get("X-Elastic-Product") != "Elasticsearch" {
		t.Errorf("%s %d: got no product, want Elasticsearch", r.Client, r.Seq)
	}
	return gotAnswer{w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()}
}

type gotAnswer struct {
	status      int
	contentType string
	body        []byte
}

// body mends what the recording has cut: set-up bodies have no meaning here,
// of a bulk body the whole lines are kept.
func (r request) body() string {
	if r.Method == http.MethodPut {
		if json.Valid([]byte(r.Body)) {
			return r.Body
		}
		return `{"cut":true}`
	}
	if !strings.Contains(r.URL, "_bulk") {
		return r.Body
	}
	kept := ""
	lines := strings.Split(r.Body, "\n")
	for i := 0; i+1 < len(lines) && json.Valid([]byte(lines[i])); i += 2 {
		document := lines[i+1]
		if !json.Valid([]byte(document)) {
			document = `{"cut":true}`
		}
		kept += lines[i] + "\n" + document + "\n"
	}
	return kept
}

// What each client does from its start to its first documents is answered so
// that it goes on: with the status that it got when it was recorded, and with
// the fields that it reads.
func TestRecordedClients(t *testing.T) {
	var e *Endpoint
	for _, r := range recordedRequests(t) {
		if r.Seq == 1 {
			e = newTestEndpoint(t, Config{Writer: &memory{}})
		}
		got := r.send(t, e)
		what := fmt.Sprintf("%s, %d: %s %s", r.Client, r.Seq, r.Method, r.URL)
		if got.status != r.Answered {
			t.Errorf("%s: got %d %.200s, want %d", what, got.status, got.body, r.Answered)
			continue
		}
		for _, want := range fieldsRead(r) {
			if !strings.Contains(string(got.body), want) {
				t.Errorf("%s: got %.300s, want %s in it", what, got.body, want)
			}
		}
		if strings.Contains(r.Headers["accept"], "compatible-with=8") != strings.Contains(got.contentType, "compatible-with=8") {
			t.Errorf("%s: got content type %s, want one in kind with %q", what, got.contentType, r.Headers["accept"])
		}
	}
}

// fieldsRead is what a client reads in the answer to a request.
func fieldsRead(r request) []string {
	path, _, _ := strings.Cut(r.URL, "?")
	switch {
	case r.Answered != http.StatusOK || r.Method == http.MethodHead:
		return nil
	case path == "/":
		return []string{`"number":"7.17.29"`, `"build_flavor":"default"`, `"tagline":"You Know, for Search"`, `"cluster_uuid":"`}
	case path == "/_license":
		return []string{`"status":"active"`, `"type":"basic"`}
	case path == "/_xpack":
		return []string{`"ilm":{"available":true,"enabled":true}`}
	case path == "/_cluster/health":
		return []string{`"status":"green"`, `"timed_out":false`}
	case strings.HasSuffix(path, "_bulk"):
		return []string{`"errors":false`, `"status":201`, `"took":`}
	}
	return []string{`"acknowledged":true`}
}

// Logstash could not be run: these are its calls as its source makes them,
// with the bulk body of its events as a beats input receives them.
func TestLogstashCalls(t *testing.T) {
	m := &memory{}
	e := newTestEndpoint(t, Config{Writer: m})
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"HEAD", "/", "", 200, ""},
		{"GET", "/", "", 200, `"build_flavor":"default"`},
		{"GET", "/_license", "", 200, `"status":"active"`},
		{"GET", "/", "", 200, `"cluster_uuid":"`},
		{"HEAD", "/_template/logstash", "", 404, ""},
		{"PUT", "/_template/logstash", `{"index_patterns":["logstash-*"]}`, 200, `"acknowledged":true`},
		{"HEAD", "/logstash", "", 404, ""},
		{"PUT", "/%3Clogstash-%7Bnow%2Fd%7D-000001%3E", `{"aliases":{"logstash":{"is_write_index":true}}}`, 200, `"index":"logstash-2026.11.22-000001"`},
		{"HEAD", "/logstash", "", 200, ""},
		{"GET", "/_ilm/policy/logstash-policy", "", 404, "resource_not_found_exception"},
		{"PUT", "/_ilm/policy/logstash-policy", `{"policy":{}}`, 200, `"acknowledged":true`},
	} {
		w := call(e, tt.method, tt.path, tt.body, "Content-Type: application/json")
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s %s: got %d %s, want %d %s", tt.method, tt.path, w.Code, w.Body, tt.status, tt.says)
		}
	}
	lines, err := samples.Lines(samples.FilebeatToLogstash)
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for _, line := range lines {
		body.WriteString(`{"index":{"_id":null,"_index":"logstash-dev-was-2026.11.22","routing":null}}` + "\n" + string(line) + "\n")
	}
	w := call(e, "POST", "/_bulk?filter_path=errors,items.*.error,items.*.status", packed(t, body.String()), "Content-Type: application/json", "Content-Encoding: gzip",
		"User-Agent: Logstash/7.17.29 (OS=Linux-6.1; JVM=Eclipse-11) logstash-output-elasticsearch/11.22.0")
	got := readBulk(t, w)
	if got.Took != nil || got.Errors == nil || *got.Errors || len(got.Items) != len(lines) || statusesOf(got)[201] != len(lines) {
		t.Errorf("got %.200s, want no error and %d items with status 201 alone", w.Body, len(lines))
	}
	if m.count() != len(lines) {
		t.Fatalf("stored: got %d, want %d", m.count(), len(lines))
	}
	for i, d := range m.docs {
		if string(d.Source) != string(lines[i]) || d.Index != "logstash-dev-was-2026.11.22" {
			t.Fatalf("document %d: got %s in %s, want %s", i, d.Source, d.Index, lines[i])
		}
	}
}
