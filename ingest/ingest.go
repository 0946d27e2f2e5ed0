// Package ingest takes documents in. It declares what a store must offer to be
// written to; the ways in (endpoints, importers) use nothing else.
package ingest

import (
	"context"
	"errors"
)

// Caps on one document.
const (
	MaxDocumentBytes = 1 << 20 // of JSON text
	MaxDepth         = 64      // levels of nesting
	MaxFields        = 5000    // leaves
)

// ErrFull says that too much is waiting to be written: try again later.
var ErrFull = errors.New("ingest: too much is waiting to be written")

// Document is one document on its way in.
type Document struct {
	// Index is the index it was sent to: it says env and source.
	Index string
	// ID is the client's, or empty.
	ID string
	// Source is its JSON text. The writer does not keep the slice.
	Source []byte
}

// Result says what became of one document.
type Result struct {
	// ID is the document's id: the client's or one that was made.
	ID string
	// Err is why it was refused, nil when it is stored. It is a *RefusedError
	// when the document is at fault, else the store's trouble.
	Err error
}

// RefusedError is a document that cannot be stored as it is.
type RefusedError struct {
	// Type is the name Elasticsearch has for it, such as mapper_parsing_exception.
	Type string
	// Reason says what is wrong with it and what would be right.
	Reason string
}

func (e *RefusedError) Error() string { return e.Type + ": " + e.Reason }

// Writer stores documents.
type Writer interface {
	// Write stores the documents and returns one result each, in order, after
	// they are safe on disk. The error is about the whole call: ErrFull, the
	// context's, or the store's; then no document was acknowledged, though
	// some may be stored.
	Write(ctx context.Context, docs []Document) ([]Result, error)
}
