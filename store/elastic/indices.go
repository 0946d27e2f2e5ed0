package elastic

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v7/esapi"

	"jikimi/telemetry"
)

// index is a concrete index and what its fields are.
type index struct {
	name string
	telemetry.IndexName
	// fields are those that profiles name, by the path documents have.
	fields map[string]field
	// unread says that the cluster did not say what fields there are: no shard
	// of the index has a node.
	unread bool
}

// catalog keeps what the cluster said last about its indices.
type catalog struct {
	mu      sync.Mutex
	state   string // names and versions of mappings
	indices []index
}

// indices are the open indices of the configured patterns, by name. Their
// names are asked for each time, their fields when a mapping has changed.
func (s *Store) indices(ctx context.Context) ([]index, error) {
	names, state, err := s.indexNames(ctx)
	if err != nil {
		return nil, fmt.Errorf("list of indices: %w", err)
	}
	if list, ok := s.catalog.get(state); ok {
		return list, nil
	}
	types, err := s.fieldTypes(ctx)
	if err != nil {
		return nil, fmt.Errorf("fields of indices: %w", err)
	}
	list := make([]index, len(names))
	complete := true
	for i, name := range names {
		of, ok := types[name]
		list[i] = index{name: name, IndexName: telemetry.ParseIndex(name), fields: roleFields(of), unread: !ok}
		complete = complete && ok
	}
	if complete {
		s.catalog.set(state, list)
	}
	return list, nil
}

func (c *catalog) get(state string) ([]index, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.indices, c.state == state && state != ""
}

func (c *catalog) set(state string, list []index) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state, c.indices = state, list
}

// indexNames asks one node for the metadata it has: no shard is touched, so a
// hanging node elsewhere does not matter.
func (s *Store) indexNames(ctx context.Context) (names []string, state string, err error) {
	var answer struct {
		Metadata struct {
			Indices map[string]struct {
				State   string `json:"state"`
				Version int64  `json:"mapping_version"`
			} `json:"indices"`
		} `json:"metadata"`
	}
	local := true
	err = s.do(ctx, esapi.ClusterStateRequest{
		Metric: []string{"metadata"}, Index: s.config.Indices, Local: &local,
		FilterPath: []string{"metadata.indices.*.state", "metadata.indices.*.mapping_version"},
	}, &answer)
	if err != nil {
		return nil, "", err
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(answer.Metadata.Indices)) {
		if i := answer.Metadata.Indices[name]; i.State == "open" {
			names = append(names, name)
			fmt.Fprintf(&b, "%s@%d\n", name, i.Version)
		}
	}
	return names, b.String(), nil
}

// fieldTypes are the types of all fields, by index and path.
func (s *Store) fieldTypes(ctx context.Context) (map[string]map[string]string, error) {
	var answer struct {
		Indices []string `json:"indices"`
		Fields  map[string]map[string]struct {
			Indices []string `json:"indices"`
		} `json:"fields"`
	}
	unmapped := true
	err := s.do(ctx, esapi.FieldCapsRequest{Index: s.config.Indices, Fields: []string{"*"}, IncludeUnmapped: &unmapped}, &answer)
	if err != nil {
		return nil, err
	}
	types := map[string]map[string]string{}
	for _, name := range answer.Indices {
		types[name] = map[string]string{}
	}
	for path, byType := range answer.Fields {
		for kind, f := range byType {
			in := f.Indices // named only where types differ
			if len(in) == 0 {
				in = answer.Indices
			}
			for _, name := range in {
				if of, ok := types[name]; ok && kind != "unmapped" {
					of[path] = kind
				}
			}
		}
	}
	return types, nil
}

// selected are the indices that may be seen, are asked for, and can hold
// documents from a time on. The UTC day in a name is padded by a day. Indices
// of later days stay: a shipper that reads late puts old lines into them.
func selected(list []index, allow telemetry.Allow, scope telemetry.Scope, from time.Time) []index {
	var out []index
	for _, i := range list {
		switch {
		case !allow.Match(i.Env, i.Source):
		case len(scope.Env) > 0 && !slices.Contains(scope.Env, i.Env):
		case len(scope.Source) > 0 && !slices.Contains(scope.Source, i.Source):
		case !i.Day.IsZero() && !i.Day.AddDate(0, 0, 2).After(from):
		default:
			out = append(out, i)
		}
	}
	return out
}

// noteUnread names selected indices that cannot be asked, and leaves them out.
func noteUnread(list []index, meta *telemetry.Meta) []index {
	var silent []string
	out := slices.DeleteFunc(slices.Clone(list), func(i index) bool {
		if i.unread {
			silent = append(silent, i.name)
		}
		return i.unread
	})
	notePartial(meta, 0, 0, false, silent)
	return out
}
