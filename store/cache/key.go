package cache

import (
	"net/url"
	"strconv"
	"strings"

	"jikimi/telemetry"
)

// key names a question twice: exact with its resolved times, and as it was
// written, without them.
type key struct{ exact, written string }

// keyOf joins the parts with a byte that none of them holds.
func keyOf(question string, v url.Values, r telemetry.Range, a telemetry.Allow) key {
	written := strings.Join([]string{question, v.Encode(), r.Zone.String(), a.Key()}, "\x01")
	times := strconv.FormatInt(r.From.UnixNano(), 36) + "\x01" + strconv.FormatInt(r.To.UnixNano(), 36)
	return key{exact: written + "\x01" + times, written: written}
}
