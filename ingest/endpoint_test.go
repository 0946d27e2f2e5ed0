package ingest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestNewEndpoint(t *testing.T) {
	for name, c := range map[string]Config{"no writer": {Hosts: []string{"localhost"}}, "no hosts": {Writer: &memory{}}} {
		if _, err := NewEndpoint(c); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// Every call that a shipper may make, its status, and what it reads in the answer.
func TestAnswers(t *testing.T) {
	e := newTestEndpoint(t, Config{Writer: &memory{}})
	for _, tt := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/", "", 200, `"number":"7.17.29"`},
		{"GET", "/", "", 200, `"build_flavor":"default"`},
		{"GET", "/", "", 200, `"tagline":"You Know, for Search"`},
		{"HEAD", "/", "", 200, ""},
		{"GET", "/_license?human=false", "", 200, `"status":"active","type":"basic"`},
		{"GET", "/_xpack", "", 200, `"ilm":{"available":true,"enabled":true}`},
		{"GET", "/_cluster/health?wait_for_status=yellow", "", 200, `"status":"green"`},
		{"GET", "/_cluster/health/logs-*", "", 200, `"status":"green"`},
		{"GET", "/_ilm/policy/p", "", 404, "resource_not_found_exception"},
		{"PUT", "/_ilm/policy/p", `{"policy":{}}`, 200, `"acknowledged":true`},
		{"GET", "/_ilm/policy/p", "", 200, `"p":`},
		{"HEAD", "/_template/t", "", 404, ""},
		{"GET", "/_cat/templates/t", "", 404, "{}"},
		{"PUT", "/_template/t", `{}`, 200, `"acknowledged":true`},
		{"HEAD", "/_template/t", "", 200, ""},
		{"GET", "/_cat/templates/t", "", 200, "t [] 0\n"},
		{"HEAD", "/_index_template/t", "", 404, ""},
		{"PUT", "/_index_template/t?create=true", `{}`, 200, `"acknowledged":true`},
		{"GET", "/_index_template/t", "", 200, `"name":"t"`},
		{"PUT", "/_component_template/c", `{}`, 200, `"acknowledged":true`},
		{"GET", "/_component_template/c", "", 200, `"name":"c"`},
		{"GET", "/_alias/a", "", 404, `"error":"alias [a] missing"`},
		{"HEAD", "/a", "", 404, ""},
		{"PUT", "/%3Ca-%7Bnow%2Fd%7D-000001%3E", `{"aliases":{"a":{"is_write_index":true}}}`, 200, `"index":"a-2026.11.22-000001"`},
		{"GET", "/_alias/a", "", 200, `"aliases":{"a":{}}`},
		{"HEAD", "/a", "", 200, ""},
		{"HEAD", "/a-2026.11.22-000001", "", 200, ""},
		{"GET", "/other", "", 404, "index_not_found_exception"},
		{"PUT", "/k6-metrics", "", 200, `"shards_acknowledged":true`},
		{"HEAD", "/k6-metrics", "", 200, ""},
		{"PUT", "/_made_up", "", 400, "invalid_index_name_exception"},
		{"PUT", "/%3Ca-%7Bthen%7D%3E", "", 400, "invalid_index_name_exception"},
		{"PUT", "/b", `[1]`, 400, "parse_exception"},
		{"PUT", "/_ilm/policy/q", `{`, 400, "parse_exception"},
		{"PUT", "/_template/long", `{"a":"` + strings.Repeat("x", maxSetupBytes) + `"}`, 413, "content_too_long_exception"},
		{"POST", "/logs/_doc", `{"a":1}`, 201, `"result":"created"`},
		{"PUT", "/logs/_doc/id%2F1", "{\n\"a\":1\n}", 201, `"_id":"id/1"`},
		{"PUT", "/logs/_create/2", `{"a":1}`, 201, `"_id":"2"`},
		{"POST", "/logs/_doc", `nonsense`, 400, "mapper_parsing_exception"},
		{"POST", "/logs/_doc", ``, 400, "parse_exception"},
		{"POST", "/_search", `{}`, 405, "allowed: [GET HEAD PUT]"},
		{"DELETE", "/logs", "", 405, "allowed: [GET HEAD PUT]"},
		{"GET", "/_bulk", "", 404, "index_not_found_exception"},
		{"PATCH", "/_bulk", "", 405, "method_not_allowed_exception"},
		{"GET", "/_nodes/http", "", 404, "no handler found for uri [/_nodes/http] and method [GET]"},
		{"POST", "/a/b/c/d", "", 404, "no handler found"},
		{"GET", "//", "", 404, "no handler found"},
	} {
		w := call(e, tt.method, tt.path, tt.body)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s %s: got %d %.300s, want %d %s", tt.method, tt.path, w.Code, w.Body, tt.status, tt.says)
		}
		if got := w.Header().Get("X-Elastic-Product"); got != "Elasticsearch" {
			t.Errorf("%s %s: product: got %q, want Elasticsearch", tt.method, tt.path, got)
		}
	}
	if got := call(e, "DELETE", "/logs", "").Header().Get("Allow"); got != "GET, HEAD, PUT" {
		t.Errorf("Allow: got %q, want GET, HEAD, PUT", got)
	}
}

// Names that are put without end are not all remembered.
func TestKnownIsBounded(t *testing.T) {
	k := newKnown()
	for i := range knownMost + 10 {
		k.put(templates, strings.Repeat("x", i%300)+string(rune('a'+i%26))+strings.Repeat("y", i/300))
	}
	if k.count > knownMost || len(k.names[templates]) != k.count {
		t.Errorf("got %d counted of %d, want the same and at most %d", k.count, len(k.names[templates]), knownMost)
	}
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		header string
		status int
	}{
		{"X-Nothing: special", 200},
		{"Origin: https://evil.example.com", 403},
		{"Origin: null", 403},
		{"Sec-Fetch-Site: same-origin", 403},
		{"Sec-Fetch-Site: none", 403},
	} {
		m := &memory{}
		if w := call(newTestEndpoint(t, Config{Writer: m}), "POST", "/a/_bulk", many(1), tt.header); w.Code != tt.status || (m.count() == 1) != (tt.status == 200) {
			t.Errorf("%s: got %d and %d stored, want %d", tt.header, w.Code, m.count(), tt.status)
		}
	}
	e := newTestEndpoint(t, Config{Writer: &memory{}, Hosts: []string{"localhost", "127.0.0.1", "::1"}})
	for host, want := range map[string]int{"localhost": 200, "LOCALHOST:9280": 200, "127.0.0.1:9280": 200, "[::1]:9280": 200, "evil.example.com": 421, "localhost.evil.example.com": 421, "": 421} {
		r := newRequest("GET", "/", "")
		r.Host = host
		if w := answer(e, r); w.Code != want {
			t.Errorf("host %q: got %d, want %d", host, w.Code, want)
		}
	}
}

type doorkeeper struct {
	open string
	err  error
}

func (d doorkeeper) Authorize(_ context.Context, authorization string) (bool, error) {
	return authorization == d.open, d.err
}

func TestAuthorize(t *testing.T) {
	m := &memory{}
	e := newTestEndpoint(t, Config{Writer: m, Authorizer: doorkeeper{open: "ApiKey right"}})
	for _, path := range []string{"/_bulk", "/a/_bulk", "/a/_doc"} {
		w := call(e, "POST", path, many(1), "Authorization: ApiKey wrong")
		if kind, _ := readFault(t, w); w.Code != http.StatusUnauthorized || kind != "security_exception" || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: got %d %s, want 401 security_exception and how to do it", path, w.Code, kind)
		}
	}
	if w := call(e, "GET", "/", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("without a key: got %d, want 401", w.Code)
	}
	if w := call(e, "POST", "/a/_bulk", many(1), "Authorization: ApiKey right"); w.Code != http.StatusOK || m.count() != 1 {
		t.Errorf("with the key: got %d and %d stored, want 200 and 1", w.Code, m.count())
	}
	e = newTestEndpoint(t, Config{Writer: m, Authorizer: doorkeeper{err: errors.New("the key store is away")}})
	if w := call(e, "POST", "/a/_bulk", many(1)); w.Code != http.StatusServiceUnavailable || m.count() != 1 {
		t.Errorf("nobody can tell: got %d and %d stored, want 503 and still 1", w.Code, m.count())
	}
}
