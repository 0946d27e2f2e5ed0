package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// rhythm says how busy the demo is and when it goes badly.
//
// Nothing in the demo is made up: every document was recorded from a real
// server and keeps what it measured; only its times are moved. What the demo
// chooses is how many recorded requests fall into a minute, and which: all
// alike, except during an incident, when those that were slow or failed are
// picked more often.
type rhythm struct {
	zone *time.Location
	// perMinute is how many groups begin in a minute of level 1.
	perMinute float64
	// incident is when an incident begins; others follow and precede it.
	incident time.Time
}

const (
	incidentEvery  = 53 * time.Hour // none in the day and the week before the newest
	incidentLength = 40 * time.Minute
	// incidentAgo is how long before the demo starts the newest one began, so
	// that a page of the last 24 hours shows it.
	incidentAgo = 3 * time.Hour
	// troubleShare is the share of groups that are picked among troubled ones
	// during an incident; about 1 in 100 is troubled otherwise.
	troubleShare = 0.3
)

// newRhythm plans about `docs` documents in any 14 days. The plant works in
// Korea, whatever the zone of the pages is.
func newRhythm(r *recording, docs int, start time.Time) (rhythm, error) {
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		return rhythm{}, err
	}
	y := rhythm{zone: zone, incident: start.Add(-incidentAgo)}
	sum := 0.0
	for t := start; t.Before(start.AddDate(0, 0, 14)); t = t.Add(time.Minute) {
		sum += y.level(t)
	}
	perGroup := float64(r.docs) / float64(len(r.groups))
	y.perMinute = float64(docs) / perGroup / sum
	return y, nil
}

// level is how busy a time is, from 0 to 1: working days from 9 to 18, less at
// lunch, little at night, a quarter of it all at weekends.
func (y rhythm) level(t time.Time) float64 {
	hours := [...]float64{
		.06, .05, .05, .05, .05, .07, .12, .30, .70, .95, 1, 1,
		.75, .95, 1, 1, .95, .85, .60, .40, .28, .20, .13, .09,
	}
	l := t.In(y.zone)
	part := float64(l.Minute()) / 60
	level := hours[l.Hour()]*(1-part) + hours[(l.Hour()+1)%24]*part
	if d := l.Weekday(); d == time.Saturday || d == time.Sunday {
		level /= 4
	}
	return level
}

// groups is how many groups begin in the minute: a Poisson number, as arrivals
// that know nothing of each other have.
func (y rhythm) groups(minute time.Time, rng *rand.Rand) int {
	limit := math.Exp(-y.perMinute * y.level(minute))
	n := 0
	for p := rng.Float64(); p > limit; p *= rng.Float64() {
		n++
	}
	return n
}

func (y rhythm) isIncident(t time.Time) bool {
	since := t.Sub(y.incident) % incidentEvery
	if since < 0 {
		since += incidentEvery
	}
	return since < incidentLength
}

// loadTestStart is 14:00 of the last working day that is over by `now` for
// long enough to hold the run.
func (y rhythm) loadTestStart(now time.Time, length time.Duration) time.Time {
	l := now.In(y.zone)
	t := time.Date(l.Year(), l.Month(), l.Day(), 14, 0, 0, 0, y.zone)
	for t.Add(length).After(now) || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, -1)
	}
	return t
}
