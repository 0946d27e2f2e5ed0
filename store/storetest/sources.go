package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"jikimi/telemetry"
)

// sources: who wrote how much in the range, most first, and when the newest
// request of any time ended.
func (s suite) sources(t *testing.T) {
	old := now.Add(-9 * day)
	docs := scoped()
	docs = append(docs,
		in("logstash-dev-was-2026.11.22", request(now.Add(-2*time.Minute), 1, fields{"hostname": "a", "event": "request"})),
		in("logstash-dev-was-2026.11.22", request(now.Add(-2*time.Minute), 1, fields{"hostname": "a"})),
		in("logstash-old-was-2026.11.13", request(old, 1, nil)),
		raw("logstash-prod-was-2026.11.22", `{"timestamp":%q,"message":"no request","hostname":"a"}`, now.Add(-time.Second).Format(time.RFC3339)))
	store := s.opened(t, retention, docs...)
	t.Run("all", func(t *testing.T) {
		a := askSources(t, store, telemetry.AllowAll())
		want := []telemetry.Source{
			{Env: "dev", Source: "was", Host: "a", Documents: 3}, {Env: "prod", Source: "was", Host: "a", Documents: 2},
			{Env: "", Source: "logs", Documents: 1}, {Env: "dev", Source: "was-api", Host: "b", Documents: 1},
			{Env: "dev", Source: "wasx", Host: "A", Documents: 1},
		}
		if !slices.Equal(a.List, want) {
			t.Errorf("got %+v, want %+v", a.List, want)
		}
		if want := now.Add(-time.Minute); !a.LastRequest.Equal(want) || a.LastRequest.Location() != time.UTC {
			t.Errorf("last request: got %v, want %v", a.LastRequest, want)
		}
	})
	t.Run("some", func(t *testing.T) {
		a := askSources(t, store, telemetry.Allow{Patterns: []string{"old/*"}})
		if len(a.List) != 0 || !a.LastRequest.Equal(old) {
			t.Errorf("got %+v and last request %v, want none in the range and %v", a.List, a.LastRequest, old)
		}
	})
	t.Run("none", func(t *testing.T) {
		a := askSources(t, store, telemetry.Allow{})
		if len(a.List) != 0 || !a.LastRequest.IsZero() {
			t.Errorf("got %+v and last request %v, want nothing", a.List, a.LastRequest)
		}
	})
}

func askSources(t *testing.T, store telemetry.Store, allow telemetry.Allow) telemetry.Sources {
	t.Helper()
	a, err := store.Sources(t.Context(), telemetry.SourcesQuery{Range: lately(time.Hour), Allow: allow})
	if err != nil {
		t.Fatalf("Sources: %v", err)
	}
	return a
}

// fields: paths with the types of their values, and the roles read from them.
func (s suite) fields(t *testing.T) {
	at := now.Add(-time.Minute).Format(time.RFC3339)
	store := s.opened(t, retention,
		raw("logstash-dev-was-2026.11.22", `{"timestamp":%q,"IntervalTime":1,"user":null,"query":{"a":1},"tags":["x"],"body":{}}`, at),
		raw("logstash-dev-was-2026.11.22", `{"timestamp":%q,"IntervalTime":"2","user":"kim","query":"SELECT","ok":true}`, at),
		raw("logstash-prod-was-2026.11.22", `{"timestamp":%q,"user":{"id":"lee"},"secret":1}`, at))
	dev := map[string][]string{
		"timestamp": {"string"}, "IntervalTime": {"number", "string"}, "user": {"null", "string"}, "query": {"string"},
		"query.a": {"number"}, "tags": {"array"}, "body": {"object"}, "ok": {"boolean"},
	}
	t.Run("allowed", func(t *testing.T) {
		checkFields(t, askFields(t, store, telemetry.Allow{Patterns: []string{"dev/was"}}), dev)
	})
	t.Run("all", func(t *testing.T) {
		dev["user.id"], dev["secret"] = []string{"string"}, []string{"number"}
		checkFields(t, askFields(t, store, telemetry.AllowAll()), dev)
	})
	t.Run("none", func(t *testing.T) {
		checkFields(t, askFields(t, store, telemetry.Allow{}), map[string][]string{})
	})
	t.Run("roles and conflicts", func(t *testing.T) {
		for _, f := range askFields(t, store, telemetry.AllowAll()) {
			if f.Path == "IntervalTime" && (!slices.Contains(f.Roles, telemetry.RoleDuration) || !f.Conflict()) {
				t.Errorf("got %+v, want the duration with a conflict", f)
			}
			if f.Path == "user" && (!slices.Contains(f.Roles, telemetry.RoleUser) || f.Conflict()) {
				t.Errorf("got %+v, want the user without a conflict", f)
			}
			if f.Path == "ok" && len(f.Roles) != 0 {
				t.Errorf("got %+v, want no role", f)
			}
		}
	})
}

func askFields(t *testing.T, store telemetry.Store, allow telemetry.Allow) []telemetry.Field {
	t.Helper()
	a, err := store.Fields(t.Context(), telemetry.FieldsQuery{Range: lately(time.Hour), Allow: allow})
	if err != nil {
		t.Fatalf("Fields: %v", err)
	}
	return a.List
}

func checkFields(t *testing.T, list []telemetry.Field, want map[string][]string) {
	t.Helper()
	if !slices.IsSortedFunc(list, func(a, b telemetry.Field) int { return strings.Compare(a.Path, b.Path) }) {
		t.Errorf("got %+v, want them by path", list)
	}
	got := map[string]bool{}
	for _, f := range list {
		got[f.Path] = true
		types := slices.Sorted(slices.Values(f.Types))
		if !slices.Equal(types, want[f.Path]) {
			t.Errorf("%s: got types %v, want %v", f.Path, types, want[f.Path])
		}
	}
	for path := range want {
		if !got[path] {
			t.Errorf("%s: got no such field", path)
		}
	}
}
