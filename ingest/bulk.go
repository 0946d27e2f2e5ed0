package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

// bulk answers POST /_bulk and POST /INDEX/_bulk.
func (e *Endpoint) bulk(w http.ResponseWriter, r *http.Request) error {
	leave, err := e.takePlace(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	text, err := e.openBody(w, r, e.config.Limits.Body)
	if err != nil {
		return err
	}
	start := time.Now()
	b := &bulk{endpoint: e, lines: newLines(text), actions: actions{fallback: param(r, "name"), now: e.config.Now()}, batch: e.takeBatch()}
	defer e.giveBack(b.batch)
	if err := b.run(r.Context()); err != nil {
		return err
	}
	for _, i := range b.items {
		e.counts.document(i.Status)
	}
	reply(w, r, http.StatusOK, b.answer(time.Since(start), newFilter(r.URL.Query()["filter_path"])))
	return nil
}

// param is a part of the path, unescaped once: the router matches the path as
// it was sent where that says more than the path unescaped.
func param(r *http.Request, name string) string {
	text := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return text
	}
	return unescape(text)
}

// bulk is a bulk request under way: a part of its documents is held until it
// is large enough to be written.
type bulk struct {
	endpoint *Endpoint
	lines    *lines
	actions  actions
	items    items
	batch    *batch
	written  bool // a part is stored: the whole cannot be refused any more without storing it twice
}

// run reads the body to its end. An error refuses the whole request; parts of
// it that were large enough are stored then, but not acknowledged.
func (b *bulk) run(ctx context.Context) error {
	for {
		err := b.take()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if b.batch.isFull() {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
	}
	if len(b.items) == 0 {
		return newFault(http.StatusBadRequest, parseException, "request body is required")
	}
	return b.flush(ctx)
}

// take reads an action and its document. io.EOF says that there is no other.
func (b *bulk) take() error {
	line, err := b.nextAction()
	if err != nil {
		return err
	}
	a, err := b.actions.parse(line, b.lines.number)
	if err != nil {
		return err
	}
	if most := b.endpoint.config.Limits.Documents; len(b.items) == most {
		return tooLong("the body has more than %d documents: send smaller ones", most)
	}
	b.items = append(b.items, item{op: a.op, Index: a.index, ID: a.id})
	if !a.hasDocument() {
		b.refuse(a.fault)
		return nil
	}
	return b.takeDocument(a)
}

// nextAction skips empty lines, as Elasticsearch does.
func (b *bulk) nextAction() ([]byte, error) {
	for {
		line, err := b.lines.next(maxActionBytes)
		switch most := 4 * b.endpoint.config.Limits.Documents; {
		case errors.Is(err, errLongLine):
			return nil, malformed("Malformed action/metadata line [%d]: it has more than %d bytes", b.lines.number, maxActionBytes)
		case err != nil:
			return nil, err
		case len(bytes.TrimSpace(line)) > 0:
			return line, nil
		case b.lines.number > most:
			return nil, tooLong("the body has more than %d lines: send smaller ones", most)
		}
	}
}

func (b *bulk) takeDocument(a action) error {
	line, err := b.lines.next(MaxDocumentBytes)
	long := errors.Is(err, errLongLine)
	if long {
		err = b.lines.skip()
	}
	switch {
	case errors.Is(err, io.EOF):
		return malformed("The bulk request ends with the action in line %d: a document must follow", b.lines.number)
	case err != nil:
		return err
	case a.fault != nil:
		b.refuse(a.fault)
	case long || len(line) > MaxDocumentBytes:
		b.refuse(malformed("the document has more than %d bytes", MaxDocumentBytes))
	default:
		b.batch.add(a, line, len(b.items)-1)
	}
	return nil
}

// refuse refuses the document that was read last.
func (b *bulk) refuse(f *fault) { b.items[len(b.items)-1].refuse(f) }

// flush writes what is held. When the writer takes none of it and nothing was
// written before, the whole request is refused, so that the sender keeps it
// whole; otherwise the documents are, so that it sends only these again.
func (b *bulk) flush(ctx context.Context) error {
	if len(b.batch.held) == 0 {
		return nil
	}
	defer b.batch.reset()
	patience := time.Duration(0)
	if b.written {
		patience = b.endpoint.config.Limits.Patience
	}
	results, err := b.endpoint.write(ctx, b.batch.documents(), patience)
	if err != nil && (!b.written || ctx.Err() != nil) {
		return err
	}
	if err != nil && ours(err) {
		b.endpoint.config.Logger.Error("ingest: a part of a request failed", "documents", len(b.batch.held), "error", err)
	}
	b.written = true
	b.endpoint.settle(b.items, b.batch.held, results, err)
	return nil
}
