package ingest

import (
	"encoding/json"
	"net/http"
	"time"
)

// item is the answer to one document of a bulk request.
type item struct {
	op     string
	Index  string     `json:"_index,omitempty"`
	ID     string     `json:"_id,omitempty"`
	Status int        `json:"status,omitempty"`
	Result string     `json:"result,omitempty"`
	Error  *itemError `json:"error,omitempty"`
}

type itemError struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

func (i *item) store(id string) { i.ID, i.Status, i.Result = id, http.StatusCreated, "created" }

func (i *item) refuse(f *fault) {
	i.Status, i.Error = f.status, &itemError{f.kind, f.reason}
}

// bulkAnswer is the answer to a bulk request. A field is nil where it was not
// asked for.
type bulkAnswer struct {
	Took   *int64 `json:"took,omitempty"`
	Errors *bool  `json:"errors,omitempty"`
	Items  items  `json:"items,omitempty"`
}

// items are each an object whose one key is the operation.
type items []item

// MarshalJSON takes no object for each of what may be very many.
func (list items) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 100*len(list))
	for _, i := range list {
		text, err := json.Marshal(i)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, `,{"`+i.op+`":`...), text...), '}')
	}
	out[0] = '['
	return append(out, ']'), nil
}

// answer is what was asked for of the answer. The items are not good afterwards.
func (b *bulk) answer(took time.Duration, f filter) bulkAnswer {
	failed, ms := false, took.Milliseconds()
	list := b.items[:0]
	for _, i := range b.items {
		failed = failed || i.Error != nil
		if kept := f.item(i); kept != (item{op: i.op}) {
			list = append(list, kept)
		}
	}
	a := bulkAnswer{Items: list}
	if f.wants("took") {
		a.Took = &ms
	}
	if f.wants("errors") {
		a.Errors = &failed
	}
	return a
}
