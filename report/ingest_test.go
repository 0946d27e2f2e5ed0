package report

import (
	"testing"
	"time"

	"jikimi/i18n"
	"jikimi/telemetry"
)

func TestIngest(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	r := telemetry.Between(now.Add(-time.Hour), now, time.UTC)
	source := func(documents int64, silent time.Duration) telemetry.IngestSource {
		return telemetry.IngestSource{Env: "prod", Source: "was", Documents: documents, Last: now.Add(-silent)}
	}
	tests := []struct {
		name   string
		a      telemetry.Ingest
		mark   Mark
		ko, en string
	}{
		{"nothing", telemetry.Ingest{}, MarkNone, "아직 받은 자료가 없습니다.", "No documents have come yet."},
		{"one lives", telemetry.Ingest{Sources: []telemetry.IngestSource{source(1500, time.Second)}}, MarkOK,
			"출처 1곳에서 분당 25.0건이 들어옵니다.", "1 source sends 25.0 documents a minute."},
		{"one is late", telemetry.Ingest{Sources: []telemetry.IngestSource{source(1500, time.Second), source(1500, 6*time.Minute)}}, MarkWarn,
			"출처 1곳에서 분당 50.0건이 들어옵니다. 1곳은 조용합니다.", "1 source sends 50.0 documents a minute. 1 has gone silent."},
		{"none lives", telemetry.Ingest{Sources: []telemetry.IngestSource{source(0, 3*time.Hour)}}, MarkWarn,
			"지금은 들어오는 자료가 없습니다.", "No documents are coming at the moment."},
		{"refused", telemetry.Ingest{Sources: []telemetry.IngestSource{source(60, time.Second)}, Refusals: []telemetry.Refusal{{Count: 3}, {Count: 4}}}, MarkWarn,
			"출처 1곳에서 분당 1.00건이 들어옵니다. 받지 않은 문서가 7건 있습니다.", "1 source sends 1.00 documents a minute. 7 documents were not taken."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for lang, want := range map[i18n.Lang]string{i18n.Korean: tt.ko, i18n.English: tt.en} {
				if got := Ingest(c.For(lang), telemetry.IngestQuery{Range: r}, tt.a); got.Mark != tt.mark || got.Text != want {
					t.Errorf("%s: got %+v, want %s %q", lang, got, tt.mark, want)
				}
			}
		})
	}
}

// TestSourceState: a rare source may be silent for longer than a busy one.
func TestSourceState(t *testing.T) {
	now := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	r := telemetry.Between(now.Add(-24*time.Hour), now, time.UTC)
	tests := []struct {
		documents int64
		silent    time.Duration
		want      Mark
	}{
		{100_000, 4 * time.Minute, MarkLive}, {100_000, 6 * time.Minute, MarkLate}, {24, 2 * time.Hour, MarkLive}, {24, 4 * time.Hour, MarkLate}, {0, 48 * time.Hour, MarkStale},
	}
	for _, tt := range tests {
		s := telemetry.IngestSource{Documents: tt.documents, Last: now.Add(-tt.silent)}
		if got := SourceState(s, r); got != tt.want {
			t.Errorf("%d documents a day, silent for %v: %s, want %s", tt.documents, tt.silent, got, tt.want)
		}
	}
}
