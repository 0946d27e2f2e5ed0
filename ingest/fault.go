package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// fault is what a request, or a document of it, is refused with: a status and
// the words that Elasticsearch has for it.
type fault struct {
	status int
	kind   string
	reason string
}

func (f *fault) Error() string { return f.kind + ": " + f.reason }

func newFault(status int, kind, format string, args ...any) *fault {
	return &fault{status, kind, fmt.Sprintf(format, args...)}
}

// The names that several faults share.
const (
	illegalArgument = "illegal_argument_exception"
	parseException  = "parse_exception"
	security        = "security_exception"
	contentTooLong  = "content_too_long_exception"
	rejected        = "es_rejected_execution_exception"
	unavailable     = "unavailable_shards_exception"
)

func malformed(format string, args ...any) *fault {
	return newFault(http.StatusBadRequest, illegalArgument, format, args...)
}

func tooLong(format string, args ...any) *fault {
	return newFault(http.StatusRequestEntityTooLarge, contentTooLong, format, args...)
}

func full() *fault {
	return newFault(http.StatusTooManyRequests, rejected, "too much is waiting to be written: send it again later")
}

func busy() *fault {
	return newFault(http.StatusTooManyRequests, rejected, "too many bodies are being read: send it again later")
}

func broken() *fault {
	return newFault(http.StatusServiceUnavailable, unavailable, "the documents could not be stored; the log of Jikimi says why: send them again later")
}

func gone() *fault {
	return newFault(http.StatusRequestTimeout, "timeout_exception", "the body did not come in time")
}

// ofWriter is the fault that an error of the writer is answered with.
func ofWriter(err error) *fault {
	if f, ok := errors.AsType[*RefusedError](err); ok {
		return newFault(http.StatusBadRequest, f.Type, "%s", f.Reason)
	}
	if errors.Is(err, ErrFull) {
		return full()
	}
	return broken()
}

// ofRequest is the fault that a request ends with. Whatever is no fault yet is
// the writer's trouble or a sender that has left.
func ofRequest(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if errors.Is(err, context.Canceled) {
		return gone()
	}
	return ofWriter(err)
}

// ours says whether an error is neither the sender's fault nor its going away.
func ours(err error) bool {
	_, f := errors.AsType[*fault](err)
	_, refused := errors.AsType[*RefusedError](err)
	return !f && !refused && !errors.Is(err, ErrFull) && !errors.Is(err, context.Canceled)
}

func notFound(_ http.ResponseWriter, r *http.Request) error {
	return newFault(http.StatusNotFound, illegalArgument, "no handler found for uri [%s] and method [%s]: this is Jikimi's way in, not a whole Elasticsearch",
		short(r.URL.EscapedPath()), short(r.Method))
}

// notAllowed names the methods that the path has.
func notAllowed(routes chi.Routes, r *http.Request) error {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut} {
		if routes.Match(chi.NewRouteContext(), m, path) {
			allowed = append(allowed, m)
		}
	}
	return &methodFault{newFault(http.StatusMethodNotAllowed, "method_not_allowed_exception",
		"Incorrect HTTP method for uri [%s] and method [%s], allowed: %v", short(r.URL.EscapedPath()), short(r.Method), allowed), allowed}
}

// methodFault is a fault with what would be right, for the Allow header.
type methodFault struct {
	*fault
	allowed []string
}

func (f *methodFault) Unwrap() error { return f.fault }

// short keeps a hostile name from filling the answer.
func short(s string) string {
	const most = 120
	if len(s) > most {
		s = s[:most] + "…"
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}
