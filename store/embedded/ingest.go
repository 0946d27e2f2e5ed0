package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"jikimi/telemetry"
)

// mostUnreadable is how many unreadable documents are shown.
const mostUnreadable = 10

// Ingest implements telemetry.IngestReader.
func (s *Store) Ingest(ctx context.Context, q telemetry.IngestQuery) (telemetry.Ingest, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Ingest{}, err
	}
	a := telemetry.Ingest{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}, Refusals: s.refusals.list(q.Allow)}
	found := arrivals{}
	err := s.read(ctx, q.Range.From, q.Range.To, &a.Meta, func(r *reading) error {
		found = arrivals{}
		if err := r.arrivals(ctx, q, found); err != nil {
			return err
		}
		return r.unreadables(ctx, q, &a)
	})
	if err == nil {
		err = s.newest(ctx, q.Allow, found)
	}
	if err != nil {
		return telemetry.Ingest{}, answer(ctx, "ingest", err)
	}
	a.Sources = found.sorted()
	a.Kept, err = s.kept()
	return a, answer(ctx, "ingest", err)
}

func (s *Store) kept() (telemetry.Kept, error) {
	stats, err := s.Stats()
	return telemetry.Kept{Days: stats.Days, Oldest: stats.Oldest, Bytes: stats.Bytes, Retention: s.config.Retention}, err
}

// arrivals are sources by env and source.
type arrivals map[[2]string]*telemetry.IngestSource

func (a arrivals) of(env, source string) *telemetry.IngestSource {
	k := [2]string{env, source}
	if a[k] == nil {
		a[k] = &telemetry.IngestSource{Env: env, Source: source}
	}
	return a[k]
}

func (a arrivals) sorted() []telemetry.IngestSource {
	var out []telemetry.IngestSource
	for _, s := range a {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b telemetry.IngestSource) int {
		return cmp.Or(cmp.Compare(a.Env, b.Env), cmp.Compare(a.Source, b.Source))
	})
	return out
}

// arrivals counts the range's documents by source and bucket; the row without
// a bucket is the source's whole range.
func (r *reading) arrivals(ctx context.Context, q telemetry.IngestQuery, found arrivals) error {
	if len(r.days) == 0 {
		return nil
	}
	st := &statement{}
	st.addf(`SELECT env, source, bucket, count(*), count(delay), quantile_cont(delay, [0.5, 0.95])
FROM (SELECT env, source, %s AS bucket, (epoch_us(arrived) - epoch_us("time")) / 1000.0 AS delay
  FROM %s
  WHERE %s AND %s)
GROUP BY GROUPING SETS ((env, source, bucket), (env, source))
ORDER BY env, source, bucket NULLS FIRST`,
		st.bucket(q.Range.Runs()), from(r.days, `"time", arrived, env, source`), st.within(q.Range.From, q.Range.To), st.allowed(q.Allow))
	documents := int64(0)
	err := r.query(ctx, st, func(rows *sql.Rows) error {
		n, err := found.scan(rows)
		documents += n
		return err
	})
	r.finish(st, documents, nil, "")
	return err
}

// scan reads a row and is how many documents of a whole range it counts.
func (a arrivals) scan(rows *sql.Rows) (int64, error) {
	var env, source string
	var bucket sql.NullInt64
	var count, delayed int64
	var quantiles any
	if err := rows.Scan(&env, &source, &bucket, &count, &delayed, &quantiles); err != nil {
		return 0, err
	}
	o := a.of(env, source)
	if bucket.Valid {
		o.Buckets = append(o.Buckets, telemetry.IngestBucket{Start: time.UnixMicro(bucket.Int64).UTC(), Count: count})
		return 0, nil
	}
	o.Documents, o.Delayed = count, delayed
	if list, ok := quantiles.([]any); ok && len(list) == 2 {
		o.DelayP50, _ = list[0].(float64)
		o.DelayP95, _ = list[1].(float64)
	}
	return count, nil
}

// unreadables are the newest documents of the source unreadable.
func (r *reading) unreadables(ctx context.Context, q telemetry.IngestQuery, a *telemetry.Ingest) error {
	a.Unreadable = nil
	if len(r.days) == 0 {
		return nil
	}
	st := &statement{}
	st.addf(`SELECT env, "time", coalesce(message, '') FROM %s WHERE source = %s AND %s AND %s ORDER BY "time" DESC LIMIT %d`,
		from(r.days, `env, source, "time", message`), st.arg(telemetry.SourceUnreadable), st.within(q.Range.From, q.Range.To), st.allowed(q.Allow), mostUnreadable)
	return r.query(ctx, st, func(rows *sql.Rows) error {
		var u telemetry.Unreadable
		err := rows.Scan(&u.Env, &u.Time, &u.Text)
		u.Time, u.Text = u.Time.UTC(), beginning([]byte(u.Text))
		a.Unreadable = append(a.Unreadable, u)
		return err
	})
}

// newest adds the time of each source's newest document kept, and the sources
// that wrote nothing in the range. Faults of days outside the range are not
// part of the answer.
func (s *Store) newest(ctx context.Context, allow telemetry.Allow, found arrivals) error {
	days := s.allDays()
	if len(days) == 0 {
		return nil
	}
	first, last := days[0].start, days[len(days)-1].start.AddDate(0, 0, 1)
	return s.read(ctx, first, last, &telemetry.Meta{}, func(r *reading) error {
		if len(r.days) == 0 {
			return nil
		}
		st := &statement{}
		st.addf(`SELECT env, source, max("time") FROM %s WHERE %s GROUP BY ALL`, from(r.days, `env, source, "time"`), st.allowed(allow))
		return r.query(ctx, st, func(rows *sql.Rows) error {
			var env, source string
			var at time.Time
			if err := rows.Scan(&env, &source, &at); err != nil {
				return fmt.Errorf("newest: %w", err)
			}
			found.of(env, source).Last = at.UTC()
			return nil
		})
	})
}
