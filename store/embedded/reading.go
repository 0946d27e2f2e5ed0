package embedded

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"jikimi/telemetry"
)

// reading is one question at work: the days it may use and what was found
// about them.
type reading struct {
	store *Store
	days  []*day
	meta  *telemetry.Meta
	start time.Time
}

// read takes one of the few slots, holds the days of the range and lets ask
// ask about them. A day whose file cannot be read is left out, with a notice;
// the answer is then partial.
func (s *Store) read(ctx context.Context, from, to time.Time, meta *telemetry.Meta, ask func(*reading) error) error {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.isClosed() {
		return ErrClosed
	}
	r := &reading{store: s, meta: meta, start: time.Now()}
	if err := r.hold(ctx, s.daysIn(from, to)); err != nil {
		return err
	}
	defer func() { r.release() }()
	return r.attempt(ctx, ask)
}

func (s *Store) isClosed() bool {
	s.sending.RLock()
	defer s.sending.RUnlock()
	return s.closed
}

// hold acquires the days.
func (r *reading) hold(ctx context.Context, days []*day) error {
	for _, d := range days {
		err := d.acquire(ctx)
		switch {
		case err == nil:
			r.days = append(r.days, d)
		case ctx.Err() != nil:
			r.release()
			return ctx.Err()
		case !errors.Is(err, errGone):
			r.unreadable(d, err)
		}
	}
	return nil
}

func (r *reading) release() {
	for _, d := range r.days {
		d.release()
	}
	r.days = nil
}

func (r *reading) unreadable(d *day, err error) {
	day := d.start.Format(time.DateOnly)
	r.store.config.Logger.Error("day file cannot be read", "file", d.path, "error", err)
	r.meta.Partial = true
	r.meta.Notices = append(r.meta.Notices, telemetry.Notice{
		Code: telemetry.NoticeDayUnreadable, Params: map[string]string{"day": day},
	})
}

// attempt asks, and when that fails finds the days at fault by reading each of
// them alone, and asks once more without them. Days that the writer had to
// open anew meanwhile are asked again, too.
func (r *reading) attempt(ctx context.Context, ask func(*reading) error) error {
	err := ask(r)
	if err == nil || ctx.Err() != nil || errors.Is(err, telemetry.ErrInvalid) {
		return err
	}
	held := r.days
	r.days = nil
	var again []*day
	for _, d := range held {
		d.release()
		again = append(again, d)
	}
	if err := r.hold(ctx, again); err != nil {
		return err
	}
	if err := r.sift(ctx); err != nil {
		return err
	}
	return ask(r)
}

// sift lets go of the days whose rows cannot be read.
func (r *reading) sift(ctx context.Context) error {
	var sound []*day
	for _, d := range r.days {
		err := d.probe(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.unreadable(d, err)
			d.release()
			continue
		}
		sound = append(sound, d)
	}
	r.days = sound
	return nil
}

// probe reads all that questions read of a day.
func (d *day) probe(ctx context.Context) error {
	var n sql.NullInt64
	row := d.db.QueryRowContext(ctx, `SELECT count("time") + count(kind) + count(shape) + sum(length(host)) + sum(duration) + sum(status)
		+ sum(length(env)) + sum(length(source)) + sum(length(route)) + sum(length(method)) + sum(length(level)) + sum(length("user")) + sum(length(protocol)) FROM `+d.name+".doc")
	var sum sql.NullFloat64
	if err := row.Scan(&sum); err != nil {
		return err
	}
	row = d.db.QueryRowContext(ctx, "SELECT sum(length(path)) FROM "+d.name+".fields")
	return row.Scan(&n)
}

// query runs a statement and hands each row to scan.
func (r *reading) query(ctx context.Context, s *statement, scan func(*sql.Rows) error) (err error) {
	rows, err := r.store.db.QueryContext(ctx, s.String(), s.args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// finish says when and by which statement the question was answered.
func (r *reading) finish(s *statement, documents int64, fields []telemetry.FieldUse, estimate string) {
	days := make([]string, len(r.days))
	for i, d := range r.days {
		days[i] = d.start.Format(time.DateOnly)
	}
	r.meta.Evidence = append(r.meta.Evidence, telemetry.Evidence{
		Store: "duckdb", Query: s.evidence(), Indices: days, Took: time.Since(r.start),
		Documents: documents, Fields: fields, Estimate: estimate,
	})
}

// answer turns the error of a question into one of those it may return.
func answer(ctx context.Context, what string, err error) error {
	if err == nil || errors.Is(err, telemetry.ErrInvalid) {
		return err
	}
	return unavailable(ctx, "embedded: "+what, err)
}

// noteRetention says that a range begins before the oldest day kept.
func (s *Store) noteRetention(meta *telemetry.Meta, from time.Time) {
	oldest := s.oldestKept()
	if !from.Before(oldest) {
		return
	}
	meta.Notices = append(meta.Notices, telemetry.Notice{
		Code: telemetry.NoticeRetention, Params: map[string]string{"oldest": oldest.Format(time.RFC3339)},
	})
}
