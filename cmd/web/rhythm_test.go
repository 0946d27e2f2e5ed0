package main

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestRhythmLevel(t *testing.T) {
	y, err := newRhythm(&recording{docs: 2, groups: []*group{{}}}, 1000, demoNow())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		at   string
		want float64
	}{
		{"2027-03-10T11:00", 1}, {"2027-03-10T12:00", .75}, {"2027-03-10T12:30", .85},
		{"2027-03-13T11:00", .25}, {"2027-03-10T03:00", .05}, {"2027-03-14T03:00", .0125}, {"2027-03-10T23:30", .075},
	}
	for _, tt := range tests {
		at, err := time.ParseInLocation("2006-01-02T15:04", tt.at, y.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := y.level(at.UTC()); got < tt.want-1e-9 || got > tt.want+1e-9 {
			t.Errorf("%s: got %v, want %v", tt.at, got, tt.want)
		}
	}
}

// The numbers of a minute are spread around what the rate says.
func TestRhythmGroups(t *testing.T) {
	y := rhythm{zone: time.UTC, perMinute: 6}
	rng := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2027, 3, 10, 10, 0, 0, 0, time.UTC)
	sum, zero := 0, 0
	for range 2000 {
		n := y.groups(at, rng)
		sum += n
		if n == 0 {
			zero++
		}
	}
	if sum < 11_500 || sum > 12_500 || zero > 20 {
		t.Errorf("got %d groups in 2000 minutes, none in %d, want about 12000, 5", sum, zero)
	}
}

func TestIncident(t *testing.T) {
	y := rhythm{incident: demoNow().Add(-incidentAgo)}
	for since, want := range map[time.Duration]bool{
		-incidentAgo: true, -incidentAgo + incidentLength: false, -incidentAgo - time.Second: false, 0: false,
		-incidentAgo - incidentEvery: true, -incidentAgo + incidentEvery + time.Minute: true, -day - incidentAgo: false, -7*day - incidentAgo: false,
	} {
		if got := y.isIncident(demoNow().Add(since)); got != want {
			t.Errorf("%v from now: got %v, want %v", since, got, want)
		}
	}
}

// During an incident the recorded failures come up more often.
func TestIncidentShows(t *testing.T) {
	l := theTimeline(t, theRecording(t), 1, 4*time.Hour)
	begin := demoNow().Truncate(time.Minute).Add(-incidentAgo)
	share := func(until time.Time) float64 {
		docs, failed := l.due(until), 0
		for _, d := range docs {
			if strings.Contains(string(d.Source), `"statusCode":50`) {
				failed++
			}
		}
		return float64(failed) / float64(max(1, len(docs)))
	}
	before, during := share(begin), share(begin.Add(incidentLength))
	if during < 5*before || during < .02 {
		t.Errorf("failed share: got %.4f during the incident and %.4f before, want far more", during, before)
	}
}

func TestLoadTestStart(t *testing.T) {
	y, err := newRhythm(&recording{docs: 2, groups: []*group{{}}}, 1000, demoNow())
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2027-03-10T15:30": "2027-03-10", // Wednesday, after it
		"2027-03-10T14:00": "2027-03-09", // not over yet
		"2027-03-14T20:00": "2027-03-12", // Sunday
		"2027-03-15T09:00": "2027-03-12", // Monday morning
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", now, y.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := y.loadTestStart(at, time.Minute).Format("2006-01-02T15:04 MST"); got != want+"T14:00 KST" {
			t.Errorf("%s: got %s, want %sT14:00 KST", now, got, want)
		}
	}
}
