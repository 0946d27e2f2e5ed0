package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// Latency implements telemetry.LatencyReader.
func (s *Store) Latency(ctx context.Context, q telemetry.LatencyQuery) (telemetry.Latency, error) {
	if err := q.Range.Check(); err != nil {
		return telemetry.Latency{}, err
	}
	l := telemetry.Latency{Meta: telemetry.Meta{AsOf: s.config.Now().UTC()}}
	var err error
	if l.Total, l.Buckets, err = s.latency(ctx, q, q.Range, &l.Meta); err != nil {
		return telemetry.Latency{}, answer(ctx, "latency", err)
	}
	s.noteRetention(&l.Meta, q.Range.From)
	if untimed := l.Total.Count - l.Total.Timed; untimed > 0 {
		l.Notices = append(l.Notices, telemetry.Notice{
			Code: telemetry.NoticeNoDuration, Params: map[string]string{"n": strconv.FormatInt(untimed, 10)},
		})
	}
	earlier, ok := q.Earlier()
	if !ok {
		return l, nil
	}
	l.Compared = true
	if l.Earlier, l.EarlierBuckets, err = s.latency(ctx, q, earlier, &l.Meta); err != nil {
		return telemetry.Latency{}, answer(ctx, "latency", err)
	}
	return l, nil
}

// latencyAnswer is what one period's statements found.
type latencyAnswer struct {
	total   telemetry.LatencyFigures
	buckets []telemetry.LatencyBucket
}

// latency asks about one period.
func (s *Store) latency(ctx context.Context, q telemetry.LatencyQuery, r telemetry.Range, meta *telemetry.Meta) (total telemetry.LatencyFigures, buckets []telemetry.LatencyBucket, err error) {
	err = s.read(ctx, r.From, r.To, meta, func(at *reading) error {
		estimate, err := at.estimated(ctx, q, r)
		if err != nil {
			return err
		}
		st, err := latencySQL(at.days, q, r, estimate)
		if err != nil || len(at.days) == 0 {
			return err
		}
		var a latencyAnswer
		if err := at.query(ctx, st, a.scan); err != nil {
			return err
		}
		fields, err := at.latencyFields(ctx, q, r)
		if err != nil {
			return err
		}
		at.finish(st, a.total.Count, fields, estimateText(estimate))
		total, buckets = a.total, a.buckets
		return nil
	})
	return total, buckets, err
}

func estimateText(estimate bool) string {
	if estimate {
		return "approx_quantile"
	}
	return ""
}

// latencyRows are the columns that figures, filters and scopes need.
const latencyRows = `"time", kind, env, source, host, duration, status, protocol, method, route, level, "user", shape`

// latencySQL gives one row a bucket and one, without a bucket, for the whole range.
func latencySQL(days []*day, q telemetry.LatencyQuery, r telemetry.Range, estimate bool) (*statement, error) {
	st := &statement{}
	where, err := st.requests(q, r)
	if err != nil {
		return nil, err
	}
	quantile := "quantile_cont(duration, [0.5, 0.95, 0.99])"
	if estimate {
		quantile = "approx_quantile(duration, [0.5, 0.95, 0.99])"
	}
	st.addf(`SELECT bucket, count(*), count(*) FILTER (status >= 500 OR status = 0), count(duration), %s, max(duration)
FROM (SELECT %s AS bucket, duration, status
  FROM %s
  WHERE %s)
GROUP BY GROUPING SETS ((bucket), ())
ORDER BY bucket NULLS FIRST`, quantile, st.bucket(r.Runs()), from(days, latencyRows), where)
	return st, nil
}

// requests is the condition of all latency statements.
func (s *statement) requests(q telemetry.LatencyQuery, r telemetry.Range) (string, error) {
	filters, err := s.filtered(q.Filters)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		"kind = 'request'", s.within(r.From, r.To), s.allowed(q.Allow), s.scoped(q.Scope), filters,
	}, " AND "), nil
}

// bucket is the start of a row's bucket in microseconds since 1970.
func (s *statement) bucket(runs []telemetry.BucketRun) string {
	const t = `epoch_us("time")`
	var b strings.Builder
	b.WriteString("CASE")
	for _, run := range runs {
		start, step := s.arg(run.Start.UnixMicro()), s.arg(run.Step.Microseconds())
		fmt.Fprintf(&b, " WHEN %s < %s THEN %s + (%s - %s) // %s * %s", t, s.arg(run.End.UnixMicro()), start, t, start, step, step)
	}
	b.WriteString(" END")
	return b.String()
}

func (a *latencyAnswer) scan(rows *sql.Rows) error {
	var bucket sql.NullInt64
	var f telemetry.LatencyFigures
	var quantiles any
	var most sql.NullFloat64
	if err := rows.Scan(&bucket, &f.Count, &f.Failed, &f.Timed, &quantiles, &most); err != nil {
		return err
	}
	f.Max = most.Float64
	if list, ok := quantiles.([]any); ok && len(list) == 3 {
		for i, p := range []*float64{&f.P50, &f.P95, &f.P99} {
			*p, _ = list[i].(float64)
		}
	}
	if !bucket.Valid {
		a.total = f
		return nil
	}
	a.buckets = append(a.buckets, telemetry.LatencyBucket{Start: time.UnixMicro(bucket.Int64).UTC(), LatencyFigures: f})
	return nil
}

// estimated says whether there are too many values for exact percentiles,
// which keep all of them in memory.
func (r *reading) estimated(ctx context.Context, q telemetry.LatencyQuery, period telemetry.Range) (bool, error) {
	if len(r.days) == 0 {
		return false, nil
	}
	var all int64
	st := &statement{}
	st.addf("SELECT sum(n)::BIGINT FROM %s", from(r.days, "count(*) AS n"))
	if err := r.query(ctx, st, add(&all)); err != nil {
		return false, err
	}
	if all <= r.store.exactMost {
		return false, nil
	}
	st = &statement{}
	where, err := st.requests(q, period)
	if err != nil {
		return false, err
	}
	st.addf("SELECT count(duration) FROM %s WHERE %s", from(r.days, latencyRows), where)
	var timed int64
	err = r.query(ctx, st, add(&timed))
	return timed > r.store.exactMost, err
}

func add(to *int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		*to += n
		return err
	}
}

// latencyRoles are the roles that evidence of latency names.
var latencyRoles = []telemetry.Role{
	telemetry.RoleTime, telemetry.RoleDuration, telemetry.RoleStatus, telemetry.RoleRoute, telemetry.RoleMethod, telemetry.RoleHost,
}

// latencyFields are the fields the rows' roles were read from. Numbers of
// shapes are a file's own, so the day goes with them.
func (r *reading) latencyFields(ctx context.Context, q telemetry.LatencyQuery, period telemetry.Range) ([]telemetry.FieldUse, error) {
	st := &statement{}
	where, err := st.requests(q, period)
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(r.days))
	for i, d := range r.days {
		parts[i] = fmt.Sprintf("SELECT %d AS day, %s FROM %s.doc", i, latencyRows, d.name)
	}
	st.addf("SELECT DISTINCT day, shape FROM (%s) WHERE %s", strings.Join(parts, " UNION ALL "), where)
	met := map[telemetry.FieldUse]bool{}
	if err := r.query(ctx, st, r.collect(met, latencyRoles)); err != nil {
		return nil, err
	}
	return sortedUses(met), nil
}

func (r *reading) collect(met map[telemetry.FieldUse]bool, wanted []telemetry.Role) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var day, id int32
		if err := rows.Scan(&day, &id); err != nil {
			return err
		}
		s, _ := r.days[day].shapes.get(id)
		for _, u := range s.Roles {
			if slices.Contains(wanted, u.Role) {
				met[telemetry.FieldUse{Role: u.Role, Profile: s.Profile, Path: u.Path, Unit: u.Unit}] = true
			}
		}
		return nil
	}
}

// sortedUses are by role in the order of the columns, profile and path.
func sortedUses(met map[telemetry.FieldUse]bool) []telemetry.FieldUse {
	list := make([]telemetry.FieldUse, 0, len(met))
	for u := range met {
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b telemetry.FieldUse) int {
		if c := roleColumn(a.Role) - roleColumn(b.Role); c != 0 {
			return c
		}
		return strings.Compare(a.Profile+"\x00"+a.Path, b.Profile+"\x00"+b.Path)
	})
	return list
}
