package storetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// fields are a document's top level.
type fields map[string]any

const devWas = "logstash-dev-was-2026.11.22"

// raw is a document of an index from its JSON text.
func raw(index, format string, args ...any) Document {
	return Document{Index: index, Source: fmt.Appendf(nil, format, args...)}
}

// in is a document of an index from its fields.
func in(index string, f fields) Document {
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // a mistake in this suite
	}
	return Document{Index: index, Source: text}
}

// request is what an Express server logs when it has answered after so many
// milliseconds, with fields added or replaced; a nil value leaves one out.
func request(at time.Time, ms float64, change fields) fields {
	f := fields{
		"timestamp": at.UTC().Format(time.RFC3339Nano), "level": "info", "protocol": "HTTP", "event": "response",
		"method": "GET", "router": "/api/things", "statusCode": 200, "IntervalTime": ms,
		"hostname": "factory-was-01", "message": "HTTP Response",
	}
	maps.Copy(f, change)
	maps.DeleteFunc(f, func(_ string, v any) bool { return v == nil })
	return f
}
