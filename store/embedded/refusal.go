package embedded

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"jikimi/ingest"
)

// Refusals have the names that Elasticsearch has for them: shippers know them.

func refused(kind, format string, args ...any) *ingest.RefusedError {
	return &ingest.RefusedError{Type: kind, Reason: fmt.Sprintf(format, args...)}
}

func malformed(text []byte) error {
	var any json.RawMessage
	err := json.Unmarshal(text, &any)
	return refused("mapper_parsing_exception", "failed to parse: not valid JSON: %v", err)
}

func tooDeep() error {
	return refused("illegal_argument_exception", "objects and arrays may be nested %d levels deep at most", ingest.MaxDepth)
}

func tooManyFields() error {
	return refused("illegal_argument_exception", "a document may have %d fields at most", ingest.MaxFields)
}

func duplicate(key string) error {
	return refused("mapper_parsing_exception", "failed to parse: Duplicate field '%s': an object may have a key once", shorten(key))
}

func tooLarge(size int) error {
	return refused("illegal_argument_exception", "the document has %d bytes, %d are the most", size, ingest.MaxDocumentBytes)
}

func tooOld(t, oldest time.Time) error {
	return refused("illegal_argument_exception",
		"the document's time %s is older than the oldest day kept, %s: send later times or keep documents longer",
		t.Format(time.RFC3339), oldest.Format(time.DateOnly))
}

func tooNew(t, now time.Time) error {
	return refused("illegal_argument_exception",
		"the document's time %s is more than 24 hours ahead of %s: send times with their zone, and check the clock of the sender",
		t.Format(time.RFC3339), now.Format(time.RFC3339))
}

// checkIndex refuses the index names that Elasticsearch refuses.
func checkIndex(name string) error {
	why := ""
	switch {
	case name == "":
		why = "it is empty"
	case len(name) > 255:
		why = "it is longer than 255 bytes"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		why = "it must be text without control characters"
	case name == "." || name == "..":
		why = "it must not be . or .."
	case strings.ContainsAny(name, ` "*\<|,>/?#:`):
		why = `it must not contain a space or one of " * \ < | , > / ? # :`
	case strings.ContainsAny(name[:1], "_-+"):
		why = "it must not start with _, - or +"
	case name != strings.ToLower(name):
		why = "it must be lower case"
	default:
		return nil
	}
	return refused("invalid_index_name_exception", "invalid index name [%s]: %s, as in logstash-prod-api-2026.11.22", shorten(name), why)
}

// shorten keeps a hostile name from filling the answer.
func shorten(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
