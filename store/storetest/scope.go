package storetest

import (
	"testing"
	"time"

	"jikimi/telemetry"
)

// scoped are five documents whose durations tell them apart when they are summed up.
func scoped() []Document {
	at := now.Add(-time.Minute)
	return []Document{
		in("logstash-dev-was-2026.11.22", request(at, 1, fields{"hostname": "a"})),
		in("logstash-dev-was-api-2026.11.22", request(at, 2, fields{"hostname": "b"})),
		in("logstash-prod-was-2026.11.22", request(at, 4, fields{"hostname": "a"})),
		in("logs-2026.11.22", request(at, 8, fields{"hostname": nil})),
		in("logstash-dev-wasx-2026.11.22", request(at, 16, fields{"hostname": "A"})),
	}
}

// scope: what the viewer asks to see, cut down to what the viewer may see.
func (s suite) scope(t *testing.T) {
	store := s.opened(t, retention, scoped()...)
	allow := func(p ...string) telemetry.Allow { return telemetry.Allow{Patterns: p} }
	all := telemetry.AllowAll()
	for _, c := range []struct {
		name  string
		scope telemetry.Scope
		allow telemetry.Allow
		ms    []float64
	}{
		{"everything", telemetry.Scope{}, all, []float64{1, 2, 4, 8, 16}},
		{"nothing allowed", telemetry.Scope{}, telemetry.Allow{}, nil},
		{"a pattern that is none", telemetry.Scope{}, allow("dev", "", "dev*/was"), nil},
		{"env", telemetry.Scope{Env: []string{"dev"}}, all, []float64{1, 2, 16}},
		{"two envs", telemetry.Scope{Env: []string{"dev", "prod"}}, all, []float64{1, 2, 4, 16}},
		{"source", telemetry.Scope{Source: []string{"was"}}, all, []float64{1, 4}},
		{"source with a dash", telemetry.Scope{Source: []string{"was-api"}}, all, []float64{2}},
		{"no env", telemetry.Scope{Source: []string{"logs"}}, all, []float64{8}},
		{"host", telemetry.Scope{Host: []string{"a"}}, all, []float64{1, 4}},
		{"env, source and host", telemetry.Scope{Env: []string{"dev"}, Source: []string{"was", "was-api"}, Host: []string{"b"}}, all, []float64{2}},
		{"unknown env", telemetry.Scope{Env: []string{"stage"}}, all, nil},
		{"unknown source", telemetry.Scope{Source: []string{"wa"}}, all, nil},
		{"a star is no wildcard", telemetry.Scope{Env: []string{"*"}, Source: []string{"%", "was*"}}, all, nil},
		{"allowed source", telemetry.Scope{}, allow("dev/was"), []float64{1}},
		{"allowed source with a dash", telemetry.Scope{}, allow("dev/was-api"), []float64{2}},
		{"allowed env", telemetry.Scope{}, allow("dev/*"), []float64{1, 2, 16}},
		{"allowed in any env", telemetry.Scope{}, allow("*/was"), []float64{1, 4}},
		{"allowed without an env", telemetry.Scope{}, allow("/logs"), []float64{8}},
		{"two allowed", telemetry.Scope{}, allow("dev/was", "prod/was"), []float64{1, 4}},
		{"asked beyond what is allowed", telemetry.Scope{Env: []string{"prod"}}, allow("dev/*"), nil},
		{"asked within what is allowed", telemetry.Scope{Host: []string{"a"}}, allow("dev/*"), []float64{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query(lately(time.Hour))
			q.Scope, q.Allow = c.scope, c.allow
			s.checkFigures(t, "total", ask(t, store, q).Total, untimed(c.ms))
		})
	}
}

// untimed are events whose time does not matter.
func untimed(ms []float64) []event {
	events := make([]event, len(ms))
	for i, v := range ms {
		events[i].ms = v
	}
	return events
}

// filters: letter case does not matter, values are alternatives, filters of
// different roles all apply, and a document without the role passes a Not.
func (s suite) filters(t *testing.T) {
	at := now.Add(-time.Minute)
	store := s.opened(t, retention,
		in(devWas, request(at, 1, fields{"level": "INFO", "method": "GET", "router": "/api/A", "user": "kim"})),
		in(devWas, request(at, 2, fields{"level": "warn", "method": "post", "router": "/api/b", "statusCode": 404, "user": fields{"id": "Lee"}})),
		in(devWas, request(at, 4, fields{"level": "Error", "method": "POST", "router": "/api/b", "statusCode": 503, "user": nil})),
		in(devWas, request(at, 8, fields{"level": nil, "method": nil, "router": "/api/c", "statusCode": nil})),
		in(devWas, request(at, 16, fields{"router": "/api/d", "statusCode": "500", "user": fields{}})))
	f := func(role telemetry.Role, not bool, values ...string) telemetry.Filter {
		return telemetry.Filter{Role: role, Not: not, Values: values}
	}
	for _, c := range []struct {
		name    string
		filters []telemetry.Filter
		ms      []float64
	}{
		{"none", nil, []float64{1, 2, 4, 8, 16}},
		{"method", []telemetry.Filter{f(telemetry.RoleMethod, false, "post")}, []float64{2, 4}},
		{"not method", []telemetry.Filter{f(telemetry.RoleMethod, true, "POST")}, []float64{1, 8, 16}},
		{"route", []telemetry.Filter{f(telemetry.RoleRoute, false, "/API/a")}, []float64{1}},
		{"routes", []telemetry.Filter{f(telemetry.RoleRoute, false, "/api/a", "/api/c", "/api")}, []float64{1, 8}},
		{"status", []telemetry.Filter{f(telemetry.RoleStatus, false, "404")}, []float64{2}},
		{"status class", []telemetry.Filter{f(telemetry.RoleStatus, false, "5xx")}, []float64{4, 16}},
		{"status class and status", []telemetry.Filter{f(telemetry.RoleStatus, false, "4xx", "503")}, []float64{2, 4}},
		{"not status class", []telemetry.Filter{f(telemetry.RoleStatus, true, "5xx")}, []float64{1, 2, 8}},
		{"level", []telemetry.Filter{f(telemetry.RoleLevel, false, "info", "ERROR")}, []float64{1, 4, 16}},
		{"not level", []telemetry.Filter{f(telemetry.RoleLevel, true, "Info")}, []float64{2, 4, 8}},
		{"user", []telemetry.Filter{f(telemetry.RoleUser, false, "KIM", "lee")}, []float64{1, 2}},
		{"not user", []telemetry.Filter{f(telemetry.RoleUser, true, "kim")}, []float64{2, 4, 8, 16}},
		{"protocol", []telemetry.Filter{f(telemetry.RoleProtocol, false, "http")}, []float64{1, 2, 4, 8, 16}},
		{"two roles", []telemetry.Filter{f(telemetry.RoleMethod, false, "POST"), f(telemetry.RoleStatus, true, "404")}, []float64{4}},
		{"is and is not", []telemetry.Filter{f(telemetry.RoleRoute, false, "/api/b"), f(telemetry.RoleRoute, true, "/api/b")}, nil},
		{"no such value", []telemetry.Filter{f(telemetry.RoleRoute, false, "/api/%")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := query(lately(time.Hour))
			q.Filters = c.filters
			events := untimed(c.ms)
			for i := range events {
				events[i].failed = events[i].ms == 4 || events[i].ms == 16
			}
			s.checkFigures(t, "total", ask(t, store, q).Total, events)
		})
	}
}

// compare: the earlier period, with the times it happened at.
func (s suite) compare(t *testing.T) {
	r := lately(2 * time.Hour)
	this := event{at: r.From.Add(time.Hour), ms: 1}
	before := event{at: r.From.Add(-time.Hour), ms: 2}
	week := event{at: r.From.Add(time.Hour - 7*day), ms: 4, failed: true}
	store := s.opened(t, retention,
		in(devWas, request(this.at, this.ms, nil)), in(devWas, request(before.at, before.ms, nil)),
		in(devWas, request(week.at, week.ms, fields{"statusCode": 500})))
	for _, c := range []struct {
		compare  telemetry.Compare
		compared bool
		earlier  []event
	}{
		{telemetry.CompareNone, false, nil},
		{telemetry.ComparePrevious, true, []event{before}},
		{telemetry.CompareWeek, true, []event{week}},
	} {
		t.Run(string(c.compare), func(t *testing.T) {
			q := query(r)
			q.Compare = c.compare
			l := ask(t, store, q)
			if l.Compared != c.compared {
				t.Errorf("compared: got %v, want %v", l.Compared, c.compared)
			}
			s.checkFigures(t, "total", l.Total, []event{this})
			s.checkFigures(t, "earlier", l.Earlier, c.earlier)
			s.checkBuckets(t, l.EarlierBuckets, c.earlier, epochStart(time.Minute))
		})
	}
}
