package ingest

import (
	"io"
	"net/http"
	"sync/atomic"

	"github.com/go-chi/chi/v5/middleware"
)

// Stats is what an endpoint says about itself since it was made.
type Stats struct {
	// Requests that were answered, and Bytes of their bodies as they came.
	Requests, Bytes ByOutcome
	// Documents that were answered one by one; those of a request that was
	// refused as a whole are not among them.
	Documents ByOutcome
}

// ByOutcome counts by what a sender was told.
type ByOutcome struct {
	Accepted int64 // done
	Refused  int64 // the sender is at fault and need not try again
	Full     int64 // to be sent again: too much at once
	Failed   int64 // to be sent again: our trouble
}

// Stats counts up to now.
func (e *Endpoint) Stats() Stats {
	return Stats{Requests: e.counts.requests.read(), Bytes: e.counts.bytes.read(), Documents: e.counts.documents.read()}
}

type counts struct {
	requests, bytes, documents outcomes
}

func (c *counts) document(status int) { c.documents.add(status, 1) }

// outcomes counts safely from many goroutines.
type outcomes struct {
	accepted, refused, full, failed atomic.Int64
}

func (o *outcomes) add(status int, n int64) {
	switch {
	case status >= http.StatusInternalServerError:
		o.failed.Add(n)
	case status == http.StatusTooManyRequests:
		o.full.Add(n)
	case status >= http.StatusBadRequest:
		o.refused.Add(n)
	default:
		o.accepted.Add(n)
	}
}

func (o *outcomes) read() ByOutcome {
	return ByOutcome{o.accepted.Load(), o.refused.Load(), o.full.Load(), o.failed.Load()}
}

// count counts requests and the bytes of their bodies.
func (e *Endpoint) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		body := &countedBody{ReadCloser: r.Body}
		r.Body = body
		next.ServeHTTP(answer, r)
		status := answer.Status()
		if status == http.StatusNotFound && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			status = http.StatusOK // a shipper asked whether something is there, and was told
		}
		e.counts.requests.add(status, 1)
		e.counts.bytes.add(status, body.read)
	})
}

type countedBody struct {
	io.ReadCloser
	read int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}
