package importer

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"jikimi/telemetry"
)

// DefaultIndex is the index of documents for which none is named.
const DefaultIndex = "import-{date}"

// datePlace is where the day goes in an index's name.
const datePlace = "{date}"

var indexPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,199}$`)

// CheckIndex refuses names that cannot be Config.Index, with a sentence that
// begins with the name.
func CheckIndex(name string) error {
	if name == "" || indexPattern.MatchString(strings.Replace(name, datePlace, "2026.11.22", 1)) {
		return nil
	}
	return fmt.Errorf("%.80q is not the name of an index; write small letters, digits, dots and dashes, with {date} for the day, such as logstash-prod-api-{date}", name)
}

// indexOn is the index that a name stands for on a day.
func indexOn(name string, at time.Time) string {
	return strings.Replace(name, datePlace, at.UTC().Format("2006.01.02"), 1)
}

// unreadableIndex is where documents go that cannot be read: the env stays,
// the source is `unreadable`, by the day where the index they were meant for
// goes by the day.
func unreadableIndex(meant string, at time.Time) string {
	n := telemetry.ParseIndex(meant)
	name := "unreadable"
	if n.Env != "" {
		name = "logstash-" + n.Env + "-" + name
	}
	if n.Day.IsZero() {
		return name
	}
	return indexOn(name+"-"+datePlace, at)
}
