package ingest

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// handler answers a call, or returns the *fault it is refused with, or the
// writer's error.
type handler func(http.ResponseWriter, *http.Request) error

// answering answers a handler's errors, in one place.
func (e *Endpoint) answering(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			e.refuse(w, r, err)
		}
	}
}

// refuse answers with a fault. What is ours is logged: the sender learns that
// something failed, the log what.
func (e *Endpoint) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if ours(err) {
		e.config.Logger.Error("ingest: a request failed", "path", r.URL.Path, "error", err)
	}
	f := ofRequest(err)
	switch f.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		w.Header().Set("Connection", "close") // the rest of the body is not wanted
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="jikimi", charset="UTF-8"`)
	}
	if m, ok := errors.AsType[*methodFault](err); ok {
		w.Header().Set("Allow", strings.Join(m.allowed, ", "))
	}
	cause := object{"type": f.kind, "reason": f.reason}
	reply(w, r, f.status, object{
		"error":  object{"root_cause": []object{cause}, "type": f.kind, "reason": f.reason},
		"status": f.status,
	})
}

// reply sends a JSON answer. One that cannot be sent has nobody waiting for it.
func reply(w http.ResponseWriter, r *http.Request, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil { // answers are maps and texts of ours
		panic(err)
	}
	w.Header().Set("Content-Type", contentType(r.Header.Get("Accept")))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// contentType answers in kind: clients of a version ask for theirs.
func contentType(accept string) string {
	versioned := regexp.MustCompile(`application/vnd\.elasticsearch\+json; ?compatible-with=([0-9]{1,2})\b`)
	if m := versioned.FindStringSubmatch(accept); m != nil {
		return "application/vnd.elasticsearch+json;compatible-with=" + m[1]
	}
	return "application/json; charset=UTF-8"
}
