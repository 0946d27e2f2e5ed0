package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// openDuckDB opens the in-memory main database, shut off from the network and
// from all files outside the data folder, and locks these settings.
func openDuckDB(ctx context.Context, c Config) (*sql.DB, error) {
	connector, err := duckdb.NewConnector("?"+connectorOptions(c).Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("embedded: duckdb: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(readers + 2)
	for _, set := range settings(c) {
		if _, err := db.ExecContext(ctx, set); err != nil {
			return nil, errors.Join(fmt.Errorf("embedded: duckdb: %s: %w", set, err), db.Close())
		}
	}
	return db, nil
}

func connectorOptions(c Config) url.Values {
	return url.Values{
		"memory_limit":                 {c.MemoryLimit},
		"threads":                      {strconv.Itoa(c.Threads)},
		"checkpoint_threshold":         {"64MB"},
		"preserve_insertion_order":     {"false"},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"temp_directory":               {filepath.Join(c.Dir, "tmp")},
	}
}

func settings(c Config) []string {
	return []string{
		"SET GLOBAL late_materialization_max_rows = 1000",
		"SET GLOBAL max_temp_directory_size = '2GB'",
		"SET GLOBAL allowed_directories = [" + literal(c.Dir+string(filepath.Separator)) + "]",
		"SET GLOBAL allow_community_extensions = false",
		"SET GLOBAL enable_external_access = false",
		"SET GLOBAL TimeZone = 'UTC'",
		"SET GLOBAL lock_configuration = true",
	}
}

// literal is text as an SQL literal. Only paths and the evidence need it:
// values are bound.
func literal(s string) string {
	s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
	return strings.ReplaceAll(s, "\x00", "' || chr(0) || '")
}
