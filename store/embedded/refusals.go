package embedded

import (
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"jikimi/ingest"
	"jikimi/telemetry"
)

// refusals counts documents that were refused, by source and by what was wrong
// with them, since the store was opened.
type refusals struct {
	mu    sync.Mutex
	kinds map[refusalKind]*telemetry.Refusal
}

type refusalKind struct{ env, source, kind string }

const (
	mostRefusals = 200 // kinds; of further ones only the number of documents is known
	sampleBytes  = 300 // of a document's text
)

func (r *refusals) add(d ingest.Document, fault *ingest.RefusedError, now time.Time) {
	name := telemetry.ParseIndex(cleanText(shorten(d.Index)))
	k := refusalKind{name.Env, name.Source, fault.Type}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kinds == nil {
		r.kinds = map[refusalKind]*telemetry.Refusal{}
	}
	known := r.kinds[k]
	if known == nil {
		if len(r.kinds) == mostRefusals {
			return
		}
		known = &telemetry.Refusal{Env: k.env, Source: k.source, Type: k.kind}
		r.kinds[k] = known
	}
	known.Count++
	known.Last, known.Reason, known.Sample = now.UTC(), fault.Reason, beginning(d.Source)
}

// beginning is the first part of a text, whole characters only.
func beginning(text []byte) string {
	if len(text) > sampleBytes {
		text = text[:sampleBytes]
		for r, n := utf8.DecodeLastRune(text); r == utf8.RuneError && n == 1; r, n = utf8.DecodeLastRune(text) {
			text = text[:len(text)-1]
		}
	}
	return cleanText(string(text))
}

// list is what may be seen of it, newest first.
func (r *refusals) list(allow telemetry.Allow) []telemetry.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []telemetry.Refusal
	for _, k := range r.kinds {
		if allow.Match(k.Env, k.Source) {
			out = append(out, *k)
		}
	}
	slices.SortFunc(out, func(a, b telemetry.Refusal) int { return b.Last.Compare(a.Last) })
	return out
}
