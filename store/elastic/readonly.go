package elastic

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// errNotRead is a request that is not in the table of reads.
var errNotRead = errors.New("elastic: not a request that only reads: refused before it was sent")

// Segments of paths in the table: literal, or one of these.
const (
	anyIndex = "{index}" // names and patterns by patternRule, with commas between
	anyWord  = "{word}"  // small letters, digits, dots, dashes, underscores, with commas between
)

// readPaths are all paths a method may be used on. POST on other paths writes:
// POST /_template/x, POST /_index_template/x, POST /{index}/_mapping do.
func readPaths(method string) []string {
	switch method {
	case "POST":
		return []string{
			"/_search", "/{index}/_search", "/_msearch", "/_count", "/{index}/_count",
			"/_field_caps", "/{index}/_field_caps", "/_cluster/allocation/explain",
		}
	case "GET", "HEAD":
		return []string{
			"/", "/_mapping", "/{index}/_mapping", "/_cat/{word}", "/_cat/{word}/{index}",
			"/_cluster/health", "/_cluster/health/{index}", "/_cluster/stats", "/_cluster/settings",
			"/_cluster/state", "/_cluster/state/{word}", "/_cluster/state/{word}/{index}",
			"/_nodes/stats", "/_resolve/index/{index}", "/_stats", "/{index}/_stats",
			"/_template", "/_template/{word}", "/_index_template", "/_index_template/{word}",
		}
	}
	return nil
}

// checkRead returns errNotRead unless the method and the whole path, as it
// would be sent, are in the table.
func checkRead(method string, u *url.URL) error {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.Opaque != "" || !slices.ContainsFunc(readPaths(method), func(want string) bool { return pathMatches(path, want) }) {
		return errNotRead
	}
	return nil
}

func pathMatches(path, want string) bool {
	got, wanted := strings.Split(path, "/"), strings.Split(want, "/")
	return slices.EqualFunc(got, wanted, segmentMatches)
}

func segmentMatches(got, want string) bool {
	switch want {
	case anyIndex:
		return all(got, patternRule.MatchString)
	case anyWord:
		return all(got, isWord)
	}
	return got == want
}

func all(list string, ok func(string) bool) bool {
	for item := range strings.SplitSeq(list, ",") {
		if !ok(item) {
			return false
		}
	}
	return true
}

// isWord takes the names of metrics, tables and templates; none begins with a
// dot, so that it is never a step up.
func isWord(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
		if !letter && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != ""
}
