package main

import (
	"testing"
	"time"
)

func TestStamps(t *testing.T) {
	const move = 26*time.Hour + 3*time.Second
	tests := []struct{ name, text, want string }{
		{"Logstash", `{"@timestamp":"2026-11-22T16:20:42.610Z"}`, `{"@timestamp":"2026-11-23T18:20:45.610Z"}`},
		{"winston", `{"time":"2026-11-30 22:20:42.610","timestamp":"2026-11-30T13:20:42.610Z"}`, `{"time":"2026-12-02 00:20:45.610","timestamp":"2026-12-01T15:20:45.610Z"}`},
		{"winston exception", `{"date":"Sun Nov 22 2026 16:22:24 GMT+0000 (Coordinated Universal Time)"}`, `{"date":"Mon Nov 23 2026 18:22:27 GMT+0000 (Coordinated Universal Time)"}`},
		{"k6", `{"Time":"2026-11-22T16:32:12.846151453Z"}`, `{"Time":"2026-11-23T18:32:15.846151453Z"}`},
		{"k6, short fraction", `{"Time":"2026-12-31T23:59:59.8Z"}`, `{"Time":"2027-01-02T02:00:02.8Z"}`},
		{"device, milliseconds", `{"sensor":{"ts":1795364443496,"x":1}}`, `{"sensor":{"ts":1795458046496,"x":1}}`},
		{"device, seconds", `{"sensor":{"ts":1795364443}}`, `{"sensor":{"ts":1795458046}}`},
		{"device, dates", `{"ts":"2026-11-23 01:20:48","sensor":{"ts":"2026-11-22T16:20:47.995Z"}}`, `{"ts":"2026-11-24 03:20:51","sensor":{"ts":"2026-11-23T18:20:50.995Z"}}`},
		{"other numbers and texts", `{"ts":17953644,"at":"noon","time":null,"log":{"offset":1795364443496},"message":"at 2026-11-22T16:20:42"}`,
			`{"ts":17953644,"at":"noon","time":null,"log":{"offset":1795364443496},"message":"at 2026-11-22T16:20:42"}`},
		{"keys in a text", `{"message":"{\"time\":\"2026-11-22 16:20:42\"}"}`, `{"message":"{\"time\":\"2026-11-22 16:20:42\"}"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := []byte(tt.text)
			for _, s := range findStamps(got) {
				s.write(got, move)
			}
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
