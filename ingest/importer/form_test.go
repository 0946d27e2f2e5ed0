package importer

import (
	"slices"
	"strings"
	"testing"

	"jikimi/samples"
)

func raw(message, reason, index, line string) string {
	return `{"message":"` + message + `","unreadable":{"reason":"` + reason + `","index":"` + index + `","line":` + line + `}}`
}

// Each form comes to these documents, whatever it is compressed with.
func TestForms(t *testing.T) {
	const day, notJSON = "import-2026.11.23", "not JSON"
	for _, c := range []struct {
		name, text, index string
		want              []string
	}{
		{"nothing", "", "", nil},
		{"no lines", "\n\r\n  \n", "", nil},
		{"line without end", `{"a":1}`, "", []string{day + ` {"a":1}`}},
		{"own day", `{"timestamp":"2026-11-01T23:59:59+09:00"}` + "\n" + `{"@timestamp":1795364443496}`, "logstash-dev-was-{date}",
			[]string{`logstash-dev-was-2026.11.01 {"timestamp":"2026-11-01T23:59:59+09:00"}`, `logstash-dev-was-2026.11.22 {"@timestamp":1795364443496}`}},
		{"fixed index", `{"timestamp":"2026-11-01T00:00:00Z"}`, "mine", []string{`mine {"timestamp":"2026-11-01T00:00:00Z"}`}},
		{"CRLF and byte order mark", "\ufeff{\"a\":1}\r\n{\"a\":2}\r\n", "", []string{day + ` {"a":1}`, day + ` {"a":2}`}},
		{"spaces around", "  {\"a\":1} \n", "", []string{day + `   {"a":1} `}},
		{"NUL and invalid UTF-8", "a\x00b\xff", "", []string{"unreadable-2026.11.23 " + raw(`a\u0000b\ufffd`, notJSON, day, "1")}},
		{"invalid UTF-8 in a document", "{\"a\":\"\xff\"}", "", []string{day + " {\"a\":\"\xff\"}"}},
		{"text in an env", "oops", "logstash-dev-was-{date}", []string{"logstash-dev-unreadable-2026.11.23 " + raw("oops", notJSON, "logstash-dev-was-2026.11.23", "1")}},
		{"text for a fixed index", "oops", "mine", []string{"unreadable " + raw("oops", notJSON, "mine", "1")}},
		{"text with a time", "2026-11-01 10:00:00,5+0900 <oops>\n  at x\n", "", []string{
			`unreadable-2026.11.01 {"@timestamp":"2026-11-01T01:00:00.5Z","message":"2026-11-01 10:00:00,5+0900 <oops>\n  at x","unreadable":{"reason":"not JSON","index":"import-2026.11.01","line":1}}`}},
		{"clock without a zone", "2026-11-01 10:00:00 oops", "", []string{"unreadable-2026.11.23 " + raw("2026-11-01 10:00:00 oops", notJSON, day, "1")}},
		{"stack", "E: x\n    at a\nat b\nCaused by: y\n}\nF\n", "", []string{
			"unreadable-2026.11.23 " + raw(`E: x\n    at a\nat b\nCaused by: y\n}`, notJSON, day, "1"), "unreadable-2026.11.23 " + raw("F", notJSON, day, "6")}},
		{"bulk", `{"index":{"_index":"logs-2026.11.22","_id":"x"},"attempts":0}` + "\n" + `{"a":1}` + "\n\n" + `{"create":{}}` + "\n" + `{"a":2}` + "\n" + `{"a":3}`, "",
			[]string{`logs-2026.11.22 {"a":1}`, day + ` {"a":2}`, day + ` {"a":3}`}},
		{"bulk into one index", `{"index":{"_index":"logs"}}` + "\n" + `{"a":1}`, "mine", []string{`mine {"a":1}`}},
		{"bulk with a broken document", `{"index":{"_index":"logstash-dev-was-2026.11.22"}}` + "\n" + `{"a":`, "",
			[]string{"logstash-dev-unreadable-2026.11.23 " + raw(`{\"a\":`, "JSON that is cut off or broken", "logstash-dev-was-2026.11.22", "2")}},
		{"no bulk later", `{"a":1}` + "\n" + `{"index":{"_index":"logs"}}`, "", []string{day + ` {"a":1}`, day + ` {"index":{"_index":"logs"}}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for form, text := range map[string]string{"plain": c.text, "gzip": gzipped(t, c.text), "zstd": zstded(t, c.text)} {
				var m memory
				cfg := config(&m)
				cfg.Index = c.index
				r := mustImport(t, text, cfg)
				if got := m.lines(); !slices.Equal(got, c.want) || r.Stored != int64(len(c.want)) || r.Bytes != int64(len(text)) {
					t.Errorf("%s: got %d stored, %d bytes\n\t%s\nwant\n\t%s", form, r.Stored, r.Bytes, strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
				}
			}
		})
	}
}

// The sample of broken lines: what is a document stays one, the rest is kept.
func TestBrokenLines(t *testing.T) {
	var m memory
	r := mustImport(t, sampleText(t, samples.WinstonBroken, 9), config(&m))
	var messages []string
	for _, d := range m.docs {
		if strings.HasPrefix(d.Index, "unreadable-") {
			messages = append(messages, string(d.Source))
		}
	}
	const day = "import-2026.11.23"
	want := []string{
		raw(`TypeError: Cannot read properties of null\n    at Object.<anonymous> (/srv/app/server.js:1:1)`, "not JSON", day, "2"),
		raw(`{\"level\":\"warn\",\"message\":\"cut off line\",\"sess`, "JSON that is cut off or broken", day, "4"),
		raw("[1,2,3]", "JSON, but not an object", day, "7"), raw("42", "JSON, but not an object", day, "9"),
	}
	if !slices.Equal(messages, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(messages, "\n\t"), strings.Join(want, "\n\t"))
	}
	if got := r.Progress; got.Lines != 9 || got.Stored != 7 || got.Unreadable != 4 || got.Untimed != 6 || got.Refused != 0 {
		t.Errorf("got %+v, want 9 lines, 7 stored, 4 of them unreadable, 6 without a time", got)
	}
	if s := r.UnreadableSamples; len(s) != 4 || s[1].Line != 4 || !strings.HasPrefix(s[1].Text, `{"level":"warn"`) {
		t.Errorf("got samples %+v, want four, the second of line 4", s)
	}
}

// Bulk actions that an import does not do are refused, with their line.
func TestBulkRefused(t *testing.T) {
	var m memory
	r := mustImport(t, strings.Join([]string{
		`{"delete":{"_index":"logs","_id":"1"}}`, `{"update":{"_id":"1"}}`, `{"doc":{"a":1}}`, `{"index":{}}`, `{"index":{}}`, `{"a":1}`, `{"index":{}}`,
	}, "\n"), config(&m))
	var got []string
	for _, s := range r.RefusedSamples {
		got = append(got, s.Reason)
	}
	want := []string{
		"bulk action delete: an import deletes nothing", "bulk action update: an import updates nothing",
		"bulk action index: its document is missing", "bulk action index: its document is missing",
	}
	if !slices.Equal(got, want) || r.Refused != 4 || r.Stored != 1 {
		t.Errorf("got %d refused %q, %d stored, want 4 %q and 1", r.Refused, got, r.Stored, want)
	}
}

func TestCheckIndex(t *testing.T) {
	for name, want := range map[string]bool{
		"": true, "logs": true, DefaultIndex: true, "logstash-dev-was-{date}": true, "a.b_c-2026.11.22": true,
		"Logs": false, "_logs": false, "a b": false, "a*": false, "{date}{date}": false, "a/b": false, "{day}": false,
	} {
		if got := CheckIndex(name); (got == nil) != want {
			t.Errorf("%q: got %v, want it taken: %v", name, got, want)
		}
	}
}
