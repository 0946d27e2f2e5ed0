package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// writer is the one goroutine that writes, with a connection of its own.
type writer struct {
	store *Store
	conn  *sql.Conn
	open  map[time.Time]*dayWriter
	turn  int       // counts commits, to tell which day was written last
	busy  bool      // wrote since the last tick
	today time.Time // at the last tick
	hour  time.Time // of the last look at the retention
}

func newWriter(ctx context.Context, s *Store) (*writer, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("embedded: writer: %w", err)
	}
	return &writer{store: s, conn: conn, open: map[time.Time]*dayWriter{}, today: s.today(), hour: s.hour()}, nil
}

func (s *Store) hour() time.Time { return s.config.Now().UTC().Truncate(time.Hour) }

// run writes until the queue is closed and empty. Ticks come from a ticker of
// its own unless the caller brings them.
func (w *writer) run(ticks <-chan time.Time) {
	defer close(w.store.ended)
	if ticks == nil {
		t := time.NewTicker(tickEvery)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case b, ok := <-w.store.queue:
			if !ok {
				w.end()
				return
			}
			w.write(w.gather(b))
		case e := <-w.store.errands:
			e.done <- e.run(w)
		case <-ticks:
			w.tick()
		}
	}
}

// gather takes what else is waiting, and waits a moment when that is little:
// one commit for many documents costs as much as one for one.
func (w *writer) gather(b *batch) []*batch {
	group, documents := []*batch{b}, len(b.rows)
	var wait <-chan time.Time
	if documents < gatherEnough {
		t := time.NewTimer(gatherFor)
		defer t.Stop()
		wait = t.C
	}
	for documents < gatherMost {
		next, ok := w.next(wait, documents)
		if !ok {
			break
		}
		group, documents = append(group, next), documents+len(next.rows)
	}
	return group
}

// next is another batch: at once, or within the wait while there are few documents.
func (w *writer) next(wait <-chan time.Time, documents int) (*batch, bool) {
	select {
	case b, ok := <-w.store.queue:
		return b, ok
	default:
	}
	if wait == nil || documents >= gatherEnough {
		return nil, false
	}
	select {
	case b, ok := <-w.store.queue:
		return b, ok
	case <-wait:
		return nil, false
	}
}

// write commits a group day by day, oldest first, and then acknowledges its
// batches. The documents of a day that fails get its error, others do not.
func (w *writer) write(group []*batch) {
	byDay := map[time.Time][]*pending{}
	for _, b := range group {
		for i, r := range b.rows {
			byDay[r.day] = append(byDay[r.day], &pending{row: r, result: &b.results[b.at[i]]})
		}
	}
	for _, start := range sortedDays(byDay) {
		w.writeDay(start, byDay[start])
	}
	for _, b := range group {
		w.store.waiting.Add(-b.bytes)
		close(b.done)
	}
	w.busy = true
	w.trim()
}

func sortedDays[V any](m map[time.Time]V) []time.Time {
	days := make([]time.Time, 0, len(m))
	for start := range m {
		days = append(days, start)
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

func (w *writer) writeDay(start time.Time, list []*pending) {
	err := w.commitDay(start, list)
	if err != nil {
		w.drop(start)
		err = fmt.Errorf("embedded: write: %w", err)
		w.store.config.Logger.Error("documents not written", "day", start.Format(time.DateOnly), "documents", len(list), "error", err)
	} else {
		w.store.written.Add(int64(len(list)))
	}
	for _, p := range list {
		p.result.Err = err
		if p.result.ID == "" && err == nil {
			p.result.ID = madeID(start, p.seq)
		}
	}
}

func (w *writer) commitDay(start time.Time, list []*pending) error {
	d, err := w.dayWriter(start)
	if err != nil {
		return err
	}
	w.turn++
	d.turn = w.turn
	if err := d.commit(list); err != nil {
		return fileFault(d.day.path, err, errWrite)
	}
	return nil
}

// madeID is the id of a document that came without one.
func madeID(start time.Time, seq int64) string {
	return start.Format("20060102") + "-" + strconv.FormatInt(seq, 10)
}

// dayWriter opens a day for writing, making its file when there is none.
func (w *writer) dayWriter(start time.Time) (*dayWriter, error) {
	if d := w.open[start]; d != nil {
		return d, nil
	}
	ctx := context.Background()
	s := w.store
	s.mu.RLock()
	d, l := s.days[start], s.layouts[start]
	s.mu.RUnlock()
	if l == nil {
		return nil, errGone // removed between parsing and writing
	}
	if d == nil {
		var err error
		if d, err = s.createDay(ctx, start, l.promoted); err != nil {
			return nil, err
		}
	}
	if err := d.acquire(ctx); err != nil {
		return nil, err
	}
	o, err := openDay(ctx, w, d, l)
	if err != nil {
		d.release()
		return nil, err
	}
	w.open[start] = o
	return o, nil
}

// drop closes a day whose write failed and lets its file go: the next write
// and the next reader open it anew.
func (w *writer) drop(start time.Time) {
	d := w.open[start]
	if d == nil {
		return
	}
	delete(w.open, start)
	d.rollback()
	d.day.reopen()
	d.day.release()
}

// trim closes the days written longest ago when too many are open.
func (w *writer) trim() {
	for len(w.open) > openDays {
		var oldest *dayWriter
		for _, d := range w.open {
			if oldest == nil || d.turn < oldest.turn {
				oldest = d
			}
		}
		w.shut(oldest)
	}
}

// shut folds a day's write-ahead log into its file and closes its appender.
func (w *writer) shut(d *dayWriter) {
	delete(w.open, d.day.start)
	if err := errors.Join(d.checkpoint(), d.close()); err != nil {
		w.store.config.Logger.Error("day file not folded", "file", d.day.path, "error", err)
		d.day.reopen()
	}
	d.day.release()
}

// tick does what need not be done at once: it folds the logs of idle days and
// of days that are over, and looks at the retention once an hour and at each
// new day.
func (w *writer) tick() {
	s := w.store
	today, hour := s.today(), s.hour()
	if !today.Equal(w.today) {
		w.rollOver(today)
	}
	if !w.busy {
		w.fold()
	}
	w.busy = false
	if !hour.Equal(w.hour) || !today.Equal(w.today) {
		w.retain()
	}
	w.today, w.hour = today, hour
}

func (w *writer) rollOver(today time.Time) {
	for start, d := range w.open {
		if start.Before(today) {
			w.shut(d)
		}
	}
}

func (w *writer) fold() {
	for start, d := range w.open {
		if err := d.checkpoint(); err != nil {
			w.store.config.Logger.Error("day file not folded", "file", d.day.path, "error", err)
			w.drop(start)
		}
	}
}

func (w *writer) retain() {
	if err := w.store.retain(w.shutDay); err != nil {
		w.store.config.Logger.Error("old days not removed", "error", err)
	}
}

// shutDay shuts a day where it is open.
func (w *writer) shutDay(start time.Time) {
	if d := w.open[start]; d != nil {
		w.shut(d)
	}
}

// end shuts all days and the connection.
func (w *writer) end() {
	for _, d := range w.open {
		w.shut(d)
	}
	if err := w.conn.Close(); err != nil {
		w.store.config.Logger.Error("writer's connection", "error", err)
	}
}
