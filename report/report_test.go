package report

import (
	"testing"

	"jikimi/i18n"
	"jikimi/telemetry"
)

func TestLatencyThatNothingMatches(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	q := telemetry.LatencyQuery{Scope: telemetry.Scope{Env: []string{"prod"}}}
	if got, want := Latency(c.For(i18n.English), q, telemetry.Latency{}), (Verdict{MarkNone, "No requests in this range fit the scope."}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLatency(t *testing.T) {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	figures := func(count, failed, timed int64, p95 float64) telemetry.LatencyFigures {
		return telemetry.LatencyFigures{Count: count, Failed: failed, Timed: timed, P50: p95 / 2, P95: p95, P99: p95 * 2, Max: p95 * 3}
	}
	tests := []struct {
		name   string
		l      telemetry.Latency
		mark   Mark
		ko, en string
	}{
		{"no requests", telemetry.Latency{}, MarkNone,
			"이 기간에는 요청이 없었습니다.", "There were no requests in this range."},
		{"fine", telemetry.Latency{Total: figures(1000, 0, 1000, 68)}, MarkOK,
			"요청 100건 중 95건이 68\u00a0ms 안에 끝났습니다. 실패한 요청은 없습니다.",
			"95 of 100 requests finished within 68\u00a0ms. None failed."},
		{"one failed", telemetry.Latency{Total: figures(1000, 1, 1000, 68)}, MarkOK,
			"요청 100건 중 95건이 68\u00a0ms 안에 끝났습니다. 1건(0.10%)\u2060은 실패했습니다.",
			"95 of 100 requests finished within 68\u00a0ms. 1 of them (0.10%) failed."},
		{"one of a hundred failed", telemetry.Latency{Total: figures(1000, 10, 1000, 68)}, MarkWarn,
			"요청 100건 중 95건이 68\u00a0ms 안에 끝났습니다. 10건(1.00%)\u2060은 실패했습니다.",
			"95 of 100 requests finished within 68\u00a0ms. 10 of them (1.00%) failed."},
		{"one of twenty failed", telemetry.Latency{Total: figures(1000, 50, 1000, 68)}, MarkCrit,
			"요청 100건 중 95건이 68\u00a0ms 안에 끝났습니다. 50건(5.00%)\u2060은 실패했습니다.",
			"95 of 100 requests finished within 68\u00a0ms. 50 of them (5.00%) failed."},
		{"slower", telemetry.Latency{Total: figures(1000, 0, 1000, 735), Compared: true, Earlier: figures(900, 0, 900, 452)}, MarkWarn,
			"응답이 느려졌습니다. 100건 중 95건이 끝나기까지 452\u00a0ms 걸리던 것이 735\u00a0ms 걸립니다. 실패한 요청은 없습니다.",
			"Requests got slower: 95 of 100 used to finish within 452\u00a0ms, now it takes 735\u00a0ms. None failed."},
		{"slower by nothing that matters", telemetry.Latency{Total: figures(1000, 0, 1000, 9), Compared: true, Earlier: figures(900, 0, 900, 4)}, MarkOK,
			"요청 100건 중 95건이 9.0\u00a0ms 안에 끝났습니다. 실패한 요청은 없습니다.",
			"95 of 100 requests finished within 9.0\u00a0ms. None failed."},
		{"slower than too few to tell", telemetry.Latency{Total: figures(1000, 0, 1000, 900), Compared: true, Earlier: figures(19, 0, 19, 100)}, MarkOK,
			"요청 100건 중 95건이 900\u00a0ms 안에 끝났습니다. 실패한 요청은 없습니다.",
			"95 of 100 requests finished within 900\u00a0ms. None failed."},
		{"few", telemetry.Latency{Total: figures(3, 0, 3, 100)}, MarkOK,
			"요청이 3건뿐이라 백분위는 말하기 어렵습니다. 가장 오래 걸린 것은 300\u00a0ms였습니다. 실패한 요청은 없습니다.",
			"There were only 3 requests, too few for percentiles. The slowest took 300\u00a0ms. None failed."},
		{"untimed", telemetry.Latency{Total: figures(1, 0, 0, 0)}, MarkOK,
			"요청 1건이 있었지만 응답 시간은 기록되지 않았습니다. 실패한 요청은 없습니다.",
			"There was 1 request, but its duration was not recorded. None failed."},
		{"stale", telemetry.Latency{Meta: telemetry.Meta{Stale: true}, Total: figures(1000, 0, 1000, 68)}, MarkStale,
			"요청 100건 중 95건이 68\u00a0ms 안에 끝났습니다. 실패한 요청은 없습니다.",
			"95 of 100 requests finished within 68\u00a0ms. None failed."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for lang, want := range map[i18n.Lang]string{i18n.Korean: tt.ko, i18n.English: tt.en} {
				if got := Latency(c.For(lang), telemetry.LatencyQuery{}, tt.l); got.Mark != tt.mark || got.Text != want {
					t.Errorf("%s: got %+v, want %s %q", lang, got, tt.mark, want)
				}
			}
		})
	}
}
