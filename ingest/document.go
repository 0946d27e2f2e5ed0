package ingest

import (
	"bytes"
	"io"
	"net/http"
)

// document answers POST /INDEX/_doc and the forms with an id.
func (e *Endpoint) document(w http.ResponseWriter, r *http.Request) error {
	leave, err := e.takePlace(r.Context())
	if err != nil {
		return err
	}
	defer leave()
	d, err := e.readDocument(w, r)
	if err != nil {
		return err
	}
	results, err := e.write(r.Context(), []Document{d}, 0)
	if err != nil {
		return err
	}
	if err := results[0].Err; err != nil {
		e.counts.document(ofWriter(err).status)
		return err
	}
	e.counts.document(http.StatusCreated)
	reply(w, r, http.StatusCreated, object{"_index": d.Index, "_id": results[0].ID, "_version": 1, "result": "created"})
	return nil
}

func (e *Endpoint) readDocument(w http.ResponseWriter, r *http.Request) (Document, error) {
	a := action{op: "index", id: param(r, "id")}
	var err error
	if a.index, err = resolveIndex(param(r, "name"), e.config.Now()); err != nil {
		return Document{}, err
	}
	if f := a.check(); f != nil {
		return Document{}, f
	}
	text, err := e.readWhole(w, r, MaxDocumentBytes)
	return Document{Index: a.index, ID: a.id, Source: text}, err
}

// readWhole reads a small body.
func (e *Endpoint) readWhole(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	text, err := e.openBody(w, r, most)
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(text)
	if err == nil && len(bytes.TrimSpace(all)) == 0 {
		err = newFault(http.StatusBadRequest, parseException, "request body is required")
	}
	return all, err
}
