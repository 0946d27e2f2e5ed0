package embedded

import (
	"encoding/json"
	"fmt"
	"strings"
)

// restText is the leaves that no column owns as one flat JSON object, empty
// when there are none. The values are the document's own valid JSON text.
func restText(leaves []leaf) string {
	size := 2
	for i := range leaves {
		if !leaves[i].owned && !leaves[i].promoted {
			size += len(leaves[i].path) + len(leaves[i].json) + 4
		}
	}
	if size == 2 {
		return ""
	}
	b := make([]byte, 0, size)
	sep := byte('{')
	for i := range leaves {
		if l := &leaves[i]; !l.owned && !l.promoted {
			b = append(b, sep)
			b = appendString(b, l.path)
			b = append(b, ':')
			b = append(b, l.json...)
			sep = ','
		}
	}
	return string(append(b, '}'))
}

// appendString appends text as a JSON string: as it is when nothing in it
// needs escaping, else by the standard encoder.
func appendString(b []byte, s string) []byte {
	plain := strings.IndexFunc(s, func(c rune) bool { return c < 0x20 || c == '"' || c == '\\' }) < 0
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("embedded: a string is not JSON: %v", err)) // cannot happen
	}
	return append(b, quoted...)
}

// tree is a document that is put together from dotted paths.
type tree map[string]any

// set puts a value at a dotted path. Paths come from one flattened document,
// so no path is the beginning of another.
func (t tree) set(path string, value json.RawMessage) error {
	for {
		key, rest, nested := strings.Cut(path, ".")
		if !nested {
			t[key] = value
			return nil
		}
		inner, ok := t[key].(tree)
		if !ok {
			if t[key] != nil {
				return fmt.Errorf("path %q is a value and an object", key)
			}
			inner = tree{}
			t[key] = inner
		}
		t, path = inner, rest
	}
}

// setRest adds the leaves of a rest text.
func (t tree) setRest(rest string) error {
	if rest == "" {
		return nil
	}
	var leaves map[string]json.RawMessage
	if err := json.Unmarshal([]byte(rest), &leaves); err != nil {
		return fmt.Errorf("rest: %w", err)
	}
	for path, value := range leaves {
		if err := t.set(path, value); err != nil {
			return err
		}
	}
	return nil
}

// kept is what a row keeps of a document.
type kept struct {
	shape     storedShape
	values    [len(roles)]any
	promoted  []any
	rest, raw string
}

// source rebuilds the document: JSON-equal to what came in.
func (k kept) source(l *layout) ([]byte, error) {
	if k.raw != "" {
		return []byte(k.raw), nil
	}
	t := tree{}
	if err := t.setRest(k.rest); err != nil {
		return nil, err
	}
	for _, u := range k.shape.Roles {
		if u.Form == formNone {
			continue
		}
		v, err := u.Form.rebuild(k.values[roleColumn(u.Role)], u.Unit)
		if err != nil {
			return nil, err
		}
		if err := t.set(u.Path, v); err != nil {
			return nil, err
		}
	}
	if err := l.restore(t, k.promoted); err != nil {
		return nil, err
	}
	return json.Marshal(t)
}
