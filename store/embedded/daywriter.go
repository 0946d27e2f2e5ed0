package embedded

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"jikimi/ingest"
)

// pending is a row on its way and the result that waits for it.
type pending struct {
	row    *row
	seq    int64
	result *ingest.Result
}

// dayWriter writes one day's file, through an appender that stays open.
type dayWriter struct {
	day      *day
	layout   *layout
	conn     *sql.Conn
	profiles []*profile
	appender *duckdb.Appender
	next     int64 // sequence
	shapes   map[shape]int32
	texts    map[string]int32 // numbers of shapes by their text
	nextID   int32
	fields   map[field]struct{}
	dirty    bool // has something to fold
	turn     int
	args     []driver.Value
	newbies  news
}

// field is a row of the table fields.
type field struct{ env, source, path, kind string }

// news is what a batch adds to the small tables.
type news struct {
	fields     []field
	shapes     map[int32]storedShape
	signatures []uint64
}

const (
	mostFields     = 100_000 // a day, that are remembered
	mostShapes     = 20_000  // a day; documents of further ones are kept as text
	mostFieldBytes = 1024    // of a path in the table fields
	newsRows       = 250     // of a small table in one statement
)

func openDay(ctx context.Context, w *writer, d *day, l *layout) (*dayWriter, error) {
	o := &dayWriter{
		day: d, layout: l, conn: w.conn, profiles: w.store.profiles,
		shapes: map[shape]int32{}, fields: map[field]struct{}{},
	}
	var err error
	if o.texts, o.nextID, err = d.shapes.texts(); err != nil {
		return nil, err
	}
	row := w.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) + 1 FROM "+d.name+".doc")
	if err := row.Scan(&o.next); err != nil {
		return nil, fileFault(d.path, err, ErrCorrupt)
	}
	if err := o.loadFields(ctx); err != nil {
		return nil, fileFault(d.path, err, ErrCorrupt)
	}
	err = w.conn.Raw(func(c any) error {
		o.appender, err = duckdb.NewAppender(c.(driver.Conn), d.name, "main", "doc")
		return err
	})
	return o, err
}

func (d *dayWriter) loadFields(ctx context.Context) (err error) {
	rows, err := d.conn.QueryContext(ctx, "SELECT env, source, path, type FROM "+d.day.name+".fields")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var f field
		if err := rows.Scan(&f.env, &f.source, &f.path, &f.kind); err != nil {
			return err
		}
		d.fields[f] = struct{}{}
	}
	return rows.Err()
}

// commit writes rows in one transaction with the fields and shapes that they
// bring. After an error the day must be closed and opened anew.
func (d *dayWriter) commit(list []*pending) error {
	ctx := context.Background()
	d.newbies = news{shapes: map[int32]storedShape{}}
	d.dirty = true
	if _, err := d.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	for _, p := range list {
		if err := d.append(p); err != nil {
			return err
		}
	}
	if err := d.appender.Flush(); err != nil {
		return err
	}
	if err := d.insertNews(ctx); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return err
	}
	d.settle(list)
	return nil
}

func (d *dayWriter) append(p *pending) error {
	id, err := d.shapeID(p.row)
	if err != nil {
		return err
	}
	p.seq = d.next
	d.next++
	r := p.row
	a := append(d.args[:0], r.values[atTime], r.arrived, p.seq, text(r.id), r.index, r.env, r.source, string(r.kind), id)
	a = append(a, r.values[atTime+1:]...)
	a = append(a, text(r.rest), text(r.raw))
	for i := range d.layout.promoted {
		a = append(a, r.promoted[i])
	}
	d.args = a
	d.meet(r)
	return d.appender.AppendRow(a...)
}

// text is NULL for the empty text.
func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// meet notes a row's fields that the file lacks.
func (d *dayWriter) meet(r *row) {
	if r.fields == nil {
		return
	}
	for _, f := range r.fields {
		key := field{r.env, r.source, f.path, f.kind.String()}
		if _, known := d.fields[key]; known || len(d.fields) >= mostFields || len(f.path) > mostFieldBytes {
			continue
		}
		key.path = strings.Clone(key.path)
		d.fields[key] = struct{}{}
		d.newbies.fields = append(d.newbies.fields, key)
	}
	d.newbies.signatures = append(d.newbies.signatures, r.signature)
}

// shapeID is the number of a row's shape. When there are too many shapes, the
// row is changed to keep the document as text, which needs none.
func (d *dayWriter) shapeID(r *row) (int32, error) {
	if id, ok := d.shapes[r.shape]; ok {
		return id, nil
	}
	if len(d.texts) >= mostShapes {
		if err := r.asText(d); err != nil {
			return 0, err
		}
	}
	s := r.shape.stored(d.profiles)
	text, err := s.text()
	if err != nil {
		return 0, err
	}
	id, ok := d.texts[text]
	if !ok {
		id = d.nextID
		d.nextID++
		d.texts[text], d.newbies.shapes[id] = id, s
	}
	d.shapes[r.shape] = id
	return id, nil
}

// asText rebuilds the document and keeps it whole.
func (r *row) asText(d *dayWriter) error {
	k := kept{shape: r.shape.stored(d.profiles), rest: r.rest, raw: r.raw}
	for i, v := range r.values {
		k.values[i] = v
	}
	for _, v := range r.promoted {
		k.promoted = append(k.promoted, v)
	}
	source, err := k.source(d.layout)
	if err != nil {
		return err
	}
	r.raw, r.rest, r.shape = string(source), "", shape{profile: r.shape.profile}
	return nil
}

// insertNews adds new fields and shapes, many with one statement: each
// statement of a transaction takes memory of its own.
func (d *dayWriter) insertNews(ctx context.Context) error {
	for some := range slices.Chunk(d.newbies.fields, newsRows) {
		args := make([]any, 0, 4*len(some))
		for _, f := range some {
			args = append(args, f.env, f.source, f.path, f.kind)
		}
		if err := d.insert(ctx, "fields", 4, args); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(d.newbies.shapes)), newsRows) {
		args := make([]any, 0, 2*len(some))
		for _, id := range some {
			text, err := d.newbies.shapes[id].text()
			if err != nil {
				return err
			}
			args = append(args, id, text)
		}
		if err := d.insert(ctx, "shapes", 2, args); err != nil {
			return err
		}
	}
	return nil
}

// insert adds rows of so many columns to one of the small tables.
func (d *dayWriter) insert(ctx context.Context, table string, columns int, args []any) error {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + "), "
	values := strings.TrimSuffix(strings.Repeat(row, len(args)/columns), ", ")
	_, err := d.conn.ExecContext(ctx, "INSERT INTO "+d.day.name+"."+table+" VALUES "+values, args...)
	return err
}

// settle makes known what is committed.
func (d *dayWriter) settle(list []*pending) {
	for id, s := range d.newbies.shapes {
		d.day.shapes.add(id, s)
	}
	for _, signature := range d.newbies.signatures {
		d.layout.remember(signature)
	}
	for _, p := range list {
		if p.row.counted {
			d.day.counts.add(p.row.fields)
		}
	}
}

func (d *dayWriter) rollback() {
	_ = d.appender.Clear()                                      // what failed is given up
	_ = d.appender.Close()                                      // nothing is left to flush
	_, _ = d.conn.ExecContext(context.Background(), "ROLLBACK") // there may be no transaction any more
}

func (d *dayWriter) close() error {
	if err := d.appender.Close(); err != nil {
		return fmt.Errorf("embedded: appender: %w", err)
	}
	return nil
}

// checkpoint keeps the counts of paths and folds the write-ahead log into the file.
func (d *dayWriter) checkpoint() error {
	if !d.dirty {
		return nil
	}
	ctx := context.Background()
	counts, err := d.day.counts.text()
	if err != nil {
		return err
	}
	if err := d.keepCounts(ctx, counts); err != nil {
		_, _ = d.conn.ExecContext(ctx, "ROLLBACK") // the first error says why
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "CHECKPOINT "+d.day.name); err != nil {
		return err
	}
	d.dirty = false
	return nil
}

func (d *dayWriter) keepCounts(ctx context.Context, counts string) error {
	if _, err := d.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "DELETE FROM "+d.day.name+".meta WHERE k = $1", metaCounts); err != nil {
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "INSERT INTO "+d.day.name+".meta VALUES ($1, $2)", metaCounts, counts); err != nil {
		return err
	}
	_, err := d.conn.ExecContext(ctx, "COMMIT")
	return err
}
