package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jikimi/ingest"
	"jikimi/samples"
)

// jsonEqual says whether two texts are the same JSON: objects in any order,
// numbers by their exact value.
func jsonEqual(t *testing.T, a, b []byte) bool {
	t.Helper()
	return canonical(t, a) == canonical(t, b)
}

func canonical(t *testing.T, text []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(text, []byte("\uFFFD"))))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %.300s: %v", text, err)
	}
	out, err := json.Marshal(exactNumbers(v))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return string(out)
}

// exactNumbers replaces numbers by their exact value, or, where an exponent
// would make that too long, by their text.
func exactNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = exactNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = exactNumbers(v[i])
		}
	case json.Number:
		if _, exp, ok := strings.Cut(strings.ToLower(v.String()), "e"); ok && len(strings.TrimLeft(exp, "+-0")) > 3 {
			return "number:" + v.String()
		}
		r, _ := new(big.Rat).SetString(v.String())
		return "number:" + r.RatString()
	}
	return v
}

func TestSamplesComeBack(t *testing.T) {
	for _, name := range []string{
		samples.Logstash, samples.WinstonDev, samples.WinstonProd, samples.WinstonElasticsearch, samples.FilebeatReadTime,
		samples.FilebeatHost, samples.FilebeatK6, samples.FilebeatToLogstash, samples.K6Output, samples.Sensors,
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := samples.Lines(name)
			if err != nil {
				t.Fatal(err)
			}
			s := openStore(t, testConfig(t, sampleNow))
			writeLines(t, s, lines)
			got := exportDay(t, s, sampleNow)
			if len(got) != len(lines) {
				t.Fatalf("got %d documents, want %d", len(got), len(lines))
			}
			for i, line := range lines {
				if !jsonEqual(t, got[i].Source, line) {
					t.Fatalf("line %d: got %s, want %s", i+1, got[i].Source, line)
				}
			}
		})
	}
}

func writeLines(t *testing.T, s *Store, lines [][]byte) {
	t.Helper()
	const most = 5000
	for len(lines) > 0 {
		n := min(len(lines), most)
		docs := make([]ingest.Document, n)
		for i, line := range lines[:n] {
			docs[i] = ingest.Document{Index: "logstash-dev-was-2026.11.22", Source: line}
		}
		mustWrite(t, s, docs...)
		lines = lines[n:]
	}
}

// hostile are documents that are odd, yet JSON.
func hostile() []string {
	deep := strings.Repeat(`{"a":`, ingest.MaxDepth-1) + `{}` + strings.Repeat(`}`, ingest.MaxDepth-1)
	many := make([]string, ingest.MaxFields)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%d":%d`, i, i)
	}
	return []string{
		`{}`,
		`{"a":{}}`, `{"a":[]}`, `{"a":null}`, `{"a":{"b":{}}}`, `{"a":[{"b":1},{"b":"x"}]}`,
		`{"a.b":1}`, `{"a":{"b":1},"a.b":2}`, `{"":1}`, `{"a":{"":{"":2}}}`, `{"a":{".":1}}`, `{"log.level":"info","message":"ecs"}`,
		`{"level":"WARN"}`, `{"level":"Warn"}`, `{"level":" warn "}`, `{"level":30}`, `{"level":""}`, `{"level":null}`, `{"level":["a"]}`, `{"level":true}`, `{"level":{"a":1}}`,
		`{"protocol":"HTTPS/1.1"}`, `{"method":"get"}`, `{"method":"doThing"}`, `{"method":"Iß"}`,
		`{"message":"a\u0000b"}`, `{"message":"\u0000"}`, `{"hostname":"a\u0000b","x":"\u0000"}`,
		`{"message":"\ud83d\ude00 \u00e9 \/ \" \\ \b\f\n\r\t"}`, `{"message":"\ud800"}`, `{"message":"\udc00\ud800x"}`, `{"message":"\\ud800"}`, `{"x":["\ud800",{"\ud800":"\udfff"}]}`, `{"\ud800":1}`,
		"{\"message\":\"\xff\xfe\"}", "{\"k\xff\":[\"\xc3\"]}", "{\"message\":\"\u202eevil\u2066\"}",
		`{"hostname":"'; DROP TABLE doc; --"}`, `{"key\"quote\\":1}`, `{"key\nline":{"in\tner":2}}`, `{"$1":"$2"}`,
		`{"IntervalTime":12}`, `{"IntervalTime":12.0}`, `{"IntervalTime":1.2e1}`, `{"IntervalTime":"12"}`, `{"IntervalTime":" 12 "}`, `{"IntervalTime":-1}`, `{"IntervalTime":-0}`, `{"IntervalTime":0}`, `{"IntervalTime":1e999}`, `{"IntervalTime":0.1}`, `{"IntervalTime":97.77100000000000001}`, `{"IntervalTime":"NaN"}`, `{"IntervalTime":true}`, `{"IntervalTime":[1]}`,
		`{"event":{"duration":97771123}}`, `{"event":{"duration":1}}`, `{"event":{"duration":9007199254740993}}`, `{"event":{"duration":"5"}}`, `{"json":{"event":{"duration":1234567890123}}}`,
		`{"statusCode":200}`, `{"statusCode":"200"}`, `{"statusCode":"0200"}`, `{"statusCode":200.0}`, `{"statusCode":70000}`, `{"statusCode":-1}`, `{"statusCode":9223372036854775808}`,
		`{"MetricName":"m","Value":1e-7}`, `{"MetricName":"m","Value":123456789012345678901234567890}`, `{"MetricName":"m","Value":-0.0}`, `{"MetricName":"m","Value":"3.5"}`,
		`{"timestamp":"2026-11-22T16:20:42Z"}`, `{"timestamp":"2026-11-22T16:20:42.1Z"}`, `{"timestamp":"2026-11-22T16:20:42.123456Z"}`, `{"timestamp":"2026-11-22T16:20:42.123456789Z"}`, `{"timestamp":"2026-11-23T01:20:42.610+09:00"}`, `{"timestamp":"2026-11-22T16:20:42.610Z+0000"}`, `{"timestamp":"2026-11-22t16:20:42z"}`, `{"timestamp":"2026-11-22T16:20:42,5Z"}`, `{"timestamp":1795364443496}`, `{"timestamp":1795364443}`, `{"timestamp":"yesterday"}`, `{"timestamp":{"a":1}}`,
		`{"user":null}`, `{"user":"a"}`, `{"user":{"id":"a"}}`, `{"user":{"id":7}}`, `{"user":{"id":{"x":1}}}`, `{"user":{}}`, `{"user":[1]}`, `{"host":"h"}`, `{"host":{"name":"h","hostname":"g"}}`, `{"error":{"code":1213}}`, `{"error":{"code":1.50}}`, `{"error":"text"}`,
		`{"url":"/a","method":"GET","statusCode":200}`, `{"severity":"info","fields":{"level":"debug"}}`,
		`{"n":1e400,"m":1E-400,"o":-0,"p":0.10,"q":123456789012345678901234567890,"r":1.0}`,
		`{"deep":` + strings.Repeat("[", ingest.MaxDepth-2) + strings.Repeat("]", ingest.MaxDepth-2) + `}`, deep, `{` + strings.Join(many, ",") + `}`,
		` { "a" : [ 1 , 2 , { "b" : "c" } ] } `,
	}
}

func TestHostileDocumentsComeBack(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	var docs []ingest.Document
	for _, text := range hostile() {
		docs = append(docs, doc("odd-2026.11.22", text))
	}
	mustWrite(t, s, docs...)
	got := exportDay(t, s, sampleNow)
	if len(got) != len(docs) {
		t.Fatalf("got %d documents, want %d", len(got), len(docs))
	}
	for i, d := range docs {
		if !jsonEqual(t, got[i].Source, d.Source) {
			t.Errorf("got %.300s, want %.300s", got[i].Source, d.Source)
		}
	}
	checkRest(t, s)
}

// checkRest lets DuckDB read every rest text: one that it cannot read would
// fail whole queries.
func checkRest(t *testing.T, s *Store) {
	t.Helper()
	var bad int
	row := s.db.QueryRow("SELECT count(*) FROM d20261122.doc WHERE NOT json_valid(rest)")
	if err := row.Scan(&bad); err != nil || bad != 0 {
		t.Errorf("got %d rest texts that are not JSON to DuckDB, error %v, want none", bad, err)
	}
	var n int
	if err := s.db.QueryRow(`SELECT count(json_extract_string(rest, '$."n"')) FROM d20261122.doc`).Scan(&n); err != nil {
		t.Errorf("json_extract over all: got error %v, want none", err)
	}
}

func TestRefusedDocuments(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	over := strings.Repeat(`{"a":`, ingest.MaxDepth) + `{}` + strings.Repeat(`}`, ingest.MaxDepth)
	many := make([]string, ingest.MaxFields+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%d":%d`, i, i)
	}
	const index = "logstash-dev-was-2026.11.22"
	for _, c := range []struct{ name, index, source, reason string }{
		{"empty", index, ``, "not valid JSON"},
		{"cut", index, `{"a":`, "not valid JSON"},
		{"two", index, `{} {}`, "not valid JSON"},
		{"NaN", index, `{"a":nan}`, "not valid JSON"},
		{"control", index, "{\"a\":\"\n\"}", "not valid JSON"},
		{"array", index, `[1]`, "JSON object"},
		{"text", index, `"a"`, "JSON object"},
		{"null", index, `null`, "JSON object"},
		{"twice", index, `{"a":1,"a":1}`, "Duplicate field 'a'"},
		{"twice by escape", index, `{"a":1,"\u0061":1}`, "Duplicate field 'a'"},
		{"twice inside", index, `{"x":{"b":1,"c":2,"b":3}}`, "Duplicate field 'b'"},
		{"twice in an array", index, `{"x":[[{"b":1,"b":3}]]}`, "Duplicate field 'b'"},
		{"twice among many", index, `{` + strings.Join(many[:100], ",") + `,"f3":1}`, "Duplicate field 'f3'"},
		{"deep", index, over, "64 levels"},
		{"deep array", index, `{"a":` + strings.Repeat("[", ingest.MaxDepth) + strings.Repeat("]", ingest.MaxDepth) + `}`, "64 levels"},
		{"very deep", index, `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "64 levels"},
		{"many", index, `{` + strings.Join(many, ",") + `}`, "5000 fields"},
		{"large", index, `{"a":"` + strings.Repeat("x", ingest.MaxDocumentBytes) + `"}`, "1048576 are the most"},
		{"1970", index, `{"timestamp":"1970-01-01T00:00:00Z"}`, "older than the oldest day kept, 2026-10-23"},
		{"2100", index, `{"timestamp":"2100-01-01T00:00:00Z"}`, "more than 24 hours ahead of 2026-11-22T18:00:00Z"},
		{"no index", "", `{}`, "it is empty"},
		{"upper case", "Logs", `{}`, "lower case"},
		{"star", "logs-*", `{}`, "must not contain"},
		{"slash", "../logs", `{}`, "must not contain"},
		{"dash", "-logs", `{}`, "must not start"},
		{"dot", "..", `{}`, "must not be"},
		{"control", "a\x00b", `{}`, "control characters"},
		{"long", strings.Repeat("a", 256), `{}`, "255 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			results, err := s.Write(t.Context(), []ingest.Document{doc(index, `{"ok":1}`), doc(c.index, c.source), doc(index, `{"ok":2}`)})
			if err != nil {
				t.Fatalf("Write: %v", err)
			}
			if results[0].Err != nil || results[2].Err != nil {
				t.Errorf("neighbours: got errors %v and %v, want none", results[0].Err, results[2].Err)
			}
			var r *ingest.RefusedError
			if !errors.As(results[1].Err, &r) || !strings.Contains(r.Reason, c.reason) {
				t.Errorf("got error %v, want a refusal that says %q", results[1].Err, c.reason)
			}
		})
	}
	if got := len(exportDay(t, s, sampleNow)); got != 2*28 {
		t.Errorf("got %d documents stored, want %d", got, 2*28)
	}
}

// TestFlattenAndRebuild takes made-up documents apart and puts them together
// again, without a database in between.
func TestFlattenAndRebuild(t *testing.T) {
	s := newStore(Config{}.withDefaults(), nil)
	s.layouts[dayOf(s.config.Now())] = newLayout([]promotedPath{{"a", "VARCHAR"}, {"b.a", "DOUBLE"}, {"b.b", "BOOLEAN"}})
	rapid.Check(t, func(rt *rapid.T) {
		text := drawObject(rt, 3)
		r := s.pool.get(s.marks)
		defer s.pool.put(r)
		w, err := s.parse(r, doc("logs", text), s.config.Now())
		if err != nil {
			rt.Fatalf("parse %s: %v", text, err)
		}
		k := kept{shape: w.shape.stored(s.profiles), rest: w.rest, raw: w.raw}
		for i, v := range w.values {
			k.values[i] = v
		}
		for _, v := range w.promoted {
			k.promoted = append(k.promoted, v)
		}
		got, err := k.source(s.layouts[w.day])
		if err != nil {
			rt.Fatalf("rebuild %s: %v", text, err)
		}
		if !jsonEqual(t, got, []byte(text)) {
			rt.Fatalf("got %s, want %s", got, text)
		}
	})
}

func drawObject(t *rapid.T, depth int) string {
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"a", "b", "level", "message", "IntervalTime", "statusCode", "user", "id", "host", "name", "event", "duration",
		"error", "code", "url", "MetricName", "Value", "Tags", "json", "a.b", "", "fields", "severity", "é\"",
	}), 0, 6, rapid.ID).Draw(t, "keys")
	parts := make([]string, len(keys))
	for i, k := range keys {
		name, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = string(name) + ":" + drawValue(t, depth)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func drawValue(t *rapid.T, depth int) string {
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "constant")
	case 1:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
	case 2:
		return rapid.SampledFrom([]string{`"INFO"`, `"GET"`, `"http"`, `"200"`, `"12.5"`, `""`, `"\ud800"`, `"WebSocket"`}).Draw(t, "word")
	case 3, 4:
		text, err := json.Marshal(rapid.String().Draw(t, "text"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	case 5:
		return drawObject(t, depth-1)
	}
	return "[" + drawValue(t, depth-1) + "," + drawObject(t, depth-1) + "]"
}
