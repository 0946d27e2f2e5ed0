package embedded

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// Document is a stored document.
type Document struct {
	// Index and ID are those it was sent with; ID is made when it had none.
	Index, ID string
	// Time is its time role, in UTC.
	Time time.Time
	// Source is JSON-equal to the text that came in.
	Source []byte
}

// Documents reads the documents of an index that have an id, in the order they
// were written: an id that was sent twice has two. None is no error. The
// caller decides who may see them.
func (s *Store) Documents(ctx context.Context, index, id string) ([]Document, error) {
	var list []Document
	each := func(d Document) error {
		list = append(list, d)
		return nil
	}
	for _, d := range s.allDays() {
		err := s.eachOf(ctx, d.start, each, func(st *statement) string {
			where := "index_name = " + st.arg(index) + " AND (id = " + st.arg(id)
			if seq, ok := madeSeq(d.start, id); ok {
				where += " OR id IS NULL AND seq = " + st.arg(seq)
			}
			return where + ")"
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// madeSeq is the sequence in an id that was made on a day.
func madeSeq(start time.Time, id string) (int64, bool) {
	text, ok := strings.CutPrefix(id, start.Format("20060102")+"-")
	if !ok {
		return 0, false
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	return seq, err == nil
}

// Export hands over every document of a UTC day, in the order they were
// written. An error of each ends it and comes back as it is.
func (s *Store) Export(ctx context.Context, start time.Time, each func(Document) error) error {
	return s.eachOf(ctx, dayOf(start), each, func(*statement) string { return "true" })
}

func (s *Store) eachOf(ctx context.Context, start time.Time, each func(Document) error, where func(*statement) string) error {
	var stopped error
	err := s.read(ctx, start, start.Add(1), &telemetry.Meta{}, func(r *reading) error {
		if len(r.days) == 0 {
			return nil
		}
		st := &statement{}
		d := r.days[0]
		st.addf("SELECT %s FROM %s.doc WHERE %s ORDER BY seq", documentColumns(d), d.name, where(st))
		err := r.query(ctx, st, func(rows *sql.Rows) error {
			doc, err := d.document(rows)
			if err == nil {
				stopped = each(doc)
				err = stopped
			}
			return err
		})
		if stopped != nil {
			return nil
		}
		return err
	})
	if stopped != nil {
		return stopped
	}
	return answer(ctx, "documents", err)
}

// documentColumns are id, sequence, index and all that a source is rebuilt from.
func documentColumns(d *day) string {
	columns := []string{"id", "seq", "index_name", "shape", "rest", "raw"}
	for _, r := range roles {
		columns = append(columns, column(r))
	}
	for i := range d.promoted {
		columns = append(columns, promotedColumn(i))
	}
	return strings.Join(columns, ", ")
}

func (d *day) document(rows *sql.Rows) (Document, error) {
	var id, rest, raw sql.NullString
	var seq int64
	var number int32
	var doc Document
	k := kept{promoted: make([]any, len(d.promoted))}
	into := []any{&id, &seq, &doc.Index, &number, &rest, &raw}
	for i := range k.values {
		into = append(into, &k.values[i])
	}
	for i := range k.promoted {
		into = append(into, &k.promoted[i])
	}
	if err := rows.Scan(into...); err != nil {
		return Document{}, err
	}
	k.rest, k.raw = rest.String, raw.String
	k.shape, _ = d.shapes.get(number)
	doc.Time, _ = k.values[atTime].(time.Time)
	if doc.ID = id.String; !id.Valid {
		doc.ID = madeID(d.start, seq)
	}
	var err error
	doc.Source, err = k.source(newLayout(d.promoted))
	return doc, err
}
