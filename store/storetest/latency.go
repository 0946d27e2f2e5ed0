package storetest

import (
	"fmt"
	"testing"
	"time"

	"jikimi/telemetry"
)

func (s suite) latency(t *testing.T) {
	t.Run("half-open range", s.halfOpen)
	t.Run("buckets and totals", s.bucketsAndTotals)
	t.Run("no duration", s.noDuration)
	t.Run("nothing", s.nothing)
	t.Run("evidence", s.evidence)
}

// halfOpen: a request at From counts, one at To does not.
func (s suite) halfOpen(t *testing.T) {
	r := telemetry.Between(now.Add(-2*time.Hour), now.Add(-time.Hour), time.UTC)
	store := s.opened(t, retention,
		in(devWas, request(r.From.Add(-time.Millisecond), 1, nil)),
		in(devWas, request(r.From, 2, nil)),
		in(devWas, request(r.To.Add(-time.Millisecond), 4, nil)),
		in(devWas, request(r.To, 8, nil)))
	s.checkFigures(t, "total", ask(t, store, query(r)).Total, []event{{r.From, 2, false}, {r.To, 4, false}})
}

// bucketsAndTotals: percentiles of the whole range are of all its requests, not
// averages of the buckets', and empty buckets are left out.
func (s suite) bucketsAndTotals(t *testing.T) {
	var docs []Document
	var events []event
	for i := range 600 {
		e := event{at: now.Add(-time.Duration(i*i) * 100 * time.Millisecond).Add(-time.Second), ms: float64(i*7919%1000) / 8}
		if i%50 == 0 {
			e.failed = true
		}
		status := 200
		if e.failed {
			status = 503
		}
		docs, events = append(docs, in(devWas, request(e.at, e.ms, fields{"statusCode": status}))), append(events, e)
	}
	l := ask(t, s.opened(t, retention, docs...), query(lately(12*time.Hour)))
	s.checkFigures(t, "total", l.Total, events)
	s.checkBuckets(t, l.Buckets, events, epochStart(5*time.Minute))
	if l.Partial || l.Stale || l.Compared {
		t.Errorf("got partial %v, stale %v, compared %v, want none of them", l.Partial, l.Stale, l.Compared)
	}
	if l.AsOf.IsZero() || l.AsOf.Location() != time.UTC {
		t.Errorf("got as of %v, want a time in UTC", l.AsOf)
	}
}

// noDuration: requests whose duration cannot be read count, but are not timed.
func (s suite) noDuration(t *testing.T) {
	at := now.Add(-time.Minute)
	store := s.opened(t, retention,
		in(devWas, request(at, 0, fields{"IntervalTime": nil})),
		in(devWas, request(at, 0, fields{"IntervalTime": "soon"})),
		in(devWas, request(at, -3, nil)),
		in(devWas, request(at, 9, nil)))
	l := ask(t, store, query(lately(time.Hour)))
	s.checkFigures(t, "total", l.Total, []event{{at, -1, false}, {at, -1, false}, {at, -1, false}, {at, 9, false}})
	n := ""
	for _, notice := range l.Notices {
		if notice.Code == telemetry.NoticeNoDuration {
			n = notice.Params["n"]
		}
	}
	if n != "3" {
		t.Errorf("notice of requests without a duration: got n %q, want 3", n)
	}
}

// nothing: no documents is an answer without figures, not an error.
func (s suite) nothing(t *testing.T) {
	l := ask(t, s.opened(t, retention), query(lately(day)))
	if l.Total != (telemetry.LatencyFigures{}) || len(l.Buckets) != 0 {
		t.Errorf("got %+v and %d buckets, want nothing", l.Total, len(l.Buckets))
	}
}

// evidence: the answer says what was asked, of which documents, by which fields.
func (s suite) evidence(t *testing.T) {
	at := now.Add(-time.Minute)
	store := s.opened(t, retention,
		in(devWas, request(at, 3, nil)),
		raw(devWas, `{"@timestamp":%q,"event":{"duration":5000000},"http":{"request":{"method":"GET"},"response":{"status_code":200}}}`, at.Format(time.RFC3339)))
	l := ask(t, store, query(lately(time.Hour)))
	if len(l.Evidence) == 0 {
		t.Fatal("got no evidence, want some")
	}
	e := l.Evidence[0]
	if e.Store == "" || e.Query == "" || len(e.Indices) == 0 || e.Documents != 2 {
		t.Errorf("got evidence %+v, want a store, a query, indices and 2 documents", e)
	}
	got := fmt.Sprint(e.Fields)
	for _, want := range []telemetry.FieldUse{
		{Role: telemetry.RoleDuration, Profile: "winston", Path: "IntervalTime", Unit: telemetry.UnitMilli},
		{Role: telemetry.RoleDuration, Profile: "ecs", Path: "event.duration", Unit: telemetry.UnitNano},
	} {
		found := false
		for _, f := range e.Fields {
			found = found || f == want
		}
		if !found {
			t.Errorf("got fields %s, want %v among them", got, want)
		}
	}
}

// documents: the same request in the spellings of different programs.
func (s suite) documents(t *testing.T) {
	at := now.Add(-10 * time.Minute).Add(123456 * time.Microsecond)
	stamp := at.Format(time.RFC3339Nano)
	for _, c := range []struct {
		name string
		doc  Document
		ms   float64
	}{
		{"integer", in(devWas, request(at, 65, nil)), 65},
		{"fraction", in(devWas, request(at, 97.771, nil)), 97.771},
		{"number in a string", in(devWas, request(at, 0, fields{"IntervalTime": "65.5", "statusCode": "200"})), 65.5},
		{"upper case", in(devWas, request(at, 7, fields{"level": "INFO"})), 7},
		{"no protocol, no event", in(devWas, request(at, 7, fields{"protocol": nil, "event": nil})), 7},
		{"no status", in(devWas, request(at, 7, fields{"statusCode": nil})), 7},
		{"offset", in(devWas, request(at, 7, fields{"timestamp": at.In(time.FixedZone("", 9*3600)).Format(time.RFC3339Nano)})), 7},
		{"nanoseconds of a second", in(devWas, request(at, 7, fields{"timestamp": at.Add(789).Format(time.RFC3339Nano)})), 7},
		{"only @timestamp", in(devWas, request(at, 7, fields{"timestamp": nil, "@timestamp": stamp})), 7},
		{"read late", in(devWas, request(at, 7, fields{"@timestamp": now.Add(-time.Second).Format(time.RFC3339Nano)})), 7},
		{"epoch milliseconds", in(devWas, request(at, 7, fields{"timestamp": nil, "time": at.UnixMilli()})), 7},
		{"pino", raw(devWas, `{"level":30,"time":%d,"msg":"request completed","req":{"method":"GET","url":"/a"},"res":{"statusCode":200},"responseTime":7.25}`, at.UnixMilli()), 7.25},
		{"ECS", raw(devWas, `{"@timestamp":%q,"event":{"duration":7250000},"http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/a"}}`, stamp), 7.25},
		{"ECS with dotted keys", raw(devWas, `{"@timestamp":%q,"log.level":"info","event.duration":7250000,"http.request.method":"GET","http.response.status_code":200,"url.path":"/a"}`, stamp), 7.25},
		{"ECS under json", raw(devWas, `{"@timestamp":%q,"json":{"event":{"duration":7250000},"http":{"request":{"method":"GET"},"response":{"status_code":200}}}}`, stamp), 7.25},
		{"winston under json", raw(devWas, `{"@timestamp":%q,"json":{"timestamp":%q,"level":"info","message":"m","protocol":"HTTP","event":"response","statusCode":200,"IntervalTime":7.25}}`, now.Format(time.RFC3339), stamp), 7.25},
		{"winston-elasticsearch", raw("logs-2026.11.22", `{"@timestamp":%q,"message":"m","severity":"info","fields":{"protocol":"HTTP","method":"GET","router":"/a","statusCode":200,"IntervalTime":7.25,"user":{"id":"u"}}}`, stamp), 7.25},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := ask(t, s.opened(t, retention, c.doc), query(lately(time.Hour)))
			s.checkFigures(t, "total", l.Total, []event{{at, c.ms, false}})
			s.checkBuckets(t, l.Buckets, []event{{at, c.ms, false}}, epochStart(30*time.Second))
		})
	}
}

// kinds: what is a request, and what is a failed one.
func (s suite) kinds(t *testing.T) {
	at := now.Add(-time.Minute)
	stamp := at.Format(time.RFC3339Nano)
	for _, c := range []struct {
		name          string
		doc           Document
		count, failed int64
	}{
		{"200", in(devWas, request(at, 1, nil)), 1, 0},
		{"404", in(devWas, request(at, 1, fields{"statusCode": 404})), 1, 0},
		{"429", in(devWas, request(at, 1, fields{"statusCode": 429})), 1, 0},
		{"499, the client left", in(devWas, request(at, 1, fields{"statusCode": 499, "event": "aborted"})), 0, 0},
		{"500", in(devWas, request(at, 1, fields{"statusCode": 500})), 1, 1},
		{"599", in(devWas, request(at, 1, fields{"statusCode": 599})), 1, 1},
		{"0, no answer", in(devWas, request(at, 1, fields{"statusCode": 0})), 1, 1},
		{"announcement", in(devWas, request(at, 1, fields{"event": "request", "statusCode": nil, "IntervalTime": nil})), 0, 0},
		{"announcement with a status", in(devWas, request(at, 1, fields{"event": "request"})), 0, 0},
		{"WebSocket", in(devWas, request(at, 1, fields{"protocol": "WebSocket", "event": "message"})), 0, 0},
		{"MQTT", in(devWas, request(at, 1, fields{"protocol": "MQTT", "event": "message", "statusCode": nil})), 0, 0},
		{"slow statement", in(devWas, request(at, 1, fields{"protocol": "DB", "event": nil, "statusCode": nil})), 0, 0},
		{"plain line", raw(devWas, `{"timestamp":%q,"level":"error","message":"boom"}`, stamp), 0, 0},
		{"k6 sample", raw("k6-metrics", `{"MetricName":"http_req_duration","MetricType":"trend","Value":12.5,"Tags":{"method":"GET","name":"/a","status":"200"},"Time":%q}`, stamp), 0, 0},
		{"k6 sample by Filebeat", raw(devWas, `{"@timestamp":%q,"k6":{"metric":"http_req_duration","type":"Point","data":{"time":%q,"value":12.5,"tags":{"status":"200","method":"GET"}}}}`, stamp, stamp), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ask(t, s.opened(t, retention, c.doc), query(lately(time.Hour))).Total
			if got.Count != c.count || got.Failed != c.failed {
				t.Errorf("got %d requests, %d failed, want %d and %d", got.Count, got.Failed, c.count, c.failed)
			}
		})
	}
}
