package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"jikimi/i18n"
	"jikimi/telemetry"
	"jikimi/views"
)

// fail answers an error: the one place where errors end. What the viewer can
// mend is shown with the way to mend it; what is our fault goes to the log
// under the request's number, and never onto the page.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var bad *telemetry.InvalidError
	switch {
	case errors.As(err, &bad):
		s.showError(w, r, http.StatusBadRequest, invalidText(r.Context(), bad))
	case errors.Is(err, telemetry.ErrInvalid):
		s.showError(w, r, http.StatusBadRequest, "")
	case errors.Is(err, telemetry.ErrNotFound):
		s.showError(w, r, http.StatusNotFound, "")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		// The viewer left: nobody reads an answer.
	case errors.Is(err, telemetry.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		s.Logger.Error("data unavailable", "request", requestID(r.Context()), "path", r.URL.Path, "err", err)
		s.showError(w, r, http.StatusServiceUnavailable, "")
	default:
		s.Logger.Error("request failed", "request", requestID(r.Context()), "path", r.URL.Path, "err", err)
		s.showError(w, r, http.StatusInternalServerError, "")
	}
}

func invalidText(ctx context.Context, bad *telemetry.InvalidError) string {
	return i18n.T(ctx, "invalid."+bad.Code, "param", bad.Param, "value", views.Clean(bad.Value))
}

// showError draws an error page, or an error panel for an htmx request.
func (s *server) showError(w http.ResponseWriter, r *http.Request, status int, detail string) {
	p := views.ErrorPage{Page: s.page(r, "error.title."+strconv.Itoa(status)), Status: status, Detail: detail, Default: "/latency"}
	if status >= http.StatusInternalServerError && r.Method == http.MethodGet {
		p.Retry = r.URL.RequestURI()
	}
	if status == http.StatusServiceUnavailable {
		p.Shorter = shorter(r.URL)
	}
	if wantsPanel(r) {
		s.render(w, r, status, views.ErrorPanel(p))
		return
	}
	s.render(w, r, status, views.Error(p))
}

// shorter is the same address for the last hour.
func shorter(u *url.URL) string {
	v := u.Query()
	v.Del("from")
	v.Del("to")
	v.Set("range", "1h")
	return u.EscapedPath() + "?" + v.Encode()
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	s.showError(w, r, http.StatusNotFound, "")
}

func (s *server) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	s.showError(w, r, http.StatusMethodNotAllowed, "")
}
