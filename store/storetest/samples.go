package storetest

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"jikimi/samples"
	"jikimi/telemetry"
)

// logged is what this suite reads of a recorded line.
type logged struct {
	Timestamp    time.Time `json:"timestamp"`
	Protocol     string    `json:"protocol"`
	Event        string    `json:"event"`
	StatusCode   *int      `json:"statusCode"`
	IntervalTime *float64  `json:"IntervalTime"`
	ServerMode   string    `json:"serverMode"`
	Hostname     string    `json:"hostname"`
	Host         any       `json:"host"`
}

// host is the machine as telemetry reads it: the server's own name first.
func (l logged) host() string {
	if l.Hostname != "" {
		return l.Hostname
	}
	if m, ok := l.Host.(map[string]any); ok {
		name, _ := m["name"].(string)
		return name
	}
	return ""
}

// recorded reads a sample file: its lines as documents, and its responses by
// the server's mode, dev or prod.
func recorded(t *testing.T, name string) ([]Document, map[string][]event, []logged) {
	t.Helper()
	lines, err := samples.Lines(name)
	if err != nil {
		t.Fatal(err)
	}
	docs := make([]Document, len(lines))
	all := make([]logged, len(lines))
	responses := map[string][]event{}
	for i, line := range lines {
		if err := json.Unmarshal(line, &all[i]); err != nil {
			t.Fatalf("%s, line %d: %v", name, i+1, err)
		}
		mode := modeOf(&all[i])
		docs[i] = Document{Index: "logstash-" + mode + "-was-2026.11.22", Source: line}
		if l := all[i]; l.Protocol == "HTTP" && l.Event == "response" {
			responses[mode] = append(responses[mode], event{at: l.Timestamp, ms: *l.IntervalTime, failed: *l.StatusCode >= 500})
		}
	}
	return docs, responses, all
}

// modeOf tells the servers apart; lines of a crash name no mode, and only the
// dev server crashed.
func modeOf(l *logged) string {
	if l.ServerMode == "prod" {
		return "prod"
	}
	return "dev"
}

// samples: the recorded files come to the figures that README.md states.
func (s suite) samples(t *testing.T) {
	dev, devResponses, devLines := recorded(t, samples.WinstonDev)
	prod, prodResponses, prodLines := recorded(t, samples.WinstonProd)
	for i := range prod {
		prod[i].Index = "logstash-prod-was-2026.11.22"
	}
	responses := map[string][]event{"dev": devResponses["dev"], "prod": slices.Concat(prodResponses["dev"], prodResponses["prod"])}
	checkStated(t, responses)
	t.Run("as the servers wrote them", func(t *testing.T) {
		store := s.opened(t, retention, slices.Concat(dev, prod)...)
		s.checkRecorded(t, store, responses)
		checkRecordedSources(t, store, append(devLines, prodLines...), len(dev))
	})
	t.Run("as Logstash indexes them", func(t *testing.T) {
		docs, responses, _ := recorded(t, samples.Logstash)
		checkStated(t, responses)
		s.checkRecorded(t, s.opened(t, retention, docs...), responses)
	})
}

// checkStated compares the counting with the figures stated beside the samples.
func checkStated(t *testing.T, responses map[string][]event) {
	t.Helper()
	dev, _ := figures(responses["dev"])
	if dev.Count != 5660 || math.Abs(dev.P95-65) > .5 || math.Abs(dev.P99-331) > .5 {
		t.Errorf("dev: counted %d responses, p95 %v, p99 %v, stated are 5660, 65 and 331", dev.Count, dev.P95, dev.P99)
	}
	if n := len(responses["prod"]); n != 4463 {
		t.Errorf("prod: counted %d responses, stated are 4463", n)
	}
}

func (s suite) checkRecorded(t *testing.T, store telemetry.Store, responses map[string][]event) {
	t.Helper()
	for env, events := range responses {
		q := query(lately(6 * time.Hour))
		q.Scope.Env = []string{env}
		l := ask(t, store, q)
		s.checkFigures(t, env, l.Total, events)
		s.checkBuckets(t, l.Buckets, events, epochStart(5*time.Minute))
	}
}

// checkRecordedSources counts the documents by env and host.
func checkRecordedSources(t *testing.T, store telemetry.Store, lines []logged, devLines int) {
	t.Helper()
	want := map[telemetry.Source]int64{}
	for i, l := range lines {
		env := "dev"
		if i >= devLines {
			env = "prod"
		}
		if !l.Timestamp.IsZero() {
			want[telemetry.Source{Env: env, Source: "was", Host: l.host()}]++
		}
	}
	a, err := store.Sources(t.Context(), telemetry.SourcesQuery{Range: lately(100 * time.Minute), Allow: telemetry.AllowAll()})
	if err != nil {
		t.Fatalf("Sources: %v", err)
	}
	for _, o := range a.List {
		n := o.Documents
		o.Documents = 0
		if n != want[o] {
			t.Errorf("%+v: got %d documents, want %d", o, n, want[o])
		}
		delete(want, o)
	}
	if len(want) > 0 {
		t.Errorf("got no documents of %v", want)
	}
}
