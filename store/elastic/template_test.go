package elastic

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"jikimi/samples"
	"jikimi/telemetry"
	"jikimi/testbed"
)

// sampleRange holds all recorded documents.
func sampleRange() telemetry.Range {
	return telemetry.Between(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), time.UTC)
}

// recordedLine is what these tests read of a recorded document.
type recordedLine struct {
	Protocol, Event, ServerMode string
	IntervalTime                *float64
}

// logstashDocuments are the recorded pipeline as Logstash sends it on.
func logstashDocuments(t *testing.T) ([]testbed.Document, []recordedLine) {
	t.Helper()
	lines, err := samples.Lines(samples.Logstash)
	if err != nil {
		t.Fatal(err)
	}
	docs, all := make([]testbed.Document, len(lines)), make([]recordedLine, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal(line, &all[i]); err != nil {
			t.Fatal(err)
		}
		if all[i].ServerMode == "" {
			all[i].ServerMode = "dev" // only this server crashed, and a crash names no mode
		}
		docs[i] = testbed.Document{Index: "logstash-" + all[i].ServerMode + "-was-2026.11.22", Source: line}
	}
	return docs, all
}

// bulk writes documents and returns the places of those that were refused.
func bulk(t *testing.T, docs []testbed.Document) map[int]testbed.Refusal {
	t.Helper()
	out := map[int]testbed.Refusal{}
	const most = 5000
	for from := 0; from < len(docs); from += most {
		refused, err := server.Bulk(t.Context(), docs[from:min(from+most, len(docs))])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range refused {
			r.At += from
			out[r.At] = r
		}
	}
	return out
}

// TestTemplateTakesEverything: with the templates of deploy/elasticsearch a
// real 7.10.2 refuses no recorded document, and gives it back as it came. (The
// contract writes every line of the Logstash sample; here are the others.)
func TestTemplateTakesEverything(t *testing.T) {
	withTemplates(t)
	var docs []testbed.Document
	for file, index := range map[string]string{
		samples.Logstash: "logstash-dev-was-2026.11.22", samples.K6Output: "k6-metrics", samples.FilebeatReadTime: "logstash-dev-late-2026.11.22",
		samples.FilebeatHost: "logstash-dev-late-2026.11.22", samples.FilebeatK6: "logstash-dev-k6-2026.11.22",
		samples.FilebeatToLogstash: "logstash-dev-was-2026.11.22", samples.Sensors: "logstash-dev-mqtt-2026.11.22",
	} {
		lines, err := samples.Lines(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(lines); i += 1 + len(lines)/1000 {
			docs = append(docs, testbed.Document{Index: index, Source: lines[i]})
		}
	}
	for at, r := range bulk(t, docs) {
		t.Errorf("document %d was refused: %+v\n%s", at, r, docs[at].Source)
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				Source map[string]any `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	body := []byte(`{"size":1,"query":{"exists":{"field":"jikimi.error/code"}}}`)
	if err := server.JSON(t.Context(), http.MethodPost, "/logstash-*/_search", body, &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Hits.Hits) != 1 || answer.Hits.Hits[0].Source["jikimi"] != nil || answer.Hits.Hits[0].Source["error"] == nil {
		t.Errorf("got %+v, want one document with its error and without our copies", answer.Hits.Hits)
	}
}

// TestDefaultMapping: the mapping that Logstash brings loses 669 of the
// recorded documents. Of those it takes, every request is counted, although
// IntervalTime is a whole number in one index and a fraction in the other.
func TestDefaultMapping(t *testing.T) {
	withDefaultMapping(t)
	docs, lines := logstashDocuments(t)
	refused := bulk(t, docs)
	if len(docs) != 24637 || len(refused) != 669 {
		t.Errorf("%d of %d documents were refused, want 669 of 24637", len(refused), len(docs))
	}
	want := map[string]int64{}
	for i, l := range lines {
		if _, lost := refused[i]; !lost && l.Protocol == "HTTP" && l.Event == "response" {
			want[l.ServerMode]++
		}
	}
	s := open(t, Config{Now: at(sampleRange().To)})
	for env, n := range want {
		q := telemetry.LatencyQuery{Range: sampleRange(), Allow: telemetry.AllowAll(), Scope: telemetry.Scope{Env: []string{env}}}
		l, err := s.Latency(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if l.Total.Count != n || l.Total.Timed != n || l.Partial || len(l.Notices) > 0 {
			t.Errorf("%s: got %d requests, %d timed, partial %v, notices %+v, want %d and nothing else", env, l.Total.Count, l.Total.Timed, l.Partial, l.Notices, n)
		}
	}
}

func withDefaultMapping(t *testing.T) {
	t.Helper()
	withTemplates(t) // also clears
	for _, name := range []string{"jikimi-logstash", "jikimi-k6"} {
		if err := server.JSON(t.Context(), http.MethodDelete, "/_index_template/"+name, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Put(t.Context(), "/_template/logstash", "testdata/logstash-default-template.json"); err != nil {
		t.Fatal(err)
	}
}

// TestConflicts: an index in which a field has another type is asked by itself,
// or left out by name where the field cannot be read at all.
func TestConflicts(t *testing.T) {
	withDefaultMapping(t)
	const good = `{"timestamp":"2026-11-22T17:00:00Z","protocol":"HTTP","event":"response","statusCode":200,"hostname":"a","IntervalTime":7}`
	docs := []testbed.Document{
		{Index: "logstash-dev-long-2026.11.22", Source: []byte(good)},
		{Index: "logstash-dev-words-2026.11.22", Source: []byte(`{"timestamp":"2026-11-22T17:00:00Z","protocol":"http","event":"response","statusCode":"500","hostname":5,"IntervalTime":"9ms"}`)},
		{Index: "logs-2026.11.22", Source: []byte(`{"timestamp":"22/Nov/2026","protocol":"HTTP","event":"response","statusCode":200,"IntervalTime":1}`)},
	}
	if refused := bulk(t, docs); len(refused) > 0 {
		t.Fatalf("refused: %+v", refused)
	}
	s := open(t, Config{Now: at(sampleRange().To)})
	l, err := s.Latency(t.Context(), telemetry.LatencyQuery{Range: sampleRange(), Allow: telemetry.AllowAll()})
	if err != nil {
		t.Fatal(err)
	}
	want := telemetry.LatencyFigures{Count: 2, Failed: 1, Timed: 1, P50: 7, P95: 7, P99: 7, Max: 7}
	if l.Total != want {
		t.Errorf("got %+v, want %+v", l.Total, want)
	}
	var odd []string
	for _, n := range l.Notices {
		if n.Code == telemetry.NoticeConflict {
			odd = append(odd, n.Params["field"]+" in "+n.Params["indices"])
		}
	}
	if want := []string{"IntervalTime in logstash-dev-words-2026.11.22", "timestamp in logs-2026.11.22"}; !slices.Equal(odd, want) {
		t.Errorf("got conflicts %q, want %q", odd, want)
	}
	src, err := s.Sources(t.Context(), telemetry.SourcesQuery{Range: sampleRange(), Allow: telemetry.AllowAll()})
	if err != nil {
		t.Fatal(err)
	}
	hosts := []telemetry.Source{{Env: "dev", Source: "long", Host: "a", Documents: 1}, {Env: "dev", Source: "words", Host: "5", Documents: 1}}
	if !slices.Equal(src.List, hosts) {
		t.Errorf("got sources %+v, want %+v", src.List, hosts)
	}
}

// TestRedIndex: an index without a node to live on is named, and what the
// others hold is counted.
func TestRedIndex(t *testing.T) {
	withTemplates(t)
	const good = `{"timestamp":"2026-11-22T17:00:00Z","protocol":"HTTP","event":"response","statusCode":200,"IntervalTime":7}`
	if refused := bulk(t, []testbed.Document{{Index: "logstash-dev-was-2026.11.22", Source: []byte(good)}}); len(refused) > 0 {
		t.Fatalf("refused: %+v", refused)
	}
	settings := []byte(`{"settings":{"index.routing.allocation.include._name":"nobody"}}`)
	if err := server.JSON(t.Context(), http.MethodPut, "/logstash-dev-red-2026.11.22?wait_for_active_shards=0", settings, nil); err != nil {
		t.Fatal(err)
	}
	l, err := open(t, Config{Now: at(sampleRange().To)}).Latency(t.Context(), question())
	if err != nil {
		t.Fatal(err)
	}
	want := []telemetry.Notice{{Code: telemetry.NoticeUnanswered, Params: map[string]string{"indices": "logstash-dev-red-2026.11.22"}}}
	if l.Total.Count != 1 || !l.Partial || !reflect.DeepEqual(l.Notices, want) {
		t.Errorf("got %d requests, partial %v, notices %+v, want 1, partial, %+v", l.Total.Count, l.Partial, l.Notices, want)
	}
}

// TestSeveralDurations: counts and maxima of different fields and units add,
// percentiles are read off the ladder and say so.
func TestSeveralDurations(t *testing.T) {
	withTemplates(t)
	docs := make([]testbed.Document, 0, 2000)
	for i := range 1000 {
		stamp := sampleRange().From.Add(time.Duration(i) * 20 * time.Second).Format(time.RFC3339Nano)
		a, err := json.Marshal(map[string]any{"timestamp": stamp, "protocol": "HTTP", "event": "response", "statusCode": 200, "IntervalTime": i})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(map[string]any{"@timestamp": stamp, "event": map[string]any{"duration": (i + 1000) * 1e6},
			"http": map[string]any{"request": map[string]any{"method": "GET"}, "response": map[string]any{"status_code": 500}}})
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, testbed.Document{Index: "logstash-dev-a-2026.11.22", Source: a}, testbed.Document{Index: "logstash-dev-b-2026.11.22", Source: b})
	}
	if refused := bulk(t, docs); len(refused) > 0 {
		t.Fatalf("refused: %+v", refused)
	}
	l, err := open(t, Config{Now: at(sampleRange().To)}).Latency(t.Context(), telemetry.LatencyQuery{
		Range: sampleRange(), Allow: telemetry.AllowAll(), Compare: telemetry.ComparePrevious,
	})
	if err != nil {
		t.Fatal(err)
	}
	f := l.Total
	if f.Count != 2000 || f.Failed != 1000 || f.Timed != 2000 || f.Max != 1999 {
		t.Errorf("got %+v, want 2000 requests, 1000 failed, 2000 timed, at most 1999 ms", f)
	}
	for _, p := range []struct{ got, want float64 }{{f.P50, 999.5}, {f.P95, 1899.05}, {f.P99, 1979.01}} {
		if p.got < p.want*.95 || p.got > p.want*1.05 {
			t.Errorf("got a percentile of %v ms, want %v ± 5 %%", p.got, p.want)
		}
	}
	if len(l.Evidence) != 2 || l.Evidence[0].Estimate != "± 5 %" {
		t.Errorf("got evidence %+v, want two requests and an estimate", l.Evidence)
	}
}
