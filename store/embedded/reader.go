package embedded

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"jikimi/ingest"
	"jikimi/telemetry"
)

// kind is the JSON type of a leaf.
type kind uint8

const (
	kindString kind = iota
	kindNumber
	kindBoolean
	kindNull
	kindObject // an empty one
	kindArray
)

func (k kind) String() string {
	return [...]string{"string", "number", "boolean", "null", "object", "array"}[k]
}

// leaf is one path of a document with its value. Arrays are leaves, whole.
type leaf struct {
	path string
	kind kind
	json string // the value's JSON text
	text string // a string's text, a number's digits
	// owned says that the value lives in a role's column only, promoted that it
	// lives in a promoted path's.
	owned, promoted bool
}

// place says where a leaf's texts lie in the arena.
type place struct {
	kind                    kind
	path, json, text, start int
}

// reader takes a document's text apart. Its leaves share one string, so that
// a document costs one allocation; they are valid until the next document.
type reader struct {
	parser fastjson.Parser
	marks  map[string]uint64
	path   []byte
	arena  []byte
	places []place
	leaves []leaf
	seen   uint64 // marks
	odd    bool   // has a key that flattening cannot carry
	keys   [][]byte
	sums   []uint64 // of keys
	// index is the name that was parsed last: neighbours mostly share one.
	index     string
	indexName telemetry.IndexName
}

// readerPool shares readers between callers of Write.
type readerPool struct{ pool sync.Pool }

func (p *readerPool) get(marks map[string]uint64) *reader {
	if r, ok := p.pool.Get().(*reader); ok {
		return r
	}
	return &reader{marks: marks}
}

// put leaves out readers that a large document made large.
func (p *readerPool) put(r *reader) {
	const mostLeaves = 1000
	if cap(r.leaves) <= mostLeaves {
		p.pool.Put(r)
	}
}

// parseIndex checks an index name and says what it means.
func (r *reader) parseIndex(name string) (telemetry.IndexName, error) {
	if name == r.index && name != "" {
		return r.indexName, nil
	}
	if err := checkIndex(name); err != nil {
		return telemetry.IndexName{}, err
	}
	r.index, r.indexName = strings.Clone(name), telemetry.ParseIndex(name)
	return r.indexName, nil
}

// read checks a document and fills leaves. The text is one that clean returned.
func (r *reader) read(text []byte) error {
	r.path, r.arena, r.places, r.seen, r.odd = r.path[:0], r.arena[:0], r.places[:0], 0, false
	if !json.Valid(text) {
		return malformed(text)
	}
	v, err := r.parser.ParseBytes(text)
	if err != nil {
		return tooDeep() // valid, but deeper than the parser goes
	}
	o := v.GetObject()
	if o == nil {
		return refused("mapper_parsing_exception", "a document is a JSON object such as {\"message\": \"…\"}, and this is none")
	}
	if err := r.object(o, 1); err != nil {
		return err
	}
	r.settle()
	return nil
}

// settle turns the places into leaves.
func (r *reader) settle() {
	r.leaves = r.leaves[:0]
	all := string(r.arena)
	for _, p := range r.places {
		l := leaf{kind: p.kind, path: all[p.start:p.path], json: all[p.path:p.json]}
		switch {
		case p.text > p.json:
			l.text = all[p.json:p.text]
		case p.kind == kindString:
			l.text = l.json[1 : len(l.json)-1]
		case p.kind == kindNumber:
			l.text = l.json
		}
		r.leaves = append(r.leaves, l)
	}
}

func (r *reader) object(o *fastjson.Object, depth int) (err error) {
	if depth > ingest.MaxDepth {
		return tooDeep()
	}
	if err := r.unique(o); err != nil {
		return err
	}
	length := len(r.path)
	o.Visit(func(key []byte, v *fastjson.Value) {
		if err != nil {
			return
		}
		if len(key) == 0 || bytes.IndexByte(key, '.') >= 0 {
			r.odd = true
		}
		if depth > 1 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, key...)
		err = r.value(v, depth)
		r.path = r.path[:length]
	})
	return err
}

func (r *reader) value(v *fastjson.Value, depth int) error {
	if o := v.GetObject(); o != nil {
		if o.Len() > 0 {
			r.seen |= r.marks[string(r.path)]
			return r.object(o, depth+1)
		}
		if depth+1 > ingest.MaxDepth {
			return tooDeep()
		}
	}
	if len(r.places) == ingest.MaxFields {
		return tooManyFields()
	}
	p := r.leaf(v)
	if p.kind != kindNull {
		r.seen |= r.marks[string(r.path)]
	}
	r.places = append(r.places, p)
	if p.kind == kindArray {
		return r.array(v, depth+1)
	}
	return nil
}

// leaf takes the JSON text first: the parser unescapes strings in place when
// it is asked for their text.
func (r *reader) leaf(v *fastjson.Value) place {
	p := place{start: len(r.arena)}
	r.arena = append(r.arena, r.path...)
	p.path = len(r.arena)
	r.arena = v.MarshalTo(r.arena)
	p.json = len(r.arena)
	text := r.arena[p.path:p.json]
	switch text[0] {
	case '"':
		p.kind = kindString
		if bytes.IndexByte(text, '\\') >= 0 {
			r.arena = append(r.arena, v.GetStringBytes()...)
		}
	case '{':
		p.kind = kindObject
	case '[':
		p.kind = kindArray
	case 't', 'f':
		p.kind = kindBoolean
	case 'n':
		p.kind = kindNull
	default:
		p.kind = kindNumber
	}
	p.text = len(r.arena)
	return p
}

// array checks what lies inside: it stays whole, but its objects must be sound.
func (r *reader) array(v *fastjson.Value, depth int) error {
	if depth > ingest.MaxDepth {
		return tooDeep()
	}
	for _, item := range v.GetArray() {
		if err := r.inside(item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) inside(v *fastjson.Value, depth int) (err error) {
	o := v.GetObject()
	if o == nil {
		if v.Type() == fastjson.TypeArray {
			return r.array(v, depth)
		}
		return nil
	}
	if depth > ingest.MaxDepth {
		return tooDeep()
	}
	if err := r.unique(o); err != nil {
		return err
	}
	o.Visit(func(_ []byte, v *fastjson.Value) {
		if err == nil {
			err = r.inside(v, depth+1)
		}
	})
	return err
}

// unique refuses an object that has a key twice. Comparing each key with each
// is fastest for the few that objects have; hashes tell most apart.
func (r *reader) unique(o *fastjson.Object) error {
	r.keys, r.sums = r.keys[:0], r.sums[:0]
	o.Visit(func(key []byte, _ *fastjson.Value) {
		r.keys, r.sums = append(r.keys, key), append(r.sums, fingerprint(key))
	})
	const few = 64
	if len(r.keys) > few {
		return uniqueOfMany(r.keys)
	}
	for i, sum := range r.sums {
		for j, other := range r.sums[:i] {
			if sum == other && bytes.Equal(r.keys[i], r.keys[j]) {
				return duplicate(string(r.keys[i]))
			}
		}
	}
	return nil
}

// fingerprint is equal for equal keys: the length and some of the bytes.
func fingerprint(key []byte) uint64 {
	sum := uint64(len(key))
	for i := 0; i < len(key) && i < 4; i++ {
		sum = sum<<8 | uint64(key[i])
	}
	if n := len(key); n > 0 {
		sum = sum<<8 | uint64(key[n-1])
	}
	return sum
}

func uniqueOfMany(keys [][]byte) error {
	slices.SortFunc(keys, bytes.Compare)
	for i, key := range keys[1:] {
		if bytes.Equal(keys[i], key) {
			return duplicate(string(key))
		}
	}
	return nil
}

// clean makes the text valid UTF-8 and replaces halves of surrogate pairs, as
// JSON readers do: DuckDB would store neither.
func clean(text []byte) []byte {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if !bytes.Contains(text, []byte(`\ud`)) && !bytes.Contains(text, []byte(`\uD`)) {
		return text
	}
	return pairSurrogates(text)
}

func pairSurrogates(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			break
		}
		out, text = append(out, text[:i]...), text[i:]
		n := 2
		switch {
		case isSurrogate(text, "89aAbB") && isSurrogate(text[6:], "cCdDeEfF"):
			n = 12
		case isSurrogate(text, "89aAbBcCdDeEfF"):
			out, text = append(out, `\ufffd`...), text[6:]
			continue
		}
		out, text = append(out, text[:n]...), text[n:]
	}
	return append(out, text...)
}

// isSurrogate says whether text begins with an escape \udXyy whose X is one of the digits.
func isSurrogate(text []byte, digits string) bool {
	return len(text) >= 6 && text[0] == '\\' && text[1] == 'u' && (text[2] == 'd' || text[2] == 'D') &&
		strings.IndexByte(digits, text[3]) >= 0
}
