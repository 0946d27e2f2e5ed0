package ingest

import (
	"net/http"
	"net/url"
	"sync"
)

// kind is a sort of thing that shippers set up before they send: they look
// whether it is there, put it where it is not, and look again. It has no
// meaning here (fields are read by their roles, days are kept by the
// retention), so that only its name is remembered, until the program ends.
type kind string

// The kinds, by their paths.
const (
	policies           kind = "_ilm/policy"
	templates          kind = "_template"
	indexTemplates     kind = "_index_template"
	componentTemplates kind = "_component_template"
	aliases            kind = "_alias"
	indices            kind = ""
)

// found is the answer for one that is there.
func (k kind) found(name string) any {
	switch k {
	case policies:
		return object{name: object{"version": 1, "policy": object{}}}
	case templates:
		return object{name: object{"order": 0, "index_patterns": []string{}}}
	case indexTemplates:
		return object{"index_templates": []object{{"name": name, "index_template": object{"index_patterns": []string{}}}}}
	case componentTemplates:
		return object{"component_templates": []object{{"name": name, "component_template": object{"template": object{}}}}}
	case aliases:
		return object{name: object{"aliases": object{name: object{}}}}
	}
	return object{name: object{"aliases": object{}, "mappings": object{}, "settings": object{}}}
}

// missing is the answer for one that is not. Elasticsearch has four forms.
func (k kind) missing(name string) any {
	kind, reason := "resource_not_found_exception", string(k)+" ["+name+"] not found"
	switch k {
	case templates:
		return object{}
	case aliases:
		return object{"error": "alias [" + name + "] missing", "status": http.StatusNotFound}
	case indices:
		kind, reason = "index_not_found_exception", "no such index ["+name+"]"
	}
	cause := object{"type": kind, "reason": reason}
	return object{"error": object{"root_cause": []object{cause}, "type": kind, "reason": reason}, "status": http.StatusNotFound}
}

// knownMost is how many names are remembered; others are acknowledged all the
// same, and their senders put them again.
const knownMost = 2000

// known are the names that were put.
type known struct {
	mu    sync.Mutex
	names map[kind]map[string]bool
	count int
}

func newKnown() *known { return &known{names: map[kind]map[string]bool{}} }

func (k *known) put(of kind, name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names[of][name] || k.count == knownMost || len(name) > 255 {
		return
	}
	if k.names[of] == nil {
		k.names[of] = map[string]bool{}
	}
	k.names[of][name] = true
	k.count++
}

func (k *known) has(of kind, name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.names[of][name]
}

// unescape is a part of a path as it was meant; what is no escape stays.
func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
