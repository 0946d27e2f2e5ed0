package telemetry

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseLatencyReadsWhatValuesWrite(t *testing.T) {
	now := at(t, "2026-11-24T06:07:38Z")
	for _, query := range []string{
		"", "range=7d&compare=week", "env=prod&env=dev&source=was&host=a&host=b&compare=none",
		"filter=method:GET&filter=method:POST&filter=-route:/healthz&filter=status:5xx",
		"from=now/d&to=now/d&tz=Europe/Berlin", "filter=user:a%3Ab&env=%F0%9F%8C%B1",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseLatency(v, now, time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		again, err := ParseLatency(q.Values(), now, time.UTC)
		if err != nil || !reflect.DeepEqual(again, q) {
			t.Errorf("%s: Parse(Values()) = %+v, %v, want %+v", query, again, err, q)
		}
	}
}

func TestParseLatencyRefuses(t *testing.T) {
	many := url.Values{}
	for i := range 21 {
		many.Add("host", strings.Repeat("h", i+1))
	}
	tests := []struct {
		name string
		v    url.Values
		code string
	}{
		{"unknown comparison", url.Values{"compare": {"year"}}, "compare"},
		{"long value", url.Values{"env": {strings.Repeat("x", 10<<10)}}, "long"},
		{"many values", many, "many"},
		{"foreign field", url.Values{"filter": {"password:x"}}, "filter"},
		{"filter without a value", url.Values{"filter": {"method:"}}, "filter"},
		{"filter without a role", url.Values{"filter": {"GET"}}, "filter"},
		{"odd status", url.Values{"filter": {"status:5x"}}, "filter-status"},
		{"NUL", url.Values{"host": {"a\x00b"}}, "text"},
		{"invalid UTF-8", url.Values{"host": {"a\xffb"}}, "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseLatency(tt.v, at(t, "2026-11-24T06:07:38Z"), time.UTC)
			var bad *InvalidError
			if !errors.As(err, &bad) || bad.Code != tt.code {
				t.Fatalf("error %v, want code %s", err, tt.code)
			}
			if len(bad.Value) > 80 {
				t.Errorf("the error repeats %d bytes of the value", len(bad.Value))
			}
		})
	}
}

func TestAllow(t *testing.T) {
	tests := []struct {
		patterns    []string
		env, source string
		want        bool
	}{
		{nil, "prod", "was", false},
		{[]string{"*/*"}, "", "k6", true},
		{[]string{"dev/was"}, "dev", "was", true},
		{[]string{"dev/was"}, "dev", "was-api", false},
		{[]string{"dev/*"}, "dev", "was-api", true},
		{[]string{"dev/*"}, "prod", "was", false},
		{[]string{"*/was"}, "prod", "was", true},
		{[]string{"dev/wa*"}, "dev", "was", false},
		{[]string{"/k6"}, "", "k6", true},
		{[]string{"broken"}, "broken", "", false},
	}
	for _, tt := range tests {
		if got := (Allow{tt.patterns}).Match(tt.env, tt.source); got != tt.want {
			t.Errorf("%q on %s/%s: %v, want %v", tt.patterns, tt.env, tt.source, got, tt.want)
		}
	}
}

func TestParseIndex(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		want IndexName
	}{
		{"logstash-dev-was-2026.11.22", IndexName{"dev", "was", day}},
		{"logstash-dev-was-api-2026.11.22", IndexName{"dev", "was-api", day}},
		{"logstash-prod-thing-2026-11-22", IndexName{"prod", "thing", day}},
		{"logstash-2026.11.22", IndexName{"", "logstash", day}},
		{"logstash-dev-2026.11.22", IndexName{"", "logstash-dev", day}},
		{"logs-2026.11.22", IndexName{"", "logs", day}},
		{"filebeat-7.17.29-2026.11.22-000001", IndexName{"", "filebeat-7.17.29-2026.11.22", time.Time{}}},
		{"k6-metrics", IndexName{"", "k6-metrics", time.Time{}}},
		{"logstash-dev-was-2026.13.42", IndexName{"dev", "was-2026.13.42", time.Time{}}},
		{"", IndexName{}},
	}
	for _, tt := range tests {
		if got := ParseIndex(tt.name); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
