package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// logLine is a log document a number of milliseconds after a fixed time.
func logLine(ms int, fields string) *recorded {
	at := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
	text := fmt.Sprintf(`{"@timestamp":%q,%s}`, at.Format("2006-01-02T15:04:05.000Z"), fields)
	return &recorded{text: []byte(text), at: at}
}

func TestGrouped(t *testing.T) {
	const (
		a  = `"serverMode":"dev","sessionId":"a","protocol":"HTTP","method":"GET","url":"/x","ip":"1","event":`
		b  = `"serverMode":"prod","sessionId":"a","protocol":"HTTP","method":"GET","url":"/x","ip":"1","event":`
		ws = `"serverMode":"dev","sessionId":"w","protocol":"WebSocket","event":`
		mq = `"serverMode":"dev","protocol":"MQTT","event":`
		sv = `"serverMode":"dev","protocol":"SERVER","event":`
	)
	tests := []struct {
		name    string
		docs    []*recorded
		want    string // groups as numbers of documents
		trouble []bool
	}{
		{"request and answer", []*recorded{logLine(0, a+`"request"`), logLine(1, b+`"request"`), logLine(5, a+`"response","statusCode":200,"IntervalTime":5`), logLine(6, b+`"aborted","statusCode":499`)},
			"[[0 2] [1 3]]", []bool{false, false}},
		{"one request after another", []*recorded{logLine(0, a+`"request"`), logLine(5, a+`"response"`), logLine(6, a+`"request"`), logLine(7, a+`"response","statusCode":503`)},
			"[[0 1] [2 3]]", []bool{false, true}},
		{"slow", []*recorded{logLine(0, a+`"request"`), logLine(5, a+`"response","IntervalTime":300.5`)}, "[[0 1]]", []bool{true}},
		{"query of a request", []*recorded{logLine(0, a+`"request"`), logLine(1, `"serverMode":"dev","sessionId":"a","protocol":"DB"`), logLine(2, `"serverMode":"dev","sessionId":"b","protocol":"DB"`), logLine(5, a+`"response"`), logLine(6, `"serverMode":"dev","sessionId":"a","protocol":"DB"`)},
			"[[0 1 3] [2] [4]]", []bool{true, true, true}},
		{"WebSocket", []*recorded{logLine(0, ws+`"open"`), logLine(1, ws+`"message","IntervalTime":900`), logLine(9000, ws+`"close"`), logLine(9001, ws+`"open"`)},
			"[[0 1 2] [3]]", []bool{false, false}},
		{"messages of devices", []*recorded{logLine(0, mq+`"message"`), logLine(1, mq+`"publish"`), logLine(2, mq+`"message_error"`), logLine(3, sv+`"resource"`)},
			"[[0] [1] [2] [3]]", []bool{false, false, false, false}},
		{"crash and restart", []*recorded{logLine(0, `"exception":true`), logLine(1, sv+`"exit"`), logLine(2000, mq+`"message"`), logLine(2500, sv+`"start"`), logLine(2600, mq+`"connect"`), logLine(7601, mq+`"offline"`)},
			"[[0 1 3 4] [2] [5]]", []bool{false, false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			groups, err := grouped(tt.docs)
			if err != nil {
				t.Fatal(err)
			}
			got, trouble := [][]int{}, []bool{}
			for _, g := range groups {
				var members []int
				for _, d := range g.docs {
					members = append(members, slices.Index(tt.docs, d))
				}
				got, trouble = append(got, members), append(trouble, g.trouble)
			}
			if fmt.Sprint(got) != tt.want || !slices.Equal(trouble, tt.trouble) {
				t.Errorf("got %v, trouble %v, want %s, %v", got, trouble, tt.want, tt.trouble)
			}
		})
	}
}

func TestGroupedNotJSON(t *testing.T) {
	if _, err := grouped([]*recorded{{text: []byte("{")}}); err == nil {
		t.Error("got nil, want an error")
	}
}

// Of the real recording: nothing is lost, groups are short and in order, and
// all recorded requests have their answer in the same group.
func TestRecording(t *testing.T) {
	r := theRecording(t)
	docs, requests, longest := 0, 0, time.Duration(0)
	for _, g := range r.groups {
		docs += len(g.docs)
		longest = max(longest, g.docs[len(g.docs)-1].at.Sub(g.docs[0].at))
		if !slices.IsSortedFunc(g.docs, func(a, b *recorded) int { return a.at.Compare(b.at) }) {
			t.Errorf("got a group out of order: %s", g.docs[0].text)
		}
		if first := string(g.docs[0].text); strings.Contains(first, `"event":"request"`) {
			requests++
			if last := string(g.docs[len(g.docs)-1].text); !strings.Contains(last, `"event":"response"`) && !strings.Contains(last, `"event":"aborted"`) {
				t.Errorf("got a request without its answer: %s", first)
			}
		}
	}
	if docs != 24637 || r.docs != docs || requests != 10147 {
		t.Errorf("got %d documents (%d), %d requests, want 24637, 10147", docs, r.docs, requests)
	}
	if longest > 2*time.Minute {
		t.Errorf("longest group: got %v, want 2 minutes at most", longest)
	}
	if n := len(r.troubled); n < 50 || n > len(r.groups)/20 {
		t.Errorf("troubled groups: got %d of %d, want some", n, len(r.groups))
	}
	if n := len(r.loadTest.docs); n != 19581 {
		t.Errorf("load test: got %d samples, want 19581", n)
	}
}
