package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What each document of a body is answered with.
func TestBulkItems(t *testing.T) {
	const doc = `{"message":"hello"}` + "\n"
	const stored = "created"
	tests := []struct {
		name, path, body string
		want             []string // op, index, id, status, and created or the error's type
		stored           int
	}{
		{"index and create", "/_bulk", `{"index":{"_index":"a"}}` + "\n" + doc + `{"create":{"_index":"b","_id":"x"}}` + "\n" + doc,
			[]string{"index a made-0 201 created", "create b x 201 created"}, 2},
		{"index in the path", "/logs/_bulk", `{"create":{}}` + "\n" + doc + `{"index":{"_index":"other"}}` + "\n" + doc,
			[]string{"create logs made-0 201 created", "index other made-1 201 created"}, 2},
		{"nulls", "/logs/_bulk", `{"index":{"_id":null,"_index":null,"routing":null,"pipeline":null}}` + "\n" + doc, []string{"index logs made-0 201 created"}, 1},
		{"keys after the operation", "/_bulk", `{"index":{"_index":"a","pipeline":null},"attempts":0}` + "\n" + doc, []string{"index a made-0 201 created"}, 1},
		{"type, routing and others", "/_bulk", `{"index":{"_index":"a","_type":"_doc","routing":"r","version":3,"require_alias":false}}` + "\n" + doc,
			[]string{"index a made-0 201 created"}, 1},
		{"number as id", "/_bulk", `{"index":{"_index":"a","_id":12}}` + "\n" + doc, []string{"index a 12 201 created"}, 1},
		{"id twice", "/_bulk", strings.Repeat(`{"index":{"_index":"a","_id":"x"}}`+"\n"+doc, 2), []string{"index a x 201 created", "index a x 201 created"}, 2},
		{"date in the index", "/%3Clogs-%7Bnow%2Fd%7D%3E/_bulk", `{"index":{}}` + "\n" + doc + `{"index":{"_index":"<x-{now-1d/d{yyyy.MM}}>"}}` + "\n" + doc,
			[]string{"index logs-2026.11.22 made-0 201 created", "index x-2026.11 made-1 201 created"}, 2},
		{"line ends of Windows and empty lines", "/_bulk", "\r\n" + `{"index":{"_index":"a"}}` + "\r\n" + `{"message":"hello"}` + "\r\n\n \n",
			[]string{"index a made-0 201 created"}, 1},
		{"update and delete", "/_bulk", `{"update":{"_index":"a","_id":"1"}}` + "\n" + `{"doc":{}}` + "\n" + `{"delete":{"_index":"a","_id":"1"}}` + "\n" + `{"index":{"_index":"a"}}` + "\n" + doc,
			[]string{"update a 1 400 illegal_argument_exception", "delete a 1 400 illegal_argument_exception", "index a made-0 201 created"}, 1},
		{"not JSON", "/a/_bulk", "{\"index\":{}}\nTypeError: x\n{\"index\":{}}\n\n{\"index\":{}}\n42\n{\"index\":{}}\n" + doc,
			[]string{"index a  400 mapper_parsing_exception", "index a  400 mapper_parsing_exception", "index a  400 mapper_parsing_exception", "index a made-0 201 created"}, 1},
		{"no index", "/_bulk", `{"index":{}}` + "\n" + doc + `{"index":{"_index":"a"}}` + "\n" + doc,
			[]string{"index   400 action_request_validation_exception", "index a made-0 201 created"}, 1},
		{"index is no text", "/_bulk", `{"index":{"_index":{"a":1}}}` + "\n" + doc, []string{"index   400 illegal_argument_exception"}, 0},
		{"wrong date", "/_bulk", `{"index":{"_index":"<a-{yesterday}>"}}` + "\n" + doc, []string{"index   400 invalid_index_name_exception"}, 0},
		{"long id", "/_bulk", `{"index":{"_index":"a","_id":"` + strings.Repeat("x", 513) + `"}}` + "\n" + doc,
			[]string{"index a " + strings.Repeat("x", 513) + " 400 illegal_argument_exception"}, 0},
		{"long document", "/a/_bulk", "{\"index\":{}}\n{\"a\":\"" + strings.Repeat("x", MaxDocumentBytes) + "\"}\n{\"index\":{}}\n" + doc,
			[]string{"index a  400 illegal_argument_exception", "index a made-0 201 created"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			b := readBulk(t, call(newTestEndpoint(t, Config{Writer: m}), http.MethodPost, tt.path, tt.body))
			var got []string
			failed := false
			for _, i := range b.Items {
				for op, it := range i {
					got = append(got, fmt.Sprintf("%s %s %s %d %s%s", op, it.Index, it.ID, it.Status, it.Result, it.Error.Type))
					failed = failed || it.Result != stored
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("items: got %q, want %q", got, tt.want)
			}
			if b.Errors == nil || *b.Errors != failed || b.Took == nil {
				t.Errorf("got took %v, errors %v, want both, errors %v", b.Took, b.Errors, failed)
			}
			if m.count() != tt.stored {
				t.Errorf("stored: got %d, want %d", m.count(), tt.stored)
			}
		})
	}
}

// Bodies that are refused as a whole: nothing of them is acknowledged, and as
// small as they are, nothing is stored.
func TestBulkRefused(t *testing.T) {
	const good = "{\"index\":{}}\n{\"a\":1}\n"
	limits := Limits{Wire: 2000, Body: 4000, Documents: 3}
	tests := []struct {
		name, body string
		headers    []string
		status     int
		kind, says string
	}{
		{"nothing", "", nil, 400, "parse_exception", "body is required"},
		{"empty lines", "\n\n", nil, 400, "parse_exception", "body is required"},
		{"no last newline", good + "{\"index\":{}}\n{\"a\":1}", nil, 400, "illegal_argument_exception", "terminated by a newline"},
		{"cut in an action", good + "{\"ind", nil, 400, "illegal_argument_exception", "it ends in line 3"},
		{"action without document", good + "{\"index\":{}}\n", nil, 400, "illegal_argument_exception", "action in line 3: a document must follow"},
		{"action is not JSON", "hello\n{}\n", nil, 400, "illegal_argument_exception", "line [1]: it is not JSON"},
		{"action is a list", "[]\n{}\n", nil, 400, "illegal_argument_exception", "expected an object but found [array]"},
		{"action is empty", "{}\n{}\n", nil, 400, "illegal_argument_exception", "but found []"},
		{"unknown operation", good + "{\"upsert\":{}}\n{}\n", nil, 400, "illegal_argument_exception", "line [3], expected field [create], [delete], [index] or [update] but found [upsert]"},
		{"operation is no object", "{\"index\":1}\n{}\n", nil, 400, "illegal_argument_exception", "expected an object after [index]"},
		{"other key first", "{\"attempts\":0,\"index\":{}}\n{}\n", nil, 400, "illegal_argument_exception", "found [attempts]"},
		{"too many documents", strings.Repeat(good, 4), nil, 413, "content_too_long_exception", "more than 3 documents"},
		{"too many bytes", strings.Repeat(" ", 2001), nil, 413, "content_too_long_exception", "2000 are the most"},
		{"too many bytes without a length", good + strings.Repeat(" ", 2000), []string{"Transfer-Encoding: chunked"}, 413, "content_too_long_exception", "more than 2000 bytes"},
		{"too many unpacked bytes", packed(t, good+strings.Repeat(" ", 4000)), []string{"Content-Encoding: gzip"}, 413, "content_too_long_exception", "larger than 4000 bytes"},
		{"gzip cut", packed(t, good)[:25], []string{"Content-Encoding: gzip"}, 400, "parse_exception", "cut off"},
		{"gzip without its checksum", strings.TrimSuffix(packed(t, good), packed(t, good)[len(packed(t, good))-8:]), []string{"Content-Encoding: gzip"}, 400, "parse_exception", "cut off"},
		{"no gzip", good, []string{"Content-Encoding: gzip"}, 400, "parse_exception", "cannot be read"},
		{"gzip in gzip", packed(t, packed(t, good)), []string{"Content-Encoding: gzip"}, 400, "illegal_argument_exception", "newline"},
		{"gzip twice", packed(t, packed(t, good)), []string{"Content-Encoding: gzip, gzip"}, 415, "illegal_argument_exception", "use gzip, once"},
		{"other coding", good, []string{"Content-Encoding: br"}, 415, "illegal_argument_exception", "[br]"},
		{"no content type", good, []string{"Content-Type: "}, 406, "illegal_argument_exception", "missing"},
		{"form", good, []string{"Content-Type: application/x-www-form-urlencoded"}, 406, "illegal_argument_exception", "not supported"},
		{"text", good, []string{"Content-Type: text/plain"}, 406, "illegal_argument_exception", "not supported"},
		{"other charset", good, []string{"Content-Type: application/json; charset=euc-kr"}, 406, "illegal_argument_exception", "not supported"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			e := newTestEndpoint(t, Config{Writer: m, Limits: limits})
			w := call(e, http.MethodPost, "/a/_bulk", tt.body, tt.headers...)
			kind, reason := readFault(t, w)
			if w.Code != tt.status || kind != tt.kind || !strings.Contains(reason, tt.says) {
				t.Errorf("got %d %s %q, want %d %s %q", w.Code, kind, reason, tt.status, tt.kind, tt.says)
			}
			if m.count() != 0 {
				t.Errorf("stored: got %d, want none", m.count())
			}
			if s := e.Stats(); s.Requests != (ByOutcome{Refused: 1}) || s.Documents != (ByOutcome{}) {
				t.Errorf("counted: got %+v, want one refused request and no document", s)
			}
		})
	}
}

func TestContentTypes(t *testing.T) {
	const good = "{\"index\":{}}\n{\"a\":1}\n"
	for _, tt := range []struct{ sent, accept, want string }{
		{"application/json", "", "application/json; charset=UTF-8"},
		{"application/json; charset=UTF-8", "application/json", "application/json; charset=UTF-8"},
		{"application/x-ndjson", "*/*", "application/json; charset=UTF-8"},
		{"application/vnd.elasticsearch+x-ndjson; compatible-with=8", "application/vnd.elasticsearch+json; compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=8"},
		{"application/vnd.elasticsearch+json;compatible-with=7", "application/vnd.elasticsearch+json;compatible-with=7,text/plain", "application/vnd.elasticsearch+json;compatible-with=7"},
	} {
		w := call(newTestEndpoint(t, Config{Writer: &memory{}}), http.MethodPost, "/a/_bulk", good, "Content-Type: "+tt.sent, "Accept: "+tt.accept)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != tt.want {
			t.Errorf("%s, accepting %q: got %d %q, want 200 %q", tt.sent, tt.accept, w.Code, got, tt.want)
		}
	}
}

func TestFilterPath(t *testing.T) {
	const body = "{\"index\":{\"_id\":\"x\"}}\n{\"a\":1}\n{\"create\":{}}\nno\n"
	const refusal = `{"type":"mapper_parsing_exception","reason":"failed to parse"}`
	for _, tt := range []struct{ path, want string }{
		{"errors,items.*.error,items.*.status", `{"errors":true,"items":[{"index":{"status":201}},{"create":{"status":400,"error":` + refusal + `}}]}`}, // Logstash
		{"errors", `{"errors":true}`},
		{"items.*.error", `{"items":[{"create":{"error":` + refusal + `}}]}`},
		{"items.index", `{"items":[{"index":{"_index":"a","_id":"x","status":201,"result":"created"}}]}`},
		{"items.*.error.type", `{"items":[{"create":{"error":` + refusal + `}}]}`},
		{"**.status", `{"took":0,"errors":true,"items":[{"index":{"_index":"a","_id":"x","status":201,"result":"created"}},{"create":{"_index":"a","status":400,"error":` + refusal + `}}]}`},
		{"nothing", `{}`},
	} {
		w := call(newTestEndpoint(t, Config{Writer: &memory{}}), http.MethodPost, "/a/_bulk?filter_path="+tt.path, body)
		if got := w.Body.String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.path, got, tt.want)
		}
	}
}

func many(documents int) string { return strings.Repeat("{\"index\":{}}\n{\"a\":1}\n", documents) }

// A full writer: the whole request when nothing is stored yet, else only the
// documents that are not, after some patience.
func TestFull(t *testing.T) {
	m := &memory{err: func(int) error { return ErrFull }}
	e := newTestEndpoint(t, Config{Writer: m})
	w := call(e, http.MethodPost, "/a/_bulk", many(5))
	if kind, _ := readFault(t, w); w.Code != http.StatusTooManyRequests || kind != "es_rejected_execution_exception" || w.Header().Get("Retry-After") == "" {
		t.Errorf("at once: got %d %s, Retry-After %q, want 429, es_rejected_execution_exception and a time", w.Code, kind, w.Header().Get("Retry-After"))
	}
	if s := e.Stats(); s.Requests.Full != 1 || s.Documents != (ByOutcome{}) {
		t.Errorf("counted: got %+v, want one full request", s)
	}
	m = &memory{err: func(call int) error {
		if call > 1 {
			return ErrFull
		}
		return nil
	}}
	e = newTestEndpoint(t, Config{Writer: m, Limits: Limits{Patience: time.Millisecond}})
	statuses := statusesOf(readBulk(t, call(e, http.MethodPost, "/a/_bulk", many(batchDocuments+7))))
	if statuses[201] != batchDocuments || statuses[429] != 7 {
		t.Errorf("later: got %v, want %d stored and 7 to be sent again", statuses, batchDocuments)
	}
	if s := e.Stats().Documents; s != (ByOutcome{Accepted: batchDocuments, Full: 7}) {
		t.Errorf("counted: got %+v, want the same", s)
	}
}

// A writer that has room again in time is no matter for the sender.
func TestPatience(t *testing.T) {
	m := &memory{err: func(call int) error {
		if call == 2 || call == 3 {
			return ErrFull
		}
		return nil
	}}
	statuses := statusesOf(readBulk(t, call(newTestEndpoint(t, Config{Writer: m}), http.MethodPost, "/a/_bulk", many(batchDocuments+7))))
	if statuses[201] != batchDocuments+7 || m.count() != batchDocuments+7 {
		t.Errorf("got %v and %d stored, want all %d", statuses, m.count(), batchDocuments+7)
	}
}

func statusesOf(b gotBulk) map[int]int {
	n := map[int]int{}
	for _, i := range b.Items {
		for _, it := range i {
			n[it.Status]++
		}
	}
	return n
}

// The writer's trouble is not told to senders, but that they must send again.
func TestWriterFails(t *testing.T) {
	for name, err := range map[string]error{"error": errors.New("disk of /secret is full"), "too slow": context.DeadlineExceeded} {
		m := &memory{err: func(int) error { return err }}
		w := call(newTestEndpoint(t, Config{Writer: m}), http.MethodPost, "/a/_bulk", many(1))
		if kind, reason := readFault(t, w); w.Code != http.StatusServiceUnavailable || kind != "unavailable_shards_exception" || strings.Contains(reason, "secret") {
			t.Errorf("%s: got %d %s %q, want 503 and nothing about the disk", name, w.Code, kind, reason)
		}
	}
}

// Whatever the writer has for single documents.
func TestResults(t *testing.T) {
	e := newTestEndpoint(t, Config{Writer: writerFunc(func(_ context.Context, docs []Document) ([]Result, error) {
		return []Result{{ID: "1"}, {Err: errors.New("disk")}, {Err: fmt.Errorf("wrapped: %w", &RefusedError{"illegal_argument_exception", "too old"})}}, nil
	})})
	got := statusesOf(readBulk(t, call(e, http.MethodPost, "/a/_bulk", many(3))))
	if got[201] != 1 || got[503] != 1 || got[400] != 1 {
		t.Errorf("got %v, want one each of 201, 503 and 400", got)
	}
	if s := e.Stats().Documents; s != (ByOutcome{Accepted: 1, Refused: 1, Failed: 1}) {
		t.Errorf("counted: got %+v, want one each", s)
	}
}

// A writer with too few results acknowledges nothing.
func TestTooFewResults(t *testing.T) {
	e := newTestEndpoint(t, Config{Writer: writerFunc(func(context.Context, []Document) ([]Result, error) { return []Result{{ID: "1"}}, nil })})
	if w := call(e, http.MethodPost, "/a/_bulk", many(3)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d %s, want 503", w.Code, w.Body)
	}
}

type writerFunc func(context.Context, []Document) ([]Result, error)

func (f writerFunc) Write(ctx context.Context, docs []Document) ([]Result, error) {
	return f(ctx, docs)
}
