package elastic

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jikimi/testbed"
)

// methods are all that a server of HTTP may understand.
func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get", "post", "delete", ""}
}

// endpoints are what Elasticsearch 7.10 has, readers and writers, and paths
// that look like them.
func endpoints() []string {
	const x = "logstash-dev-was-2026.11.22"
	return []string{
		"/", "/_search", "/" + x + "/_search", "/_msearch", "/_count", "/" + x + "/_count", "/_field_caps", "/" + x + "/_field_caps",
		"/_cluster/allocation/explain", "/_mapping", "/" + x + "/_mapping", "/" + x + "/_mapping/_doc", "/_cat", "/_cat/indices", "/_cat/indices/" + x,
		"/_cluster/health", "/_cluster/state", "/_cluster/state/metadata/" + x, "/_cluster/stats", "/_cluster/settings", "/_cluster/reroute",
		"/_cluster/voting_config_exclusions", "/_nodes/stats", "/_nodes/reload_secure_settings", "/_resolve/index/logstash-*", "/_stats",
		"/_template", "/_template/x", "/_index_template", "/_index_template/x", "/_component_template/x", "/_index_template/_simulate",
		"/" + x, "/*", "/_all", "/" + x + "/_doc", "/" + x + "/_doc/1", "/" + x + "/_create/1", "/" + x + "/_update/1", "/_bulk", "/" + x + "/_bulk",
		"/" + x + "/_delete_by_query", "/" + x + "/_update_by_query", "/_reindex", "/" + x + "/_close", "/" + x + "/_open", "/" + x + "/_settings",
		"/_settings", "/_aliases", "/" + x + "/_alias/y", "/" + x + "/_aliases/y", "/" + x + "/_rollover", "/" + x + "/_shrink/y", "/" + x + "/_split/y",
		"/" + x + "/_clone/y", "/" + x + "/_block/write", "/" + x + "/_forcemerge", "/" + x + "/_flush", "/_flush", "/_cache/clear", "/_refresh",
		"/_ingest/pipeline/x", "/_ingest/pipeline/_simulate", "/_scripts/x", "/_scripts/painless/_execute", "/_snapshot/x", "/_snapshot/x/y", "/_tasks/_cancel", "/_search/scroll",
		"/_search/template", "/_render/template", "/_msearch/template", "/_mget", "/_dangling/x", "/_rank_eval", "/_analyze", "/_xpack/sql",
		"/_security/user/x", "/_ilm/policy/x", "/_data_stream/x", "/_shutdown", "/_remote/info", "/_upgrade",
	}
}

// spellings are ways to write a path that a server might read as the path.
func spellings(path string) []string {
	tail := strings.TrimPrefix(path, "/")
	return []string{
		path, path + "/", "/" + path, "/./" + tail, "/x/../" + tail, "/_search/../" + tail, "/_cat/../" + tail, "/%2e%2e/" + tail, "/_search%2f.." + path,
		strings.ReplaceAll(path, "_", "%5f"), "/" + strings.ReplaceAll(tail, "/", "%2f"), "/" + strings.ReplaceAll(tail, "/", "%2F"), "/" + strings.ReplaceAll(tail, "/", "//"),
		strings.ToUpper(path), path + "%00", path + "?pretty", path + ";x", "/_search" + path, path + "/_search", "/logstash-*" + path,
		"/-x,logstash-*" + path, "/<logstash-{now/d}>" + path, `\` + tail, path + "%20", path + "?source=%7B%7D&source_content_type=application/json",
	}
}

// TestNothingIsWritten sends every method, endpoint and spelling through the
// transport to a real 7.10.2 and compares the cluster's metadata.
func TestNothingIsWritten(t *testing.T) {
	withTemplates(t)
	doc := []byte(`{"timestamp":"2026-11-22T17:00:00Z","message":"keep me"}`)
	if refused := bulk(t, []testbed.Document{{Index: "logstash-dev-was-2026.11.22", Source: doc}}); len(refused) > 0 {
		t.Fatal(refused)
	}
	s := open(t, Config{})
	s.transport.wait = noWait
	before := everything(t)
	var sent, refused int
	for _, method := range methods() {
		for _, path := range endpoints() {
			for _, spelling := range spellings(path) {
				if errors.Is(through(t, s.transport, method, spelling), errNotRead) {
					refused++
				} else {
					sent++
				}
			}
		}
	}
	if after := everything(t); after != before {
		t.Errorf("the cluster's metadata changed from\n%s\nto\n%s", before, after)
	}
	if sent == 0 || refused == 0 {
		t.Errorf("%d requests were sent, %d refused, want some of both", sent, refused)
	}
	t.Logf("%d requests were sent, %d refused", sent, refused)
}

// everything is the metadata, templates and pipelines in it, and the documents.
func everything(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, path := range []string{"/_cluster/state/metadata?filter_path=metadata", "/logstash-*/_search?filter_path=hits.hits", "/_cluster/state/blocks?filter_path=blocks"} {
		status, body, err := server.Do(t.Context(), http.MethodGet, path, nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, status, err)
		}
		b.Write(body)
		b.WriteByte('\n')
	}
	return b.String()
}

// through sends a request as written, with a body that a writer would take.
func through(t *testing.T, to http.RoundTripper, method, path string) error {
	t.Helper()
	u, err := url.Parse(placeholder + path)
	if err != nil {
		u = &url.URL{Scheme: "http", Host: "cluster.invalid", Path: path} // sent as it is
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req := (&http.Request{Method: method, URL: u, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}).WithContext(ctx)
	res, err := to.RoundTrip(req)
	if err == nil {
		err = res.Body.Close()
	}
	return err
}

// TestReads pins what is allowed: what the table says, and nothing that only
// looks like it.
func TestReads(t *testing.T) {
	for _, c := range []struct {
		method, path string
		ok           bool
	}{
		{"GET", "/", true}, {"HEAD", "/", true}, {"POST", "/", false}, {"DELETE", "/", false},
		{"POST", "/_msearch", true}, {"GET", "/_msearch", false}, {"PUT", "/_msearch", false},
		{"POST", "/logstash-*,k6-metrics/_field_caps", true}, {"POST", "/logstash-*,-x/_field_caps", false}, {"POST", "/*/_search", false},
		{"POST", "/_all/_search", false}, {"POST", "/a*b/_search", false}, {"POST", "/a,/_search", false}, {"POST", "/A/_search", false},
		{"GET", "/_cluster/state/metadata/logstash-*", true}, {"GET", "/_cluster/state/metadata,blocks", true}, {"GET", "/_cluster/state/..", false},
		{"GET", "/_cat/indices", true}, {"GET", "/_cat/", false}, {"GET", "/_cat", false}, {"PUT", "/_cluster/settings", false},
		{"POST", "/_template/x", false}, {"GET", "/_template/x", true}, {"POST", "/_index_template/x", false}, {"POST", "/x/_mapping", false}, {"GET", "/x/_mapping", true},
		{"POST", "/_cluster/allocation/explain", true}, {"POST", "/_cluster/reroute", false}, {"GET", "/_search%2f", false}, {"POST", "/_search/", false}, {"POST", "//_search", false},
	} {
		u, err := url.Parse(placeholder + c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := checkRead(c.method, u) == nil; got != c.ok {
			t.Errorf("%s %s: allowed %v, want %v", c.method, c.path, got, c.ok)
		}
	}
}

// answering is a server that answers with a function, and what it was asked.
func answering(t *testing.T, answer http.HandlerFunc) *transport {
	t.Helper()
	web := httptest.NewServer(answer)
	t.Cleanup(web.Close)
	tr, err := newTransport(Config{URLs: []string{web.URL}})
	if err != nil {
		t.Fatal(err)
	}
	tr.wait = noWait
	return tr
}

// TestHeaders: plain content types whatever the client was told by its
// environment, and the product header only after detection.
func TestHeaders(t *testing.T) {
	var got http.Header
	tr := answering(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	for _, c := range []struct{ path, kind string }{{"/_search", "application/json"}, {"/_msearch", "application/x-ndjson"}} {
		for _, accepted := range []bool{false, true} {
			tr.accepted.Store(accepted)
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, placeholder+c.path, strings.NewReader("{}"))
			req.Header.Set("Content-Type", "application/vnd.elasticsearch+json;compatible-with=7")
			req.Header.Set("Accept", "application/vnd.elasticsearch+json;compatible-with=7")
			res, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if got.Get("Content-Type") != c.kind || got.Get("Accept") != "application/json" {
				t.Errorf("%s: sent %q and %q", c.path, got.Get("Content-Type"), got.Get("Accept"))
			}
			if product := res.Header.Get("X-Elastic-Product"); (product == "Elasticsearch") != accepted {
				t.Errorf("accepted %v: got the product header %q", accepted, product)
			}
		}
	}
}

// TestRetries: what may pass is sent again, with its body; what may not is not.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   int
	}{
		{200, "{}", 1}, {400, "{}", 1}, {429, "{}", 3}, {502, "", 3}, {503, `{"error":{"type":"x"}}`, 3}, {504, "", 3},
		{503, `{"error":{"type":"search_phase_execution_exception","caused_by":{"type":"too_many_buckets_exception"}}}`, 1},
	} {
		var bodies []string
		tr := answering(t, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body) // what came is compared below
			bodies = append(bodies, string(b))
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		res, err := tr.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodPost, placeholder+"/_search", strings.NewReader("question")))
		if err != nil || res.StatusCode != c.status {
			t.Fatalf("%d: got %v, %v", c.status, res, err)
		}
		if got := strings.Join(bodies, " "); got != strings.TrimSpace(strings.Repeat("question ", c.want)) {
			t.Errorf("%d %s: sent %q, want it %d times", c.status, c.body, got, c.want)
		}
	}
}

// TestOtherNode: a node that cannot be reached is left, one that a viewer did
// not wait for is not.
func TestOtherNode(t *testing.T) {
	tr := answering(t, func(http.ResponseWriter, *http.Request) {})
	dead := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	tr.nodes = []*url.URL{dead, tr.nodes[0]}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.RoundTrip(httptest.NewRequestWithContext(ctx, http.MethodGet, placeholder+"/", nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context canceled", err)
	}
	if tr.at.Load() != 0 {
		t.Error("a viewer who left moved everybody to another node")
	}
	res, err := tr.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, placeholder+"/", nil))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("got %v, %v, want the other node's answer", res, err)
	}
}

// TestCap: an answer without an end is cut off.
func TestCap(t *testing.T) {
	piece := bytes.Repeat([]byte("x"), 1<<20)
	tr := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 200 {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	_, err := tr.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, placeholder+"/", nil))
	if !errors.Is(err, errTooLong) {
		t.Errorf("got error %v, want %v", err, errTooLong)
	}
	if n := tr.received.Load(); n != mostAnswer+1 {
		t.Errorf("read %d bytes, want %d", n, mostAnswer+1)
	}
}

// TestOwnAuthority: a CA file is trusted, and nothing is without it.
func TestOwnAuthority(t *testing.T) {
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`)
	}))
	t.Cleanup(web.Close)
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains about the refused handshake
	file := filepath.Join(t.TempDir(), "ca.pem")
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(file, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, Config{URLs: []string{web.URL}, CAFile: file}).Server(t.Context()); err != nil {
		t.Errorf("with the CA file: got error %v", err)
	}
	s := open(t, Config{URLs: []string{web.URL}})
	s.transport.wait = noWait
	if _, err := s.Server(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without it: got error %v, want one about the certificate", err)
	}
}

// TestOpenRefuses: what can never work is said at the start, without repeating
// what may be a secret.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []Config{
		{}, {URLs: []string{"ftp://x"}}, {URLs: []string{"http://admin:hunter2secret@x:9200"}}, {URLs: []string{"http://hunter2secret:%zz"}},
		{URLs: []string{"http://x"}, Indices: []string{"*"}}, {URLs: []string{"http://x"}, Indices: []string{"-a"}}, {URLs: []string{"http://x"}, Indices: []string{"a/b"}},
		{URLs: []string{"http://x"}, CAFile: "no-such-file"}, {URLs: []string{"http://x"}, CAFile: "transport_test.go"},
	} {
		_, err := Open(t.Context(), c)
		if err == nil || strings.Contains(fmt.Sprint(err), "hunter2secret") {
			t.Errorf("%+v: got error %v, want one that repeats no secret", c, err)
		}
	}
}
