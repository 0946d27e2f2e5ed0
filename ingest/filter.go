package ingest

import "strings"

// filter is a filter_path: the fields of an answer that are wanted, such as
// errors,items.*.status. The empty one wants all.
type filter [][]string

func newFilter(values []string) filter {
	var f filter
	for _, path := range strings.Split(strings.Join(values, ","), ",") {
		if path = strings.TrimSpace(path); path != "" && len(f) < 20 {
			f = append(f, strings.Split(path, "."))
		}
	}
	return f
}

// wants says whether a field is wanted, or a part of it: it is then given whole.
func (f filter) wants(field ...string) bool {
	for _, path := range f {
		if leadsTo(path, field) {
			return true
		}
	}
	return len(f) == 0
}

func leadsTo(path, field []string) bool {
	for i, part := range field {
		if i == len(path) || path[i] == "**" {
			return true
		}
		if path[i] != "*" && path[i] != part {
			return false
		}
	}
	return true
}

// item keeps what is wanted of an item.
func (f filter) item(i item) item {
	if len(f) == 0 {
		return i
	}
	kept := item{op: i.op}
	if f.wants("items", i.op, "_index") {
		kept.Index = i.Index
	}
	if f.wants("items", i.op, "_id") {
		kept.ID = i.ID
	}
	if f.wants("items", i.op, "status") {
		kept.Status = i.Status
	}
	if f.wants("items", i.op, "result") {
		kept.Result = i.Result
	}
	if f.wants("items", i.op, "error") {
		kept.Error = i.Error
	}
	return kept
}
