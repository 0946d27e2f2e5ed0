package telemetry

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Profile says which fields of a kind of document play which roles. Fields
// maps a role to its fields, best first: the first whose value can be read
// counts.
type Profile struct {
	Name string
	// Marks are sets of top-level or dotted paths: a document that has every
	// path of one set is of this profile. An empty Marks fits every document.
	Marks [][]string
	// Fields are sorted best first.
	Fields map[Role][]FieldPath
	// Sample says that the documents are a load test's samples.
	Sample bool
}

// FieldPath is a dotted path of a document and the unit of the number there.
type FieldPath struct {
	Path string
	Unit Unit
}

// Profiles are the built-in profiles, most specific first; the last fits every
// document. What each is made for was seen in documents of the real programs.
func Profiles() []Profile {
	return []Profile{
		k6Output(),
		k6NDJSON("k6-filebeat", "k6."),
		k6NDJSON("k6-json", ""),
		winstonElasticsearch(),
		ecs("ecs", ""),
		ecs("ecs-nested", "json."),
		winston("winston-nested", "json.", [][]string{{"json.level"}, {"json.message"}, {"json.timestamp"}}),
		winston("winston", "", nil),
	}
}

// k6Output is github.com/elastic/xk6-output-elasticsearch: no @timestamp, all
// tags are strings.
func k6Output() Profile {
	return Profile{
		Name: "k6-output", Sample: true,
		Marks: [][]string{{"MetricName", "Value"}},
		Fields: map[Role][]FieldPath{
			RoleTime:     paths("Time", "@timestamp"),
			RoleMetric:   paths("MetricName"),
			RoleValue:    paths("Value"),
			RoleRun:      paths("Tags.testid"),
			RoleScenario: paths("Tags.scenario"),
			RoleMethod:   paths("Tags.method"),
			RoleRoute:    paths("Tags.name"),
			RoleURL:      paths("Tags.url"),
			RoleStatus:   paths("Tags.status"),
		},
	}
}

// k6NDJSON is a line of `k6 run --out json`, whole or under a key of the shipper's.
func k6NDJSON(name, prefix string) Profile {
	return Profile{
		Name: name, Sample: true,
		Marks: [][]string{{prefix + "metric", prefix + "type", prefix + "data"}},
		Fields: map[Role][]FieldPath{
			RoleTime:     paths(prefix+"data.time", "@timestamp"),
			RoleMetric:   paths(prefix + "metric"),
			RoleValue:    paths(prefix + "data.value"),
			RoleRun:      paths(prefix+"data.tags.testid", "fields.testid"),
			RoleScenario: paths(prefix + "data.tags.scenario"),
			RoleMethod:   paths(prefix + "data.tags.method"),
			RoleRoute:    paths(prefix + "data.tags.name"),
			RoleURL:      paths(prefix + "data.tags.url"),
			RoleStatus:   paths(prefix + "data.tags.status"),
			RoleHost:     paths("host.name"),
		},
	}
}

// winstonElasticsearch is the npm transport of that name: the level is called
// severity and all metadata lies under fields.
func winstonElasticsearch() Profile {
	p := winston("winston-elasticsearch", "fields.", [][]string{{"severity", "fields"}})
	p.Fields[RoleTime] = paths("@timestamp", "fields.timestamp")
	p.Fields[RoleLevel] = paths("severity", "fields.level")
	p.Fields[RoleMessage] = paths("message")
	p.Fields[RoleErrorCode] = paths("fields.error.code", "fields.code")
	return p
}

// ecs is the Elastic Common Schema, as its loggers and Filebeat's modules write
// it: https://www.elastic.co/guide/en/ecs/current/ (event.duration is in
// nanoseconds there).
func ecs(name, prefix string) Profile {
	in := under(prefix)
	p := Profile{
		Name:  name,
		Marks: [][]string{{prefix + "event.duration"}, {prefix + "http.response.status_code"}, {prefix + "log.level"}},
		Fields: map[Role][]FieldPath{
			RoleTime:       in("@timestamp", "timestamp"),
			RoleLevel:      in("log.level", "level"),
			RoleMessage:    in("message"),
			RoleProtocol:   in("network.protocol", "protocol"),
			RoleMethod:     in("http.request.method"),
			RoleRoute:      in("http.route", "url.path", "url.original"),
			RoleURL:        in("url.original", "url.full", "url.path"),
			RoleStatus:     in("http.response.status_code"),
			RoleDuration:   {{Path: prefix + "event.duration", Unit: UnitNano}},
			RoleHost:       append(in("host.hostname", "host.name"), paths("host.hostname", "host.name", "agent.hostname")...),
			RoleUser:       in("user.id", "user.name"),
			RoleSession:    in("session.id"),
			RoleClient:     in("client.ip", "source.ip", "client.address", "source.address"),
			RoleErrorCode:  in("error.code"),
			RoleErrorType:  in("error.type"),
			RoleErrorText:  in("error.message"),
			RoleErrorStack: in("error.stack_trace"),
			RoleDevice:     in("device.id"),
		},
	}
	if prefix != "" {
		p.Fields[RoleTime] = append(p.Fields[RoleTime], FieldPath{Path: "@timestamp"})
	}
	return p
}

// winston is what the Express servers log, at the top level or under a
// shipper's key. The last names of some roles are those of pino and bunyan.
func winston(name, prefix string, marks [][]string) Profile {
	in := under(prefix)
	p := Profile{
		Name: name, Marks: marks,
		Fields: map[Role][]FieldPath{
			// winston's own `time` is a wall clock without a zone: ParseTime refuses it.
			RoleTime:     in("timestamp", "@timestamp", "time"),
			RoleLevel:    in("level", "severity"),
			RoleMessage:  in("message", "msg"),
			RoleProtocol: in("protocol"),
			RoleEvent:    in("event"),
			RoleMethod:   in("method", "req.method"),
			RoleRoute:    in("router", "route", "url", "req.url"),
			RoleURL:      in("url", "originalUrl", "req.url"),
			RoleStatus:   in("statusCode", "status", "res.statusCode"),
			RoleDuration: {
				{Path: prefix + "IntervalTime", Unit: UnitMilli}, {Path: prefix + "intervalTime", Unit: UnitMilli},
				{Path: prefix + "responseTime", Unit: UnitMilli}, {Path: prefix + "event.duration", Unit: UnitNano},
			},
			RoleHost:       append(in("hostname", "host"), paths("host.name", "agent.hostname")...),
			RoleUser:       in("user.id", "user"),
			RoleSession:    in("sessionId"),
			RoleClient:     in("ip"),
			RoleErrorCode:  in("error.code", "code"),
			RoleErrorType:  in("error.type", "error.name"),
			RoleErrorText:  in("error.message"),
			RoleErrorStack: in("error.stack", "stack"),
			RoleTopic:      in("topic"),
			RoleDevice:     in("deviceId", "sensor.deviceId", "payload.deviceId"),
		},
	}
	if prefix == "" {
		p.Fields[RoleTime] = append(p.Fields[RoleTime], FieldPath{Path: "tst"}) // mosquitto_sub -F '%J'
	} else {
		p.Fields[RoleTime] = append(p.Fields[RoleTime], FieldPath{Path: "@timestamp"})
	}
	return p
}

// under makes paths below a shipper's key.
func under(prefix string) func(names ...string) []FieldPath {
	return func(names ...string) []FieldPath {
		out := make([]FieldPath, len(names))
		for i, n := range names {
			out[i].Path = prefix + n
		}
		return out
	}
}

func paths(names ...string) []FieldPath { return under("")(names...) }

// ParseTime reads a point in time that carries its zone: RFC 3339 with any
// fraction, or mosquitto's `…Z+0000`. A wall clock without a zone is refused,
// because nobody can say when it was. The result is in UTC, whole microseconds.
func ParseTime(s string) (time.Time, bool) {
	if len(s) > 48 {
		return time.Time{}, false
	}
	s = strings.TrimSuffix(s, "+0000")
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC().Truncate(time.Microsecond), true
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999999999-0700", s); err == nil {
		return t.UTC().Truncate(time.Microsecond), true
	}
	return time.Time{}, false
}

// EpochTime reads a number as a point in time: milliseconds from 1e11 on
// (March 1973), seconds below, as no server of ours logged in 1973.
func EpochTime(v float64) (time.Time, bool) {
	if math.IsNaN(v) || v <= 0 || v > 1e14 {
		return time.Time{}, false
	}
	if v < 1e11 {
		v *= 1e3
	}
	return time.UnixMicro(int64(v * 1e3)).UTC(), true
}

// Number reads a number from text such as "65" or " 65.5 ": a plain decimal,
// nothing behind it. NaN and infinities are not numbers.
func Number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 40 || strings.ContainsAny(s, "xXpP_nNiI") {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

// levels maps what loggers call a level to the role's words. Numbers are those
// of pino and bunyan.
var levels = map[string]string{
	"warning": "warn", "err": "error", "critical": "fatal", "crit": "fatal", "emerg": "fatal", "alert": "fatal",
	"10": "trace", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal",
}

// Level is the role's word for a level in any casing.
func Level(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if l, ok := levels[s]; ok {
		return l
	}
	return s
}

// protocols maps the names of a protocol to the role's words.
var protocols = map[string]string{"https": "http", "mqtts": "mqtt", "ws": "websocket", "wss": "websocket"}

// Protocol is the role's word for a protocol: lower case, without a version or
// the s of TLS.
func Protocol(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "/")
	if p, ok := protocols[s]; ok {
		return p
	}
	return s
}

// LevelSpellings are the lower-case spellings that Level reads as a word of the
// role. There are none for a text that is not such a word.
func LevelSpellings(word string) []string {
	return spellings(word, Level(word), levels)
}

// ProtocolSpellings are the same for Protocol, without versions.
func ProtocolSpellings(word string) []string {
	return spellings(word, Protocol(word), protocols)
}

// spellings are the word itself, if it reads as itself, and what maps to it.
func spellings(word, read string, by map[string]string) []string {
	var list []string
	if read == word {
		list = append(list, word)
	}
	for s, w := range by {
		if w == word {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return list
}

// Outcome is what KindOf looks at.
type Outcome struct {
	Sample                         bool // of a load test's profile
	Metric                         bool // has a metric and a value
	Protocol, Event, Method, Route string
	HasStatus, HasDuration         bool
	Status                         int64
}

// KindOf says what a document reports. A document without a protocol is HTTP
// when it has a status and a method or a route.
func KindOf(o Outcome) Kind {
	if o.Sample {
		if o.Metric {
			return KindSample
		}
		return KindOther
	}
	http := o.Protocol == "http" || o.Protocol == "" && o.HasStatus && (o.Method != "" || o.Route != "")
	clientLeft := o.HasStatus && o.Status == 499
	switch {
	case !http || clientLeft:
		return KindOther
	case o.Event == "response":
		return kindIf(o.HasStatus || o.HasDuration)
	case o.Event == "":
		return kindIf(o.HasStatus)
	}
	return KindOther
}

func kindIf(request bool) Kind {
	if request {
		return KindRequest
	}
	return KindOther
}

// FailedStatus says whether a request of this status counts as failed: 500 and
// more, or 0, which is no answer. 4xx are the caller's, not the server's.
func FailedStatus(status int64) bool { return status == 0 || status >= 500 }
