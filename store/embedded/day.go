package embedded

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// day is one day's file. It is attached while it is used and stays attached
// until the retention removes it or the writer has to open it anew.
type day struct {
	start time.Time
	name  string // d20261122, also what SQL calls it
	path  string
	db    *sql.DB

	mu       sync.Mutex
	attached bool
	gone     bool // to be removed when the last reader leaves
	readers  int
	times    int // it was attached: tells whether it was opened anew
	promoted []promotedPath
	counts   counts

	shapes shapeBook
}

// errGone is a day that the retention removed.
var errGone = errors.New("day was removed")

var dayFile = regexp.MustCompile(`^d(\d{8})\.duckdb$`)

func (s *Store) newDay(start time.Time) *day {
	name := "d" + start.Format("20060102")
	return &day{start: start, name: name, path: filepath.Join(s.config.Dir, name+".duckdb"), db: s.db}
}

// findDays registers the folder's day files and removes what a crash left of
// files that were being made.
func (s *Store) findDays() error {
	entries, err := os.ReadDir(s.config.Dir)
	if err != nil {
		return folderFault(s.config.Dir, err)
	}
	for _, e := range entries {
		if m := dayFile.FindStringSubmatch(e.Name()); m != nil {
			if start, err := time.Parse("20060102", m[1]); err == nil {
				s.days[start] = s.newDay(start)
			}
		}
		if strings.HasSuffix(e.Name(), unfinished) || strings.HasSuffix(e.Name(), unfinished+".wal") {
			if err := os.Remove(filepath.Join(s.config.Dir, e.Name())); err != nil {
				return folderFault(s.config.Dir, err)
			}
		}
	}
	return nil
}

// checkNewest attaches the newest day at once, so that a folder of a newer
// version, or one that another process uses, is refused before anything is
// written. A damaged file is only logged.
func (s *Store) checkNewest(ctx context.Context) error {
	days := s.allDays()
	if len(days) == 0 {
		return nil
	}
	newest := days[len(days)-1]
	err := newest.acquire(ctx)
	if err == nil {
		newest.release()
		return nil
	}
	if errors.Is(err, ErrNewer) || errors.Is(err, ErrInUse) || errors.Is(err, ErrReadOnly) {
		return err
	}
	s.config.Logger.Error("day file cannot be read", "file", newest.path, "error", err)
	return nil
}

// allDays are the registered days, oldest first.
func (s *Store) allDays() []*day {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]*day, 0, len(s.days))
	for _, d := range s.days {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *day) int { return a.start.Compare(b.start) })
	return list
}

// daysIn are the registered days that overlap [from, to), oldest first.
func (s *Store) daysIn(from, to time.Time) []*day {
	first := dayOf(from)
	return slices.DeleteFunc(s.allDays(), func(d *day) bool {
		return d.start.Before(first) || !d.start.Before(to)
	})
}

// acquire attaches the day when it is not, and keeps it from being removed
// until release.
func (d *day) acquire(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return errGone
	}
	if !d.attached {
		if err := d.attach(ctx); err != nil {
			return err
		}
	}
	d.readers++
	return nil
}

func (d *day) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readers--
	if d.gone && d.readers == 0 {
		_ = d.removeFiles() // what stays is removed when the folder is opened next
	}
}

// attach opens the file and reads what it says about itself, whether the asker
// stays or not: the next one needs it, too. mu is held.
func (d *day) attach(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := d.db.ExecContext(ctx, "ATTACH "+literal(d.path)+" AS "+d.name); err != nil {
		return fileFault(d.path, err, ErrCorrupt)
	}
	if err := d.readMeta(ctx); err != nil {
		return errors.Join(err, d.detach())
	}
	d.attached = true
	d.times++
	return nil
}

func (d *day) detach() error {
	d.attached = false
	if _, err := d.db.ExecContext(context.Background(), "DETACH "+d.name); err != nil {
		return fmt.Errorf("embedded: detach %s: %w", d.name, err)
	}
	return nil
}

func (d *day) readMeta(ctx context.Context) error {
	meta, err := d.pairs(ctx, "SELECT k, v FROM "+d.name+".meta")
	if err != nil {
		return fileFault(d.path, err, ErrCorrupt)
	}
	version, err := strconv.Atoi(meta[metaVersion])
	if err != nil {
		return &FileError{File: d.path, Kind: ErrCorrupt, Err: err}
	}
	if version != schemaVersion {
		return &FileError{File: d.path, Kind: ErrNewer, Err: fmt.Errorf("schema version %d, this program reads %d", version, schemaVersion)}
	}
	if err := json.Unmarshal([]byte(meta[metaPromoted]), &d.promoted); err != nil {
		return &FileError{File: d.path, Kind: ErrCorrupt, Err: err}
	}
	if text := meta[metaCounts]; text != "" && d.times == 0 {
		if err := d.counts.load(text); err != nil {
			return &FileError{File: d.path, Kind: ErrCorrupt, Err: err}
		}
	}
	shapes, err := d.pairs(ctx, "SELECT id::VARCHAR, shape FROM "+d.name+".shapes")
	if err != nil {
		return fileFault(d.path, err, ErrCorrupt)
	}
	return d.shapes.load(shapes)
}

// pairs reads two columns of text.
func (d *day) pairs(ctx context.Context, query string) (_ map[string]string, err error) {
	rows, err := d.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, rows.Err()
}

// remove takes the day away: at once, or when its last reader leaves.
func (d *day) remove() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
	if d.readers > 0 {
		return nil
	}
	return d.removeFiles()
}

func (d *day) removeFiles() error {
	if d.attached {
		if err := d.detach(); err != nil {
			return err
		}
	}
	err := os.Remove(d.path)
	if wal := os.Remove(d.path + ".wal"); !errors.Is(wal, fs.ErrNotExist) {
		err = errors.Join(err, wal)
	}
	return err
}

// reopen detaches a day whose file failed, so that the next use opens it anew.
func (d *day) reopen() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.attached {
		_ = d.detach() // DuckDB complains about the file again; it is detached all the same
	}
}

// unfinished ends the name of a file that is being made.
const unfinished = ".new"

// createDay makes a day's file, complete before it gets its name: a crash
// leaves either the whole file or none.
func (s *Store) createDay(ctx context.Context, start time.Time, promoted []promotedPath) (*day, error) {
	d := s.newDay(start)
	if err := d.create(ctx, promoted); err != nil {
		return nil, errors.Join(fileFault(d.path, err, errWrite), d.abandon())
	}
	if err := os.Rename(d.path+unfinished, d.path); err != nil {
		return nil, errors.Join(folderFault(d.path, err), d.abandon())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.days[start] = d
	return d, nil
}

func (d *day) create(ctx context.Context, promoted []promotedPath) (err error) {
	columns, err := json.Marshal(promoted)
	if err != nil {
		return err
	}
	if _, err := d.db.ExecContext(ctx, "ATTACH "+literal(d.path+unfinished)+" AS "+d.name+" (STORAGE_VERSION 'v1.5.0')"); err != nil {
		return err
	}
	defer func() {
		_, detached := d.db.ExecContext(ctx, "DETACH "+d.name)
		err = errors.Join(err, detached)
	}()
	return d.fill(ctx, createTables(d.name, promoted), string(columns))
}

// fill makes the tables in one transaction and folds them into the file at once.
func (d *day) fill(ctx context.Context, tables []string, promoted string) (err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	statements := append([]string{"BEGIN"}, tables...)
	statements = append(statements, "INSERT INTO "+d.name+".meta VALUES ("+literal(metaVersion)+", "+literal(strconv.Itoa(schemaVersion))+
		"), ("+literal(metaPromoted)+", "+literal(promoted)+")", "COMMIT", "CHECKPOINT "+d.name)
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK") // the first error says why
			return err
		}
	}
	return nil
}

// abandon removes what is left of a file that could not be made.
func (d *day) abandon() error {
	var errs []error
	for _, name := range []string{d.path + unfinished, d.path + unfinished + ".wal"} {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
