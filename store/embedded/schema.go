package embedded

import (
	"fmt"
	"slices"
	"strings"

	"jikimi/telemetry"
)

// schemaVersion is that of day files. Files of another one are not read.
const schemaVersion = 1

// The table doc has one row a document. No key, index, default, generated
// column, view or later ALTER: replaying a write-ahead log after those fails
// (duckdb#20543, #22044).
const (
	columnsBefore = `"time" TIMESTAMP, arrived TIMESTAMP, seq BIGINT, id VARCHAR, index_name VARCHAR, env VARCHAR, source VARCHAR, kind VARCHAR, shape INTEGER`
	columnsAfter  = `rest VARCHAR, raw VARCHAR`
)

// roleColumn is the place of a role among the roles, -1 for one without a column.
func roleColumn(r telemetry.Role) int { return slices.Index(roles[:], r) }

// column is the SQL name of a role's column.
func column(r telemetry.Role) string { return `"` + string(r) + `"` }

func columnType(r telemetry.Role) string {
	switch r {
	case telemetry.RoleStatus:
		return "BIGINT"
	case telemetry.RoleDuration, telemetry.RoleValue:
		return "DOUBLE"
	}
	return "VARCHAR"
}

// promotedColumn is the SQL name of the i-th promoted path: the path itself
// comes from documents and stays out of statements.
func promotedColumn(i int) string { return fmt.Sprintf("p%d", i) }

// createTables are the statements that make a day file's tables.
func createTables(name string, promoted []promotedPath) []string {
	columns := []string{columnsBefore}
	for _, r := range roles[atTime+1:] {
		columns = append(columns, column(r)+" "+columnType(r))
	}
	columns = append(columns, columnsAfter)
	for i, p := range promoted {
		columns = append(columns, promotedColumn(i)+" "+p.Type)
	}
	return []string{
		"CREATE TABLE " + name + ".doc (" + strings.Join(columns, ", ") + ")",
		"CREATE TABLE " + name + ".fields (env VARCHAR, source VARCHAR, path VARCHAR, type VARCHAR)",
		"CREATE TABLE " + name + ".shapes (id INTEGER, shape VARCHAR)",
		"CREATE TABLE " + name + ".meta (k VARCHAR, v VARCHAR)",
	}
}

// Keys of the table meta.
const (
	metaVersion  = "version"
	metaPromoted = "promoted"
	metaCounts   = "counts"
)
