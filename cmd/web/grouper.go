package main

import (
	"time"

	"github.com/valyala/fastjson"
)

// grouper puts log documents, oldest first, into groups: a request with its
// answer and the queries between, a WebSocket connection, what happened to a
// server or its broker connection. Any other document is a group by itself.
type grouper struct {
	groups []*group
	open   map[string]*group // groups that may get more, by what they share
}

// linkGap is the longest pause within one story of a connection or a server:
// an outage with its retries, a crash and the restart.
const linkGap = 5 * time.Second

// grouped are the groups of log documents.
func grouped(docs []*recorded) ([]*group, error) {
	g := grouper{open: map[string]*group{}}
	var p fastjson.Parser
	for _, d := range docs {
		v, err := p.ParseBytes(d.text)
		if err != nil {
			return nil, err
		}
		g.add(v, d)
	}
	return g.groups, nil
}

func (g *grouper) add(v *fastjson.Value, d *recorded) {
	mode := text(v, "serverMode")
	if mode == "" { // an uncaught exception, which only the dev server had
		mode = "dev"
	}
	d.index, d.daily = "logstash-"+mode+"-was-", true
	into := g.find(mode, v, d)
	into.docs = append(into.docs, d)
	into.trouble = into.trouble || isTrouble(v)
}

// find is the group a document belongs to.
func (g *grouper) find(mode string, v *fastjson.Value, d *recorded) *group {
	event, session := text(v, "event"), mode+" "+text(v, "sessionId")
	switch text(v, "protocol") {
	case "HTTP":
		return g.exchange(session, v, event == "request")
	case "DB": // while a request of the session is being answered
		if open := g.open[session]; open != nil {
			return open
		}
		return g.begin("")
	case "WebSocket": // from one open to the next
		key := session + " websocket"
		if g.open[key] == nil || event == "open" {
			return g.begin(key)
		}
		return g.open[key]
	}
	if isLink(v, event) {
		return g.story(mode, d)
	}
	return g.begin("")
}

// exchange is the group of an HTTP request, which its answer ends.
func (g *grouper) exchange(session string, v *fastjson.Value, request bool) *group {
	key := session + " " + text(v, "method") + " " + text(v, "url") + " " + text(v, "ip")
	if request || g.open[key] == nil {
		g.open[session] = g.begin(key)
		return g.open[session]
	}
	group := g.open[key]
	delete(g.open, key)
	if g.open[session] == group {
		delete(g.open, session)
	}
	return group
}

// isLink says whether the document is about a server or its connection to the
// broker coming or going, not about one message.
func isLink(v *fastjson.Value, event string) bool {
	switch event {
	case "message", "message_error", "publish", "resource":
		return false
	}
	return text(v, "protocol") != "" || v.Exists("exception")
}

// story is the group of what happened to a server shortly before, or a new one.
func (g *grouper) story(mode string, d *recorded) *group {
	key := mode + " story"
	if s := g.open[key]; s != nil && d.at.Sub(s.docs[len(s.docs)-1].at) <= linkGap {
		return s
	}
	return g.begin(key)
}

func (g *grouper) begin(key string) *group {
	n := &group{}
	g.groups = append(g.groups, n)
	if key != "" {
		g.open[key] = n
	}
	return n
}

// slow is the duration in milliseconds from which a request or query is
// trouble: about the slowest hundredth of the recording.
const slow = 300

// isTrouble says whether the document reports a slow request or query, an
// answer of 500 or more, or an error of the database.
func isTrouble(v *fastjson.Value) bool {
	switch text(v, "protocol") {
	case "HTTP":
		return v.GetInt("statusCode") >= 500 || v.GetFloat64("IntervalTime") >= slow
	case "DB":
		return true
	}
	return false
}

func text(v *fastjson.Value, key string) string { return string(v.GetStringBytes(key)) }
