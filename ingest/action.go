package ingest

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/valyala/fastjson"
)

// action is what a line of a bulk body says to do with the document after it.
type action struct {
	op        string // create, index, update or delete
	index, id string
	fault     *fault // why the document is not taken, whatever it is
}

// hasDocument says whether a line with a document follows.
func (a action) hasDocument() bool { return a.op != "delete" }

// actions reads actions. Shippers send the same one again and again.
type actions struct {
	parser   fastjson.Parser
	fallback string // the index of those that name none
	now      time.Time
	line     []byte // of the last one
	last     action
}

// parse reads the line of an action; the error is a fault of the whole
// request, since nobody knows what the next line is then.
func (p *actions) parse(line []byte, number int) (action, error) {
	if p.last.op != "" && bytes.Equal(line, p.line) {
		return p.last, nil
	}
	v, err := p.parser.ParseBytes(line)
	if err != nil {
		return action{}, malformed("Malformed action/metadata line [%d]: it is not JSON", number)
	}
	o, err := v.Object()
	if err != nil {
		return action{}, malformed("Malformed action/metadata line [%d], expected an object but found [%s]", number, v.Type())
	}
	op, about := first(o)
	switch op {
	case "index", "create", "update", "delete":
	default:
		return action{}, malformed("Malformed action/metadata line [%d], expected field [create], [delete], [index] or [update] but found [%s]", number, short(op))
	}
	if about.Type() != fastjson.TypeObject {
		return action{}, malformed("Malformed action/metadata line [%d], expected an object after [%s] but found [%s]", number, op, about.Type())
	}
	p.line, p.last = append(p.line[:0], line...), p.read(op, about)
	return p.last, nil
}

// first is the first key and its value. What follows is not part of the
// action, as in Elasticsearch: winston-elasticsearch counts attempts there.
func first(o *fastjson.Object) (key string, value *fastjson.Value) {
	o.Visit(func(k []byte, v *fastjson.Value) {
		if value == nil {
			key, value = string(k), v
		}
	})
	return key, value
}

// read takes index and id. Routing and pipeline have no meaning here, whatever
// they are; a null is the same as nothing.
func (p *actions) read(op string, about *fastjson.Value) action {
	a := action{op: op}
	var errs [2]error
	a.index, errs[0] = textOf(about, "_index")
	a.id, errs[1] = textOf(about, "_id")
	err := errors.Join(errs[0], errs[1])
	if a.index == "" {
		a.index = p.fallback
	}
	if err == nil {
		a.index, err = resolveIndex(a.index, p.now)
	}
	a.fault, _ = errors.AsType[*fault](err)
	if a.fault == nil {
		a.fault = a.check()
	}
	return a
}

func textOf(about *fastjson.Value, key string) (string, error) {
	v := about.Get(key)
	switch {
	case v == nil || v.Type() == fastjson.TypeNull:
		return "", nil
	case v.Type() == fastjson.TypeString:
		return string(v.GetStringBytes()), nil
	case v.Type() == fastjson.TypeNumber && key == "_id":
		return v.String(), nil
	}
	return "", malformed("[%s] must be a text but is a [%s]", key, v.Type())
}

func (a action) check() *fault {
	switch {
	case a.op == "update" || a.op == "delete":
		return malformed("[%s] is not supported: documents are kept as they came; use [index] or [create]", a.op)
	case a.index == "":
		return newFault(http.StatusBadRequest, "action_request_validation_exception", "Validation Failed: 1: index is missing;")
	case len(a.id) > maxIDBytes:
		return malformed("id is too long, must be no longer than %d bytes but was: %d", maxIDBytes, len(a.id))
	}
	return nil
}
