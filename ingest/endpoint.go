package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

// Authorizer says who may send documents.
type Authorizer interface {
	// Authorize takes the text of a request's Authorization header, empty when
	// it has none, and says whether it opens the door. The error is its own
	// trouble: it could not tell.
	Authorize(ctx context.Context, authorization string) (bool, error)
}

// Config is what an endpoint needs.
type Config struct {
	// Writer stores the documents.
	Writer Writer
	// Authorizer checks each request. Nil lets everybody in: then the endpoint
	// must be reachable from this machine only.
	Authorizer Authorizer
	// Hosts are the names that requests may call the endpoint by, in lower
	// case, without port.
	Hosts []string
	// Now is the clock, nil the system's.
	Now func() time.Time
	// Logger is told what is not a sender's fault; nil says nothing.
	Logger *slog.Logger
	// Limits bound what a request may cost; a zero field means the default.
	Limits Limits
}

// Endpoint takes documents in as Elasticsearch does, for the calls that
// shippers make: Filebeat, Logstash, winston-elasticsearch, the Elasticsearch
// output of k6.
//
//	e, err := ingest.NewEndpoint(ingest.Config{Writer: store, Hosts: []string{"localhost"}})
//	http.Serve(listener, e)
//
// It says 2xx for a document after its writer has it safe. What it cannot take
// is answered in Elasticsearch's words, so that shippers know whether to send
// it again. It reads a bulk body line by line and keeps little of it, but a
// slow sender keeps its place: the server in front must set time-outs.
type Endpoint struct {
	config Config
	serve  http.Handler
	places chan struct{} // one a body that is being read
	spare  sync.Pool     // of batches that are not in use
	known  *known
	counts counts
}

// NewEndpoint checks the configuration.
func NewEndpoint(c Config) (*Endpoint, error) {
	if c.Writer == nil {
		return nil, errors.New("ingest: the endpoint has no writer")
	}
	if len(c.Hosts) == 0 {
		return nil, errors.New("ingest: the endpoint has no host names to answer to")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.withDefaults()
	e := &Endpoint{config: c, places: make(chan struct{}, c.Limits.Bodies), known: newKnown()}
	e.serve = e.routes()
	return e, nil
}

// ServeHTTP implements http.Handler.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.serve.ServeHTTP(w, r) }

// routes are all calls that are answered.
func (e *Endpoint) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(e.count, product, e.guard)
	r.NotFound(e.answering(notFound))
	r.MethodNotAllowed(e.answering(func(_ http.ResponseWriter, q *http.Request) error { return notAllowed(r, q) }))
	on := func(methods []string, pattern string, h handler) {
		for _, m := range methods {
			r.Method(m, pattern, e.answering(h))
		}
	}
	read := []string{http.MethodGet, http.MethodHead}
	write := []string{http.MethodPost, http.MethodPut}
	put := write[1:]

	on(read, "/", e.about)
	on(read, "/_license", e.license)
	on(read, "/_xpack", e.features)
	on(read, "/_cluster/health", e.health)
	on(read, "/_cluster/health/{name}", e.health)

	on(read, "/_cat/templates/{name}", e.listTemplate)
	for _, k := range []kind{policies, templates, indexTemplates, componentTemplates} {
		on(read, "/"+string(k)+"/{name}", e.find(k))
		on(put, "/"+string(k)+"/{name}", e.keep(k))
	}
	on(read, "/_alias/{name}", e.find(aliases))
	on(put, "/_alias/{name}", e.keep(aliases))
	on(read, "/{name}", e.findIndex)
	on(put, "/{name}", e.makeIndex)

	on(write, "/_bulk", e.bulk)
	on(write, "/{name}/_bulk", e.bulk)
	on(write[:1], "/{name}/_doc", e.document)
	on(write, "/{name}/_doc/{id}", e.document)
	on(write, "/{name}/_create/{id}", e.document)
	return r
}
