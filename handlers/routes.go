package handlers

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
)

// router is every route of the program, grouped by who may see it. Until there
// is sign-in the program listens on loopback only, and whoever reaches it sees
// everything.
func (s *server) router() (http.Handler, error) {
	compressed, err := gzhttp.NewWrapper(gzhttp.MinSize(1024)) // pages hold no secret that their packed length could tell
	if err != nil {
		return nil, fmt.Errorf("handlers: %w", err)
	}
	r := chi.NewRouter()
	if s.Instrument != nil {
		r.Use(s.Instrument)
	}
	r.Use(middleware.GetHead, identify, s.localise, s.secure, s.recover, s.checkHost, s.sameOrigin)
	r.NotFound(s.notFound)
	r.MethodNotAllowed(s.methodNotAllowed)

	// For machines.
	r.Get("/healthz", healthz)
	r.Get("/readyz", s.readyz)
	r.With(loopbackOnly).Method(http.MethodGet, "/metrics", s.Metrics)
	r.Method(http.MethodGet, "/static/{file}", s.assets)

	// For everyone who reaches the program.
	r.Group(func(r chi.Router) {
		r.Use(func(next http.Handler) http.Handler { return compressed(next) })
		r.Get("/", s.home)
		r.With(foldFilter).Get("/latency", s.show(s.latency))
		r.Get("/latency/evidence", s.show(s.latencyEvidence))
		r.Get("/latency.csv", s.latencyCSV)
		r.Get("/ingest", s.show(s.ingest))
	})
	r.Post("/preferences", s.setPreferences)
	return r, nil
}

// home sends to the start page.
func (s *server) home(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/latency", http.StatusSeeOther)
}
