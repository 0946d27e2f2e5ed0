package embedded

import (
	"context"
	"database/sql"
	"time"

	"jikimi/telemetry"
)

// mostSources is how many sources are listed.
const mostSources = 500

// Sources implements telemetry.SourceReader.
func (s *Store) Sources(ctx context.Context, q telemetry.SourcesQuery) (telemetry.Sources, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Sources{}, err
	}
	a := telemetry.Sources{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	err := s.read(ctx, q.Range.From, q.Range.To, &a.Meta, func(r *reading) (err error) {
		a.List, err = r.sources(ctx, q)
		return err
	})
	if err != nil {
		return telemetry.Sources{}, answer(ctx, "sources", err)
	}
	if a.LastRequest, err = s.lastRequest(ctx, q.Allow); err != nil {
		return telemetry.Sources{}, answer(ctx, "sources", err)
	}
	s.noteRetention(&a.Meta, q.Range.From)
	return a, nil
}

func (r *reading) sources(ctx context.Context, q telemetry.SourcesQuery) ([]telemetry.Source, error) {
	if len(r.days) == 0 {
		return nil, nil
	}
	st := &statement{}
	st.addf(`SELECT env, source, coalesce(host, '') AS host, count(*) AS documents
FROM %s
WHERE %s AND %s
GROUP BY ALL
ORDER BY documents DESC, env, source, host
LIMIT %d`, from(r.days, `"time", env, source, host`), st.within(q.Range.From, q.Range.To), st.allowed(q.Allow), mostSources)
	var list []telemetry.Source
	var documents int64
	err := r.query(ctx, st, func(rows *sql.Rows) error {
		var o telemetry.Source
		err := rows.Scan(&o.Env, &o.Source, &o.Host, &o.Documents)
		list, documents = append(list, o), documents+o.Documents
		return err
	})
	if err != nil {
		return nil, err
	}
	r.finish(st, documents, nil, "")
	return list, nil
}

// lastRequest walks the days newest first and stops at the first request that
// may be seen. Days that cannot be read are passed over: the range's own are
// noted already.
func (s *Store) lastRequest(ctx context.Context, allow telemetry.Allow) (time.Time, error) {
	days := s.allDays()
	for i := len(days) - 1; i >= 0; i-- {
		start := days[i].start
		var last sql.NullTime
		err := s.read(ctx, start, start.Add(1), &telemetry.Meta{}, func(r *reading) error {
			if len(r.days) == 0 {
				return nil
			}
			st := &statement{}
			st.addf(`SELECT max("time") FROM %s.doc WHERE kind = 'request' AND %s`, r.days[0].name, st.allowed(allow))
			return r.query(ctx, st, func(rows *sql.Rows) error { return rows.Scan(&last) })
		})
		if err != nil || last.Valid {
			return last.Time.UTC(), err
		}
	}
	return time.Time{}, nil
}
