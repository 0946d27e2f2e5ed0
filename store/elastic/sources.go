package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// mostSources is how many sources are listed, and how many hosts of one.
const mostSources = 500

// Sources implements telemetry.SourceReader.
func (s *Store) Sources(ctx context.Context, q telemetry.SourcesQuery) (telemetry.Sources, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Sources{}, err
	}
	a, err := s.sources(ctx, q)
	if err != nil {
		return telemetry.Sources{}, s.unavailable(ctx, "sources", err)
	}
	return a, nil
}

func (s *Store) sources(ctx context.Context, q telemetry.SourcesQuery) (telemetry.Sources, error) {
	a := telemetry.Sources{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	all, err := s.indices(ctx)
	if err != nil {
		return a, err
	}
	list := noteUnread(selected(all, q.Allow, telemetry.Scope{}, q.Range.From), &a.Meta)
	noteOdd(list, []telemetry.Role{telemetry.RoleTime}, &a.Meta)
	asks := sourceAsks(list, q.Range)
	answers, err := s.search(ctx, sourceItems(asks, sourceBody), &a.Meta)
	if err != nil {
		return a, err
	}
	if a.List, err = sourceList(asks, answers); err != nil {
		return a, err
	}
	for _, o := range a.List {
		for i := range a.Evidence {
			a.Evidence[i].Documents += o.Documents
		}
	}
	a.LastRequest, err = s.lastRequest(ctx, selected(all, q.Allow, telemetry.Scope{}, time.Time{}), &a.Meta)
	return a, err
}

// sourceAsk is one search: the documents of one env and source whose time is
// read from one field.
type sourceAsk struct {
	group   group
	time    field
	during  telemetry.Range
	readers []reader
}

func sourceAsks(list []index, during telemetry.Range) []sourceAsk {
	type owner struct{ env, source string }
	var owners []owner
	of := map[owner][]index{}
	for _, i := range list {
		o := owner{i.Env, i.Source}
		if of[o] == nil {
			owners = append(owners, o)
		}
		of[o] = append(of[o], i)
	}
	var out []sourceAsk
	for _, o := range owners {
		for _, g := range grouped(of[o]) {
			readers := g.readers()
			for _, at := range timeFields(readers) {
				out = append(out, sourceAsk{g, at, during, readers})
			}
		}
	}
	return out
}

func sourceItems(asks []sourceAsk, body func(sourceAsk) object) []item {
	out := make([]item, len(asks))
	for i, a := range asks {
		out[i] = item{indices: a.group.names(), body: body(a)}
	}
	return out
}

// sourceBody counts documents by host, for each profile by its own fields.
func sourceBody(a sourceAsk) object {
	aggs := object{}
	var mine []object
	for _, r := range a.readers {
		at, ok := r.timeIs(a.time)
		if !ok {
			continue
		}
		mine = append(mine, allOf(r.mine, at))
		hosts := r.fields[telemetry.RoleHost]
		sub := object{"none": object{"filter": orAll(lacks(hosts))}}
		for i, f := range hosts {
			sub[strconv.Itoa(i)] = withAggs(object{"filter": allOf(exists(f.field), lacks(hosts[:i]))}, object{
				"hosts": object{"terms": object{"field": f.at, "size": mostSources}},
			})
		}
		aggs[r.profile.Name] = withAggs(object{"filter": orAll(allOf(r.mine, at))}, sub)
	}
	return object{
		"size": 0, "track_total_hits": false, "timeout": bodyTimeout,
		"query": allOf(within(a.time, a.during.From, a.during.To), anyOf(mine...)),
		"aggs":  aggs,
	}
}

// sourceList sums up, the busiest first.
func sourceList(asks []sourceAsk, answers []found) ([]telemetry.Source, error) {
	counts := map[telemetry.Source]int64{}
	for i, f := range answers {
		if len(f.Aggregations) == 0 {
			continue
		}
		if err := addHosts(counts, asks[i].group.indices[0].IndexName, f.Aggregations); err != nil {
			return nil, err
		}
	}
	var list []telemetry.Source
	for o, n := range counts {
		o.Documents = n
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b telemetry.Source) int {
		if a.Documents != b.Documents {
			return int(b.Documents - a.Documents)
		}
		return strings.Compare(a.Env+"\x00"+a.Source+"\x00"+a.Host, b.Env+"\x00"+b.Source+"\x00"+b.Host)
	})
	return list[:min(len(list), mostSources)], nil
}

func addHosts(counts map[telemetry.Source]int64, owner telemetry.IndexName, aggregations json.RawMessage) error {
	var byProfile map[string]map[string]json.RawMessage
	if err := json.Unmarshal(aggregations, &byProfile); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	for _, parts := range byProfile {
		for name, text := range parts {
			if name == "doc_count" || name == "meta" {
				continue
			}
			var p hostsAnswer
			if err := json.Unmarshal(text, &p); err != nil {
				return fmt.Errorf("decode: hosts: %w", err)
			}
			p.addTo(counts, owner, name == "none")
		}
	}
	return nil
}

// hostsAnswer counts documents by host. A field may be a number.
type hostsAnswer struct {
	Count int64 `json:"doc_count"`
	Hosts struct {
		Buckets []struct {
			Key   any   `json:"key"`
			Count int64 `json:"doc_count"`
		} `json:"buckets"`
	} `json:"hosts"`
}

func (p hostsAnswer) addTo(counts map[telemetry.Source]int64, owner telemetry.IndexName, nameless bool) {
	source := telemetry.Source{Env: owner.Env, Source: owner.Source}
	if nameless && p.Count > 0 {
		counts[source] += p.Count
	}
	for _, b := range p.Hosts.Buckets {
		source.Host = fmt.Sprint(b.Key)
		counts[source] += b.Count
	}
}

// lastRequest asks the newest days first: what they hold is newer than any
// older index can hold.
func (s *Store) lastRequest(ctx context.Context, list []index, meta *telemetry.Meta) (time.Time, error) {
	newest := time.Time{}
	for _, i := range list {
		if i.Day.After(newest) {
			newest = i.Day
		}
	}
	recent, old := split(list, func(i index) bool { return i.Day.IsZero() || !i.Day.Before(newest.AddDate(0, 0, -2)) })
	last, err := s.lastOf(ctx, recent, meta)
	if err != nil || last.After(newest.AddDate(0, 0, -1)) {
		return last, err
	}
	older, err := s.lastOf(ctx, old, meta)
	if older.After(last) {
		last = older
	}
	return last, err
}

func split(list []index, first func(index) bool) (a, b []index) {
	for _, i := range list {
		if first(i) {
			a = append(a, i)
		} else {
			b = append(b, i)
		}
	}
	return a, b
}

func (s *Store) lastOf(ctx context.Context, list []index, meta *telemetry.Meta) (time.Time, error) {
	answers, err := s.search(ctx, lastItems(grouped(list)), meta)
	if err != nil {
		return time.Time{}, err
	}
	var last time.Time
	for _, a := range answers {
		if t := lastTime(a); t.After(last) {
			last = t
		}
	}
	return last, nil
}

func lastItems(groups []group) []item {
	var items []item
	for _, g := range groups {
		readers := g.readers()
		for _, at := range timeFields(readers) {
			if body, ok := lastBody(readers, at); ok {
				items = append(items, item{indices: g.names(), body: body})
			}
		}
	}
	return items
}

// lastBody asks for the newest request whose time is read from a field.
func lastBody(readers []reader, at field) (object, bool) {
	var mine []object
	for _, r := range readers {
		if when, ok := r.timeIs(at); ok && !r.profile.Sample {
			mine = append(mine, allOf(r.mine, when, r.requests()))
		}
	}
	return newestFirst(at, anyOf(mine...)), len(mine) > 0
}

// newestFirst asks for the newest document that meets a condition, by its time alone.
func newestFirst(at field, condition object) object {
	value := object{"field": at.at}
	if at.class == classDate {
		value["format"] = "epoch_millis"
	}
	return object{
		"size": 1, "track_total_hits": false, "timeout": bodyTimeout, "_source": false,
		"query":           orAll(condition),
		"sort":            []object{{at.at: object{"order": "desc"}}},
		"docvalue_fields": []object{value},
	}
}

// lastTime is the time of the newest document found, zero without one.
func lastTime(f found) time.Time {
	if len(f.Hits.Hits) == 0 {
		return time.Time{}
	}
	return f.Hits.Hits[0].time()
}

// time reads the one value of a hit, epoch milliseconds, which come as a text
// from a date field.
func (h hit) time() time.Time {
	for _, values := range h.Fields {
		if len(values) == 0 {
			continue
		}
		if ms, err := strconv.ParseFloat(fmt.Sprint(values[0]), 64); err == nil {
			return time.UnixMilli(int64(ms)).UTC()
		}
	}
	return time.Time{}
}

// mine finds the documents whose time is read from the search's field.
func (a sourceAsk) mine() object {
	var list []object
	for _, r := range a.readers {
		if when, ok := r.timeIs(a.time); ok {
			list = append(list, allOf(r.mine, when))
		}
	}
	return anyOf(list...)
}
