package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"jikimi/ingest"
)

const day = 24 * time.Hour

// demoNow is a Wednesday afternoon in Korea.
func demoNow() time.Time { return time.Date(2027, 3, 10, 6, 30, 20, 0, time.UTC) }

func theRecording(t *testing.T) *recording {
	t.Helper()
	r, err := loadRecording()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func theTimeline(t *testing.T, r *recording, seed uint64, past time.Duration) *timeline {
	t.Helper()
	l, err := newTimeline(r, demoDocuments, seed, demoNow().Add(-past), demoNow())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// stampPattern finds times down to the second in another way than the program
// does: `"time":"` and a date, or `"ts":` and ten digits.
func stampPattern() *regexp.Regexp {
	const date = `\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d|\d{10}`
	return regexp.MustCompile(`("(?:@timestamp|timestamp|time|Time|date|ts|at)":"?)(` + date + `)`)
}

// times are all times a document says, as if their zone were UTC.
func times(t *testing.T, pattern *regexp.Regexp, doc []byte) []time.Time {
	t.Helper()
	var out []time.Time
	for _, m := range pattern.FindAllSubmatch(doc, -1) {
		at, err := parseStamp(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, at)
	}
	return out
}

func parseStamp(text string) (at time.Time, err error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0).UTC(), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateTime, "Mon Jan 02 2006 15:04:05"} {
		if at, err = time.Parse(layout, text); err == nil {
			break
		}
	}
	return at, err
}

// Every document is a recorded one, all of whose times are moved by the same
// whole seconds, in the index of its new UTC day.
func TestTimelineIsRecorded(t *testing.T) {
	r, pattern := theRecording(t), stampPattern()
	masked := func(text []byte) string { return string(pattern.ReplaceAll(text, []byte("$1"))) }
	originals := map[string][]byte{}
	for _, g := range append(r.groups, r.loadTest) {
		for _, d := range g.docs {
			originals[identity(d.text)] = d.text
		}
	}
	docs := theTimeline(t, r, 1, 30*time.Hour).due(demoNow())
	if len(docs) < 20_000 {
		t.Fatalf("got %d documents, want a load test and a day", len(docs))
	}
	for i := 0; i < len(docs); i += 20 { // every twentieth says enough
		d := docs[i]
		original := originals[identity(d.Source)]
		if masked(d.Source) != masked(original) {
			t.Fatalf("got %s, want a recorded document but for its times", d.Source)
		}
		got, was := times(t, pattern, d.Source), times(t, pattern, original)
		for k := range got {
			if got[k].Sub(was[k]) != got[0].Sub(was[0]) {
				t.Fatalf("got times %v of %v, want all moved by the same", got, was)
			}
		}
		checkIndex(t, d)
	}
}

// identity tells recorded documents apart whatever their times: the place in
// the log file, or all of a sample but its seconds.
func identity(text []byte) string {
	if _, offset, ok := strings.Cut(string(text), `"offset":`); ok {
		offset = offset[:strings.IndexAny(offset, ",}")]
		return fmt.Sprint(offset, bytes.Contains(text, []byte("was-prod.log")))
	}
	before, after, _ := strings.Cut(string(text), `"Time":"`)
	return before + after[len("2006-01-02T15:04:05"):]
}

func checkIndex(t *testing.T, d ingest.Document) {
	t.Helper()
	var fields struct {
		Time       string `json:"@timestamp"`
		ServerMode string
	}
	if err := json.Unmarshal(d.Source, &fields); err != nil {
		t.Fatalf("%v in %s", err, d.Source)
	}
	want := "k6-metrics"
	if fields.Time != "" {
		mode := fields.ServerMode
		if mode == "" {
			mode = "dev"
		}
		want = "logstash-" + mode + "-was-" + strings.ReplaceAll(fields.Time[:10], "-", ".")
	}
	if d.Index != want {
		t.Errorf("index: got %s, want %s for %s", d.Index, want, d.Source)
	}
}

// The members of a group keep their order and their distances.
func TestTimelineKeepsDistances(t *testing.T) {
	r := theRecording(t)
	l := theTimeline(t, r, 1, 0)
	l.rhythm.perMinute = 0 // nothing but what is placed here
	for _, g := range r.groups {
		l.place(g, demoNow())
		docs := l.due(demoNow().Add(day))
		if len(docs) != len(g.docs) {
			t.Fatalf("got %d documents, want the %d of the group", len(docs), len(g.docs))
		}
		by := demoNow().Sub(g.docs[0].at.Truncate(time.Second)) // the first begins in this second
		for i, d := range docs {
			if got, want := string(d.Source), string(g.docs[i].moved(by).Source); got != want {
				t.Fatalf("document %d of a group: got %s, want %s", i, got, want)
			}
		}
	}
}

// Seed and start fix all documents, in whatever portions they are asked for.
func TestTimelineIsDeterministic(t *testing.T) {
	r := theRecording(t)
	once := theTimeline(t, r, 7, day).due(demoNow())
	l := theTimeline(t, r, 7, day)
	var portions []ingest.Document
	for at := demoNow().Add(-day); !at.After(demoNow()); at = at.Add(20 * time.Second) {
		portions = append(portions, l.due(at)...)
	}
	if len(once) != len(portions) {
		t.Fatalf("in portions: got %d documents, want %d", len(portions), len(once))
	}
	for i := range once {
		if !bytes.Equal(once[i].Source, portions[i].Source) {
			t.Fatalf("document %d: got %s, want %s", i, portions[i].Source, once[i].Source)
		}
	}
	if other := theTimeline(t, r, 8, day).due(demoNow()); len(other) == len(once) && bytes.Equal(other[0].Source, once[0].Source) {
		t.Error("got the same documents for another seed, want others")
	}
}

// Fourteen days: at most 300,000 documents, a rhythm of days and weeks, the
// load test once.
func TestTimelineRhythm(t *testing.T) {
	const past = demoDays * day
	l := theTimeline(t, theRecording(t), demoSeed, past)
	zone := l.rhythm.zone
	total, noon, night := 0, 0, 0
	for at := demoNow().Add(-past); at.Before(demoNow()); {
		at = at.Add(10 * time.Minute)
		n := len(l.due(at))
		total += n
		switch k := at.In(zone); {
		case n > 10_000: // the load test
		case k.Hour() == 11 && k.Weekday() != time.Saturday && k.Weekday() != time.Sunday:
			noon += n
		case k.Hour() == 2 && (k.Weekday() == time.Saturday || k.Weekday() == time.Sunday):
			night += n
		}
	}
	if total < 205_000 || total > 300_000 {
		t.Errorf("got %d documents, want about 220,000 and at most 300,000", total)
	}
	if perNoon, perNight := noon/10, night/4; perNoon < 10*max(1, perNight) {
		t.Errorf("got %d documents in an hour of a working day, %d in one of a weekend night; want ten times as many", perNoon, perNight)
	}
}

// The past ends and the live part begins without a gap or a burst.
func TestTimelineGoesOn(t *testing.T) {
	l := theTimeline(t, theRecording(t), 1, time.Hour)
	before := len(l.due(demoNow()))
	after := 0
	for at := demoNow(); at.Before(demoNow().Add(time.Hour)); at = at.Add(time.Second) {
		n := len(l.due(at))
		after += n
		if n > 100 {
			t.Errorf("at %v: got %d documents at once, want a trickle", at, n)
		}
	}
	if after < before/2 || after > before*2 {
		t.Errorf("got %d documents in the next hour, want about %d", after, before)
	}
}
