package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"jikimi/telemetry"
)

// storedAtOnce is how many ids one statement looks for.
const storedAtOnce = 1000

// Stored returns the indices that hold a document of an id which a client
// gave, for those of the ids that are stored. It reads the ids of all days, as
// ids have no order; a day that cannot be read is an error.
func (s *Store) Stored(ctx context.Context, ids []string) (map[string][]string, error) {
	found := map[string][]string{}
	for _, d := range s.allDays() {
		for some := range slices.Chunk(ids, storedAtOnce) {
			if err := s.storedOn(ctx, d.start, some, found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (s *Store) storedOn(ctx context.Context, start time.Time, ids []string, found map[string][]string) error {
	var meta telemetry.Meta
	err := s.read(ctx, start, start.Add(1), &meta, func(r *reading) error {
		if len(r.days) == 0 {
			return nil
		}
		st := &statement{}
		st.addf("SELECT DISTINCT id, index_name FROM %s.doc WHERE id IN (%s)", r.days[0].name, st.list(ids, "%s"))
		return r.query(ctx, st, func(rows *sql.Rows) error {
			var id, index string
			if err := rows.Scan(&id, &index); err != nil {
				return err
			}
			if !slices.Contains(found[id], index) { // a question may be asked twice
				found[id] = append(found[id], index)
			}
			return nil
		})
	})
	if err == nil && meta.Partial {
		err = fmt.Errorf("the day %s cannot be read", start.Format(time.DateOnly))
	}
	return answer(ctx, "stored", err)
}
