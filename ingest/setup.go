package ingest

import (
	"net/http"
	"strings"

	"github.com/valyala/fastjson"
)

// find answers whether something is there.
func (e *Endpoint) find(k kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		e.tell(w, r, k, param(r, "name"))
		return nil
	}
}

func (e *Endpoint) tell(w http.ResponseWriter, r *http.Request, k kind, name string) {
	if e.known.has(k, name) {
		reply(w, r, http.StatusOK, k.found(short(name)))
		return
	}
	reply(w, r, http.StatusNotFound, k.missing(short(name)))
}

// keep remembers that something was put.
func (e *Endpoint) keep(k kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := e.readObject(w, r); err != nil {
			return err
		}
		e.known.put(k, param(r, "name"))
		reply(w, r, http.StatusOK, object{"acknowledged": true})
		return nil
	}
}

// listTemplate answers in lines of text, as all of /_cat does.
func (e *Endpoint) listTemplate(w http.ResponseWriter, r *http.Request) error {
	name := param(r, "name")
	if !e.known.has(templates, name) {
		reply(w, r, http.StatusNotFound, templates.missing(short(name)))
		return nil
	}
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	_, _ = w.Write([]byte(name + " [] 0\n")) //nolint:gosec // plain text, never sniffed
	return nil
}

// findIndex looks for an index, or for an alias of that name.
func (e *Endpoint) findIndex(w http.ResponseWriter, r *http.Request) error {
	name := param(r, "name")
	if e.known.has(aliases, name) {
		reply(w, r, http.StatusOK, indices.found(short(name)))
		return nil
	}
	e.tell(w, r, indices, name)
	return nil
}

// makeIndex remembers an index and the aliases that it brings.
func (e *Endpoint) makeIndex(w http.ResponseWriter, r *http.Request) error {
	name, err := resolveIndex(param(r, "name"), e.config.Now())
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "_") {
		return newFault(http.StatusBadRequest, "invalid_index_name_exception", "Invalid index name [%s], must not start with '_'", short(name))
	}
	o, err := e.readObject(w, r)
	if err != nil {
		return err
	}
	o.GetObject("aliases").Visit(func(alias []byte, _ *fastjson.Value) { e.known.put(aliases, string(alias)) })
	e.known.put(indices, name)
	reply(w, r, http.StatusOK, object{"acknowledged": true, "shards_acknowledged": true, "index": name})
	return nil
}

// readObject reads a small body that must be a JSON object; none at all is an
// empty one.
func (e *Endpoint) readObject(w http.ResponseWriter, r *http.Request) (*fastjson.Value, error) {
	if r.ContentLength == 0 {
		return fastjson.ParseBytes([]byte("{}"))
	}
	leave, err := e.takePlace(r.Context())
	if err != nil {
		return nil, err
	}
	defer leave()
	text, err := e.readWhole(w, r, maxSetupBytes)
	if err != nil {
		return nil, err
	}
	o, err := fastjson.ParseBytes(text)
	if err != nil || o.Type() != fastjson.TypeObject {
		return nil, newFault(http.StatusBadRequest, parseException, "the body must be a JSON object")
	}
	return o, nil
}
