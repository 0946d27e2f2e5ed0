package handlers

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"jikimi/views"
)

// handler parses, asks and says what to show: the whole page and the panel
// that htmx swaps.
type handler func(r *http.Request) (page, panel templ.Component, err error)

// show answers with the panel for an htmx request and with the page otherwise.
func (s *server) show(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, panel, err := h(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if wantsPanel(r) {
			page = panel
		}
		s.render(w, r, http.StatusOK, page)
	}
}

// wantsPanel is true for htmx requests that swap a part: not for a history
// restore and not for a boosted full page.
func wantsPanel(r *http.Request) bool {
	h := r.Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Request-Type") != "full" && h.Get("HX-History-Restore-Request") != "true"
}

// wantsFrame is true when the panel may come later: not for a panel, and not
// where everything is asked for in one answer.
func wantsFrame(r *http.Request) bool {
	return !wantsPanel(r) && r.URL.Query().Get("all") != "1"
}

// render writes a component whole or not at all.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		s.Logger.Error("render", "request", requestID(r.Context()), "path", r.URL.Path, "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request, HX-Request-Type, HX-History-Restore-Request, Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the viewer may have left: nothing to do about it
}

// page is what every page needs besides its own data.
func (s *server) page(r *http.Request, title string) views.Page {
	p := views.Page{
		Title: title, Path: r.URL.Path, URL: r.URL.RequestURI(), Asset: s.assets.URL, Demo: s.Demo,
		RequestID: requestID(r.Context()), Now: s.Now().In(s.Zone), Whole: r.URL.Query().Get("all") == "1",
	}
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.Theme = c.Value
	}
	return p
}

// start lets questions run ahead of the panel that will ask them: the store
// lets equal questions share one flight. It ends with the panel's deadline.
func (s *server) start(ask func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), pageDeadline)
	go func() {
		defer cancel()
		ask(ctx)
	}()
}

// pageDeadline is how long a page's questions may take.
const pageDeadline = 8 * time.Second
