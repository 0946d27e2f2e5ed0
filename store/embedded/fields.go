package embedded

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"jikimi/telemetry"
)

// Fields implements telemetry.FieldReader.
func (s *Store) Fields(ctx context.Context, q telemetry.FieldsQuery) (telemetry.Fields, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Fields{}, err
	}
	a := telemetry.Fields{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	err := s.read(ctx, q.Range.From, q.Range.To, &a.Meta, func(r *reading) (err error) {
		a.List, err = r.fields(ctx, q)
		return err
	})
	if err != nil {
		return telemetry.Fields{}, answer(ctx, "fields", err)
	}
	s.noteRetention(&a.Meta, q.Range.From)
	return a, nil
}

// fields reads the small tables of the days' files, never the documents.
func (r *reading) fields(ctx context.Context, q telemetry.FieldsQuery) ([]telemetry.Field, error) {
	if len(r.days) == 0 {
		return nil, nil
	}
	parts := make([]string, len(r.days))
	for i, d := range r.days {
		parts[i] = "SELECT env, source, path, type FROM " + d.name + ".fields"
	}
	st := &statement{}
	st.addf("SELECT DISTINCT path, type FROM (%s) WHERE %s ORDER BY path, type", strings.Join(parts, " UNION ALL "), st.allowed(q.Allow))
	var list []telemetry.Field
	err := r.query(ctx, st, func(rows *sql.Rows) error {
		var path, kind string
		if err := rows.Scan(&path, &kind); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].Path != path {
			list = append(list, telemetry.Field{Path: path, Roles: r.store.rolesOf(path)})
		}
		last := &list[len(list)-1]
		last.Types = append(last.Types, kind)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.finish(st, 0, nil, "")
	return list, nil
}

// rolesOf are the roles that any profile reads from a path, in the order of
// the columns.
func (s *Store) rolesOf(path string) []telemetry.Role {
	var at []int
	for _, p := range s.profiles {
		for _, u := range p.byPath[path] {
			at = append(at, u.role)
		}
	}
	slices.Sort(at)
	var list []telemetry.Role
	for _, role := range slices.Compact(at) {
		list = append(list, roles[role])
	}
	return list
}
