package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jikimi/telemetry"
)

// update rewrites the files of bodies: read the difference before committing it.
var update = flag.Bool("update", false, "write what is sent into testdata")

// plain is an index of winston's documents in keywords and numbers; mixed has
// texts with keywords, ECS documents and k6 samples beside them.
func plain() index {
	return named("logstash-dev-was-2026.11.22", map[string]string{
		"timestamp": "date", "protocol": "keyword", "event": "keyword", "method": "keyword", "router": "keyword",
		"statusCode": "long", "IntervalTime": "long", "hostname": "keyword",
	})
}

func mixed() index {
	return named("logstash-prod-was-2026.11.22", map[string]string{
		"@timestamp": "date", "timestamp": "date", "protocol": "text", "protocol.keyword": "keyword", "event.duration": "long",
		"method": "text", "statusCode": "text", "statusCode.keyword": "keyword", "http.response.status_code": "long",
		"IntervalTime": "float", "hostname": "text", "hostname.keyword": "keyword", "host.name": "keyword", "user.id": "long", "level": "keyword",
		"k6.metric": "keyword", "k6.type": "keyword", "k6.data.value": "double", "k6.data.time": "date",
	})
}

func named(name string, types map[string]string) index {
	return index{name: name, IndexName: telemetry.ParseIndex(name), fields: roleFields(types)}
}

// TestBodies compares what is sent with testdata/*.json.
func TestBodies(t *testing.T) {
	r := telemetry.Between(sampleRange().To.Add(-time.Hour), sampleRange().To, time.UTC)
	simple := telemetry.LatencyQuery{Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
	filtered := telemetry.LatencyQuery{
		Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone, Scope: telemetry.Scope{Host: []string{"factory-was-01"}},
		Filters: []telemetry.Filter{
			{Role: telemetry.RoleStatus, Values: []string{"5xx", "404"}}, {Role: telemetry.RoleLevel, Not: true, Values: []string{"warn"}},
			{Role: telemetry.RoleUser, Values: []string{"7", "Ö"}}, {Role: telemetry.RoleProtocol, Values: []string{"http"}},
		},
	}
	for name, items := range map[string][]item{
		"latency":          latencyItems(latencyAsks(grouped([]index{plain()}), simple, latencySpans(simple))),
		"latency-filtered": latencyItems(latencyAsks(grouped([]index{plain()}), filtered, latencySpans(filtered))),
		"latency-mixed":    latencyItems(latencyAsks(grouped([]index{mixed()}), simple, latencySpans(simple))),
		"sources":          sourceItems(sourceAsks([]index{plain(), mixed()}, r), sourceBody),
		"fields":           sourceItems(sourceAsks([]index{plain()}, wholeDays(r)), fieldsBody),
		"ingest":           slices.Concat(sourceItems(sourceAsks([]index{plain()}, r), arrivalsBody), sourceItems(sourceAsks([]index{plain()}, r), newestBody)),
		"last-request":     lastItems(grouped([]index{plain()})),
	} {
		t.Run(name, func(t *testing.T) { checkBody(t, name, items) })
	}
}

func checkBody(t *testing.T, name string, items []item) {
	t.Helper()
	list := make([]any, len(items))
	for n, i := range items {
		list[n] = object{"index": i.indices, "search": i.body}
	}
	got := canonical(t, list)
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(want), got) {
		t.Errorf("%s differs from what is sent: run with -update and read the difference\n%s", file, got)
	}
}

// canonical is JSON with sorted keys; what fits in a line stands in one.
func canonical(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	layOut(t, &b, plain, "\n")
	return b.Bytes()
}

// layOut writes a value whose lines begin with newline, a line feed and blanks.
func layOut(t *testing.T, b *bytes.Buffer, v any, newline string) {
	t.Helper()
	const most = 110
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	object, isObject := v.(map[string]any)
	array, isArray := v.([]any)
	switch {
	case len(text)+len(newline) <= most || !isObject && !isArray:
		b.Write(text)
	case isObject:
		b.WriteByte('{')
		for n, key := range slices.Sorted(maps.Keys(object)) {
			b.WriteString(comma(n) + newline + " " + strconv.Quote(key) + ": ")
			layOut(t, b, object[key], newline+" ")
		}
		b.WriteString(newline + "}")
	default:
		b.WriteByte('[')
		for n, item := range array {
			b.WriteString(comma(n) + newline + " ")
			layOut(t, b, item, newline+" ")
		}
		b.WriteString(newline + "]")
	}
}

func comma(n int) string {
	if n == 0 {
		return ""
	}
	return ","
}

// cluster plays recorded answers: an index like plain, and what _msearch says.
func cluster(t *testing.T, search string) *Store {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := search
		switch {
		case r.URL.Path == "/":
			answer = `{"version":{"number":"7.10.2","build_flavor":"oss"},"tagline":"You Know, for Search"}`
		case strings.HasPrefix(r.URL.Path, "/_cluster/state"):
			answer = `{"metadata":{"indices":{"logstash-dev-was-2026.11.22":{"state":"open","mapping_version":3},"logstash-dev-red-2026.11.22":{"state":"open","mapping_version":3},"logstash-dev-shut-2026.11.22":{"state":"close","mapping_version":3}}}}`
		case strings.HasSuffix(r.URL.Path, "/_field_caps"):
			answer = recordedAnswer(t, "field-caps")
		case strings.HasPrefix(search, `{"error"`):
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(web.Close)
	s := open(t, Config{URLs: []string{web.URL}, Now: at(sampleRange().To)})
	return s
}

func recordedAnswer(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "answers", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAnswers reads recorded answers: the full, the empty, the partial ones
// and the errors. The red index of the cluster is always named.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		total   telemetry.LatencyFigures
		notices []telemetry.NoticeCode
		err     string
	}{
		{"figures", telemetry.LatencyFigures{Count: 3, Failed: 1, Timed: 2, P50: 8, P95: 8.9, P99: 8.98, Max: 9}, []telemetry.NoticeCode{telemetry.NoticeUnanswered, telemetry.NoticeNoDuration}, ""},
		{"empty", telemetry.LatencyFigures{}, []telemetry.NoticeCode{telemetry.NoticeUnanswered}, ""},
		{"no-index", telemetry.LatencyFigures{}, []telemetry.NoticeCode{telemetry.NoticeUnanswered}, ""},
		{"shard-without-node", telemetry.LatencyFigures{Count: 3, Failed: 1, Timed: 2, P50: 8, P95: 8.9, P99: 8.98, Max: 9}, []telemetry.NoticeCode{telemetry.NoticeUnanswered, telemetry.NoticeShards, telemetry.NoticeNoDuration}, ""},
		{"shard-failed", telemetry.LatencyFigures{}, []telemetry.NoticeCode{telemetry.NoticeUnanswered, telemetry.NoticeShards}, ""},
		{"timed-out", telemetry.LatencyFigures{}, []telemetry.NoticeCode{telemetry.NoticeUnanswered, telemetry.NoticeTimedOut}, ""},
		{"all-shards-failed", telemetry.LatencyFigures{}, nil, "all shards failed"},
		{"too-many-buckets", telemetry.LatencyFigures{}, nil, "too_many_buckets_exception"},
		{"rejected", telemetry.LatencyFigures{}, nil, "es_rejected_execution_exception"},
		{"request-error", telemetry.LatencyFigures{}, nil, "Unknown key"},
		{"null", telemetry.LatencyFigures{}, nil, "0 answers to 1 searches"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := cluster(t, recordedAnswer(t, c.name))
			s.transport.wait = noWait
			q := question()
			l, err := s.Latency(t.Context(), q)
			if c.err != "" {
				if !errors.Is(err, telemetry.ErrUnavailable) || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var codes []telemetry.NoticeCode
			for _, n := range l.Notices {
				codes = append(codes, n.Code)
			}
			if !slices.Equal(codes, c.notices) || !l.Partial {
				t.Errorf("got notices %v, partial %v, want %v and partial", codes, l.Partial, c.notices)
			}
			if l.Total != c.total || len(l.Evidence) != 1 {
				t.Errorf("got %+v and %d evidence, want %+v and one", l.Total, len(l.Evidence), c.total)
			}
		})
	}
}

// TestEvidence names requests, never hosts or credentials, and can be sent.
func TestEvidence(t *testing.T) {
	s := cluster(t, recordedAnswer(t, "figures"))
	l, err := s.Latency(t.Context(), question())
	if err != nil {
		t.Fatal(err)
	}
	e := l.Evidence[0]
	line, body, _ := strings.Cut(e.Query, "\n")
	if line != "POST /logstash-dev-was-2026.11.22/_search" || !json.Valid([]byte(body)) {
		t.Errorf("got %q and a body that is JSON: %v", line, json.Valid([]byte(body)))
	}
	if strings.Contains(e.Query, "127.0.0.1") || e.Store != "elasticsearch" || e.Documents != 3 || e.Took != 5*time.Millisecond {
		t.Errorf("got evidence %+v", e)
	}
}
