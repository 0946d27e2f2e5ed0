package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"jikimi/telemetry"
)

// sampled is how many documents of each source are looked at. A mapping says
// neither which JSON types came nor which of its fields any document has.
const sampled = 300

// Fields implements telemetry.FieldReader. Where a source has more than 300
// documents in the range's days, the newest are looked at and the evidence
// says so.
func (s *Store) Fields(ctx context.Context, q telemetry.FieldsQuery) (telemetry.Fields, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Fields{}, err
	}
	a, err := s.fields(ctx, q)
	if err != nil {
		return telemetry.Fields{}, s.unavailable(ctx, "fields", err)
	}
	return a, nil
}

func (s *Store) fields(ctx context.Context, q telemetry.FieldsQuery) (telemetry.Fields, error) {
	a := telemetry.Fields{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	list, err := s.indices(ctx)
	if err != nil {
		return a, err
	}
	days := wholeDays(q.Range)
	list = noteUnread(selected(list, q.Allow, telemetry.Scope{}, days.From), &a.Meta)
	answers, err := s.search(ctx, sourceItems(sourceAsks(list, days), fieldsBody), &a.Meta)
	if err != nil {
		return a, err
	}
	a.List, err = fieldList(answers, &a.Meta)
	return a, err
}

// wholeDays is the range's UTC days.
func wholeDays(r telemetry.Range) telemetry.Range {
	const day = 24 * time.Hour
	from, to := r.From.Truncate(day), r.To.Truncate(day)
	if to.Before(r.To) {
		to = to.Add(day)
	}
	return telemetry.Between(from, to, r.Zone)
}

// fieldsBody asks for the newest documents.
func fieldsBody(a sourceAsk) object {
	return object{
		"size": sampled, "timeout": bodyTimeout,
		"query": allOf(within(a.time, a.during.From, a.during.To), a.mine()),
		"sort":  []object{{a.time.at: object{"order": "desc"}}},
	}
}

func fieldList(answers []found, meta *telemetry.Meta) ([]telemetry.Field, error) {
	types := map[string]map[string]bool{}
	var documents int64
	estimate := ""
	for _, f := range answers {
		for _, h := range f.Hits.Hits {
			var doc map[string]any
			if err := json.Unmarshal(h.Source, &doc); err != nil {
				return nil, fmt.Errorf("decode: a document: %w", err)
			}
			addTypes(types, "", doc)
		}
		documents += int64(len(f.Hits.Hits))
		if f.Hits.Total.Value > int64(len(f.Hits.Hits)) {
			estimate = fmt.Sprintf("newest %d documents of each source", sampled)
		}
	}
	for i := range meta.Evidence {
		meta.Evidence[i].Documents, meta.Evidence[i].Estimate = documents, estimate
	}
	roles := pathRoles()
	var list []telemetry.Field
	for _, path := range slices.Sorted(maps.Keys(types)) {
		list = append(list, telemetry.Field{Path: path, Types: slices.Sorted(maps.Keys(types[path])), Roles: roles[path]})
	}
	return list, nil
}

// addTypes notes the types of an object's leaves by dotted path.
func addTypes(types map[string]map[string]bool, prefix string, doc map[string]any) {
	for key, v := range doc {
		path := prefix + key
		if below, ok := v.(map[string]any); ok && len(below) > 0 {
			addTypes(types, path+".", below)
			continue
		}
		if types[path] == nil {
			types[path] = map[string]bool{}
		}
		types[path][jsonType(v)] = true
	}
}

func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	}
	return "object"
}

// pathRoles are the roles that any profile reads from a path.
func pathRoles() map[string][]telemetry.Role {
	out := map[string][]telemetry.Role{}
	for _, p := range telemetry.Profiles() {
		for role, fields := range p.Fields {
			for _, f := range fields {
				if !slices.Contains(out[f.Path], role) {
					out[f.Path] = append(out[f.Path], role)
				}
			}
		}
	}
	for path := range out {
		slices.Sort(out[path])
	}
	return out
}
