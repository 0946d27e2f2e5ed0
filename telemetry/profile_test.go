package telemetry

import (
	"slices"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	tests := []struct {
		text, want string // want is empty where it is no point in time
	}{
		{"2026-11-22T16:20:43.375Z", "2026-11-22T16:20:43.375Z"},
		{"2026-11-22T16:32:12.846151453Z", "2026-11-22T16:32:12.846151Z"},
		{"2026-11-23T01:20:43.375+09:00", "2026-11-22T16:20:43.375Z"},
		{"2026-11-23T01:20:43.375+0900", "2026-11-22T16:20:43.375Z"},
		{"2026-11-22T16:20:43.498839Z+0000", "2026-11-22T16:20:43.498839Z"},
		{"2026-11-23 01:20:43.375", ""},
		{"2026-11-23T01:20:43", ""},
		{"22/Nov/2026:16:00:00 +0900", ""},
		{"", ""},
		{"1795364443496", ""},
	}
	for _, tt := range tests {
		got, ok := ParseTime(tt.text)
		if ok != (tt.want != "") || ok && !got.Equal(at(t, tt.want)) {
			t.Errorf("%q: %v, %v, want %s", tt.text, got, ok, tt.want)
		}
	}
}

func TestEpochTime(t *testing.T) {
	for _, v := range []float64{1795364443.496, 1795364443496} {
		if got, ok := EpochTime(v); !ok || got.Sub(at(t, "2026-11-22T16:20:43.496Z")).Abs() > time.Millisecond {
			t.Errorf("%v: %v, %v", v, got, ok)
		}
	}
	for _, v := range []float64{0, -1, 1e15} {
		if got, ok := EpochTime(v); ok {
			t.Errorf("%v is read as %v", v, got)
		}
	}
}

func TestNumber(t *testing.T) {
	good := map[string]float64{"65": 65, " 65.5 ": 65.5, "-1": -1, "1e3": 1000}
	for s, want := range good {
		if got, ok := Number(s); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "65ms", "NaN", "Inf", "-inf", "0x10", "1_000", "1e999", "29.1 C"} {
		if got, ok := Number(s); ok {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{"INFO": "info", "Warning": "warn", "50": "error", "FATAL": "fatal", " err ": "error", "http": "http"} {
		if got := Level(in); got != want {
			t.Errorf("level %q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"HTTP": "http", "https": "http", "HTTP/1.1": "http", "WebSocket": "websocket", "wss": "websocket", "MQTTS": "mqtt"} {
		if got := Protocol(in); got != want {
			t.Errorf("protocol %q: %q, want %q", in, got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	tests := []struct {
		name string
		o    Outcome
		want Kind
	}{
		{"response", Outcome{Protocol: "http", Event: "response", HasStatus: true, Status: 200, HasDuration: true}, KindRequest},
		{"response without a status", Outcome{Protocol: "http", Event: "response", HasDuration: true}, KindRequest},
		{"announcement", Outcome{Protocol: "http", Event: "request", Method: "GET"}, KindOther},
		{"client left", Outcome{Protocol: "http", Event: "aborted", HasStatus: true, Status: 499, HasDuration: true}, KindOther},
		{"ECS without event", Outcome{Protocol: "http", HasStatus: true, Status: 503}, KindRequest},
		{"no protocol, a method", Outcome{Method: "GET", HasStatus: true, Status: 200}, KindRequest},
		{"a bare status", Outcome{HasStatus: true, Status: 200}, KindOther},
		{"WebSocket message", Outcome{Protocol: "websocket", Event: "message", HasDuration: true}, KindOther},
		{"k6 sample", Outcome{Sample: true, Metric: true, HasStatus: true, Status: 200, Method: "GET"}, KindSample},
		{"k6 metric line", Outcome{Sample: true}, KindOther},
	}
	for _, tt := range tests {
		if got := KindOf(tt.o); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnitMillis(t *testing.T) {
	for unit, want := range map[Unit]float64{UnitNano: 0.0015, UnitMicro: 1.5, UnitMilli: 1500, UnitSec: 1.5e6} {
		if got := unit.Millis(1500); got != want {
			t.Errorf("1500 %s are %v ms, want %v", unit, got, want)
		}
	}
}

// TestSpellings: what reads as a word, and nothing else.
func TestSpellings(t *testing.T) {
	for _, tt := range []struct {
		got, want []string
	}{
		{LevelSpellings("warn"), []string{"40", "warn", "warning"}}, {LevelSpellings("warning"), nil}, {LevelSpellings("notice"), []string{"notice"}},
		{ProtocolSpellings("http"), []string{"http", "https"}}, {ProtocolSpellings("websocket"), []string{"websocket", "ws", "wss"}},
		{ProtocolSpellings("https"), nil}, {ProtocolSpellings("db"), []string{"db"}},
	} {
		if !slices.Equal(tt.got, tt.want) {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	for raw := range levels {
		if !slices.Contains(LevelSpellings(Level(raw)), raw) {
			t.Errorf("level %q is not among the spellings of %q", raw, Level(raw))
		}
	}
}
