package elastic

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// linear is the quantile by linear interpolation between ranks, of all values.
func linear(sorted []float64, q float64) float64 {
	rank := q * float64(len(sorted)-1)
	low := int(rank)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (rank-float64(low))*(sorted[high]-sorted[low])
}

// TestQuantileOf: whatever can be told from the longest values is exact.
func TestQuantileOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []float64
		var parts []part
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			values := rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 40), func(i int) float64 { return float64(i) }), 1, 60).Draw(t, "values")
			all = append(all, values...)
			parts = append(parts, partOfValues(values))
		}
		slices.Sort(all)
		for _, q := range []float64{.5, .95, .99} {
			got, ok := quantileOf(mergeTop(parts), int64(len(all)), q)
			if want := linear(all, q); ok && math.Abs(got-want) > 1e-9 {
				t.Fatalf("quantile %v of %v: got %v, want %v", q, all, got, want)
			}
		}
		if _, ok := quantileOf(mergeTop(parts), int64(len(all)), .99); !ok && len(all) < 100 {
			t.Fatalf("p99 of %d values: got none, want it told from the longest", len(all))
		}
	})
}

// partOfValues lists the longest values as a search does.
func partOfValues(values []float64) part {
	counts := map[float64]int64{}
	for _, v := range values {
		counts[v]++
	}
	p := part{timed: int64(len(values))}
	for v, n := range counts {
		p.top = append(p.top, step{v, n})
	}
	slices.SortFunc(p.top, func(a, b step) int { return -compare(a.ms, b.ms) })
	p.topIsAll = len(p.top) <= topValues
	p.top = p.top[:min(len(p.top), topValues)]
	return p
}

// TestLadder: a percentile read off the rungs is at most 5 % away where there
// are many values.
func TestLadder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := make([]float64, 2000)
		scale := rapid.Float64Range(1, 1e4).Draw(t, "scale")
		l := make(ladder, rungCount)
		for i := range values {
			values[i] = scale * (1 + float64(i)/50)
			at := 0
			for at+1 < rungCount && rung(at+1) <= values[i] {
				at++
			}
			l[at]++
		}
		for _, q := range []float64{.5, .95, .99} {
			if got, want := l.quantile(q), linear(values, q); math.Abs(got-want) > .05*want {
				t.Fatalf("quantile %v: got %v, want %v", q, got, want)
			}
		}
	})
}
