package importer

import (
	"bytes"

	"github.com/valyala/fastjson"

	"jikimi/ingest"
)

// action is the line before a document in a bulk body.
type action struct {
	verb      string // index, create, update, delete
	index, id string
	line      int64
	mark      string
	text      string
}

// parseAction reads a line whose first key is one of the verbs, with an
// object as its value. What follows that key is ignored, as Elasticsearch does.
func parseAction(l line) *action {
	if !bytes.HasPrefix(bytes.TrimSpace(l.text), []byte("{")) || l.cut() {
		return nil
	}
	v, err := fastjson.ParseBytes(l.text)
	if err != nil {
		return nil
	}
	a := &action{line: l.number, mark: l.mark, text: beginning(l.text)}
	v.GetObject().Visit(func(key []byte, about *fastjson.Value) {
		if a.verb == "" && about.Type() == fastjson.TypeObject {
			a.verb = string(key)
			a.index, a.id = string(about.GetStringBytes("_index")), string(about.GetStringBytes("_id"))
		} else if a.verb == "" {
			a.verb = "no verb"
		}
	})
	switch a.verb {
	case "index", "create", "update", "delete":
		return a
	}
	return nil
}

// refused is the action as a document that is not stored.
func (a action) refused(why string) item {
	return item{line: a.line, mark: a.mark, text: a.text, refused: &ingest.RefusedError{
		Type: "illegal_argument_exception", Reason: "bulk action " + a.verb + ": " + why,
	}}
}
