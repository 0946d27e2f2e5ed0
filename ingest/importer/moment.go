package importer

import (
	"regexp"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"jikimi/telemetry"
)

// clock reads the time of documents by the role profiles, as a store does.
type clock struct {
	parser   fastjson.Parser
	profiles []profile
}

// profile is where documents of one kind have their time.
type profile struct {
	marks [][]path
	times []path
}

// path is a dotted path, whole and in parts: a key may hold dots itself.
type path struct {
	whole string
	parts []string
}

func newClock() *clock {
	c := &clock{}
	for _, p := range telemetry.Profiles() {
		var known profile
		for _, set := range p.Marks {
			known.marks = append(known.marks, newPaths(set))
		}
		for _, f := range p.Fields[telemetry.RoleTime] {
			known.times = append(known.times, newPath(f.Path))
		}
		c.profiles = append(c.profiles, known)
	}
	return c
}

func newPaths(list []string) []path {
	out := make([]path, len(list))
	for i, p := range list {
		out[i] = newPath(p)
	}
	return out
}

func newPath(p string) path { return path{p, strings.Split(p, ".")} }

func (p path) in(v *fastjson.Value) *fastjson.Value {
	if at := v.Get(p.parts...); at != nil {
		return at
	}
	return v.Get(p.whole)
}

// of is the time of a document, and whether it says one.
func (c *clock) of(document []byte) (time.Time, bool) {
	v, err := c.parser.ParseBytes(document)
	if err != nil {
		return time.Time{}, false
	}
	for _, p := range c.profiles {
		if p.fits(v) {
			return p.time(v)
		}
	}
	return time.Time{}, false
}

func (p profile) fits(v *fastjson.Value) bool {
	for _, set := range p.marks {
		if hasAll(v, set) {
			return true
		}
	}
	return len(p.marks) == 0
}

func hasAll(v *fastjson.Value, set []path) bool {
	for _, p := range set {
		if at := p.in(v); at == nil || at.Type() == fastjson.TypeNull {
			return false
		}
	}
	return true
}

func (p profile) time(v *fastjson.Value) (time.Time, bool) {
	for _, at := range p.times {
		if t, ok := readTime(at.in(v)); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

func readTime(v *fastjson.Value) (time.Time, bool) {
	if v == nil {
		return time.Time{}, false
	}
	switch v.Type() {
	case fastjson.TypeString:
		return telemetry.ParseTime(string(v.GetStringBytes()))
	case fastjson.TypeNumber:
		return telemetry.EpochTime(v.GetFloat64())
	}
	return time.Time{}, false
}

var isoTime = regexp.MustCompile(`^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)(?:\W|$)`)

// textTime is the time that a line of text begins with. A wall clock without a
// zone is none.
func textTime(text []byte) (time.Time, bool) {
	m := isoTime.FindSubmatch(text[:min(len(text), 64)])
	if m == nil {
		return time.Time{}, false
	}
	fraction := ""
	if len(m[3]) > 0 {
		fraction = "." + string(m[3])
	}
	zone := string(m[4])
	if len(zone) == len("+0900") {
		zone = zone[:3] + ":" + zone[3:]
	}
	return telemetry.ParseTime(string(m[1]) + "T" + string(m[2]) + fraction + zone)
}
