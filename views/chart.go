package views

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/a-h/templ"

	"jikimi/i18n"
	"jikimi/telemetry"
)

// Chart is what static/chart.js draws: the format is described there. Times
// are epoch seconds; a nil value is a gap, never zero.
type Chart struct {
	Kind string `json:"kind"`
	Zone string `json:"zone"`
	Lang string `json:"lang"`
	Unit string `json:"unit"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Step int64  `json:"step"`
	// Runs are the starts of all buckets: first start, distance, how many. X is
	// the same written out.
	Runs [][3]int64 `json:"runs"`
	X    []int64    `json:"-"`

	Open    bool     `json:"open,omitempty"`
	Cut     bool     `json:"cut,omitempty"`
	Log     bool     `json:"log,omitempty"`
	Stale   bool     `json:"stale,omitempty"`
	Series  []Series `json:"series,omitempty"`
	Stacks  []Stack  `json:"stacks,omitempty"`
	Gaps    []Band   `json:"gaps,omitempty"`
	Partial []Band   `json:"partial,omitempty"`
	Zoom    string   `json:"zoom,omitempty"`
}

// Series is a line of a chart. End is written at the line's end.
type Series struct {
	Name   string     `json:"name"`
	Style  string     `json:"style"`
	Values []*float64 `json:"values"`
	End    string     `json:"end,omitempty"`
}

// Stack is a layer of bars.
type Stack struct {
	Name   string     `json:"name"`
	Style  string     `json:"style"`
	Values []*float64 `json:"values"`
}

// Band is a stretch of time with a label.
type Band struct {
	From  int64  `json:"from"`
	To    int64  `json:"to"`
	Label string `json:"label"`
}

// logRatio is how many times the largest line must be above the smallest for a
// logarithmic scale.
const logRatio = 20

// chartHeight is the height in points of a chart whose box has the class.
func chartHeight(class string) int {
	if class == "h-chart-sm" {
		return 104
	}
	return 264
}

// percentileChart is the lines p50, p95, p99 and the comparison's p95.
func (p LatencyPage) percentileChart(ctx context.Context) Chart {
	c := p.chart(ctx, "lines", "ms")
	buckets := p.Query.Range.Buckets()
	if p.Latency.Compared {
		values := p.place(buckets, p.shifted(), measureOf("p95"))
		c.Series = append(c.Series, Series{Name: t(ctx, "latency.legend.compare", "period", p.compareLabel(ctx)), Style: "compare", Values: values})
	}
	for _, name := range []string{"p50", "p99", "p95"} {
		values := p.place(buckets, p.Latency.Buckets, measureOf(name))
		c.Series = append(c.Series, Series{Name: name, Style: name, Values: values, End: endLabel(ctx, name, values)})
	}
	c.Gaps = p.gaps(ctx, buckets)
	c.Log = wide(c.Series)
	return c
}

// requestChart is the bars of requests; failedChart those of the failed ones,
// on a scale of their own.
func (p LatencyPage) requestChart(ctx context.Context) Chart {
	return p.barChart(ctx, t(ctx, "figure.requests"), "ok", func(f telemetry.LatencyFigures) float64 { return float64(f.Count) })
}

func (p LatencyPage) failedChart(ctx context.Context) Chart {
	return p.barChart(ctx, t(ctx, "latency.failed.count"), "failed", func(f telemetry.LatencyFigures) float64 { return float64(f.Failed) })
}

func (p LatencyPage) barChart(ctx context.Context, name, style string, of func(telemetry.LatencyFigures) float64) Chart {
	c := p.chart(ctx, "bars", "count")
	starts := p.Query.Range.Buckets()
	values := make([]*float64, len(starts))
	for _, b := range p.Latency.Buckets {
		if i := telemetry.Bucket(starts, b.Start); i >= 0 {
			v := of(b.LatencyFigures)
			values[i] = &v
		}
	}
	c.Stacks = []Stack{{Name: name, Style: style, Values: values}}
	return c
}

// chart is what all charts of the page share.
func (p LatencyPage) chart(ctx context.Context, kind, unit string) Chart {
	r := p.Query.Range
	starts := r.Buckets()
	c := Chart{
		Kind: kind, Zone: r.Zone.String(), Lang: lang(ctx), Unit: unit, From: r.From.Unix(), To: r.To.Unix(),
		Step: int64(r.Step() / time.Second), X: make([]int64, len(starts)), Stale: p.Latency.Stale, Zoom: p.zoomURL(), Partial: p.partial(ctx),
	}
	for i, s := range starts {
		c.X[i] = s.Unix()
	}
	for _, run := range r.Runs() {
		step := int64(run.Step / time.Second)
		c.Runs = append(c.Runs, [3]int64{run.Start.Unix(), step, int64(run.End.Sub(run.Start)/time.Second) / step})
	}
	last := starts[len(starts)-1]
	c.Open = !last.After(r.Now) && (last.Add(r.Step()).After(r.Now) || last.Add(r.Step()).After(r.To))
	c.Cut = starts[0].Before(r.From)
	return c
}

// zoomURL is the page with {from} and {to} in place of the range.
func (p LatencyPage) zoomURL() string {
	rest := withRange(p.Bar.Values, nil)
	return link(p.Path, rest) + map[bool]string{true: "?", false: "&"}[len(rest) == 0] + "from={from}&to={to}"
}

// place puts the buckets' values on the chart's x; buckets without timed
// requests stay nil.
func (p LatencyPage) place(starts []time.Time, buckets []telemetry.LatencyBucket, of func(telemetry.LatencyFigures) float64) []*float64 {
	values := make([]*float64, len(starts))
	for _, b := range buckets {
		if i := telemetry.Bucket(starts, b.Start); i >= 0 && i < len(values) && b.Timed > 0 {
			v := significant(of(b.LatencyFigures))
			values[i] = &v
		}
	}
	return values
}

// significant keeps four digits, more than a chart can show.
func significant(v float64) float64 {
	if v == 0 {
		return 0
	}
	power := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*power) / power
}

// shifted are the comparison's buckets moved to the times of the range.
func (p LatencyPage) shifted() []telemetry.LatencyBucket {
	earlier, ok := p.Query.Earlier()
	if !ok {
		return nil
	}
	by := p.Query.Range.From.Sub(earlier.From)
	out := slices.Clone(p.Latency.EarlierBuckets)
	for i := range out {
		out[i].Start = out[i].Start.Add(by)
	}
	return out
}

// partial are the days whose data could not be read: what is drawn there may
// be too low.
func (p LatencyPage) partial(ctx context.Context) []Band {
	var bands []Band
	for _, n := range p.Latency.Notices {
		day, err := time.Parse(time.DateOnly, n.Params["day"])
		if n.Code != telemetry.NoticeDayUnreadable || err != nil {
			continue
		}
		from, to := max(day.Unix(), p.Query.Range.From.Unix()), min(day.AddDate(0, 0, 1).Unix(), p.Query.Range.To.Unix())
		if from < to {
			bands = append(bands, Band{from, to, t(ctx, "latency.legend.partial")})
		}
	}
	return bands
}

// gaps are the stretches of the past without requests that are wide enough to
// be labelled: three buckets and a fortieth of the range. Where a part of the
// data did not answer, nobody knows that there were no requests.
func (p LatencyPage) gaps(ctx context.Context, starts []time.Time) []Band {
	filled := map[int]bool{}
	for _, b := range p.Latency.Buckets {
		filled[telemetry.Bucket(starts, b.Start)] = true
	}
	var bands []Band
	for i := 0; i < len(starts); i++ {
		from := i
		for i < len(starts) && !filled[i] && starts[i].Before(p.Query.Range.Now) {
			i++
		}
		if n := i - from; n >= 3 && n*40 >= len(starts) && !p.Latency.Partial {
			end := p.Query.Range.To
			if i < len(starts) {
				end = starts[i]
			}
			bands = append(bands, Band{starts[from].Unix(), end.Unix(), t(ctx, "latency.legend.gap")})
		}
	}
	return bands
}

func endLabel(ctx context.Context, name string, values []*float64) string {
	for _, v := range slices.Backward(values) {
		if v != nil {
			return name + " " + i18n.From(ctx).Millis(*v).String()
		}
	}
	return ""
}

// wide says whether the lines lie so far apart that only a logarithmic scale
// shows them all.
func wide(series []Series) bool {
	low, high := math.Inf(1), 0.0
	for _, s := range series {
		for _, v := range s.Values {
			if v != nil && *v > 0 {
				low, high = min(low, *v), max(high, *v)
			}
		}
	}
	return high > low*logRatio
}

// chartData is the data block of a chart. encoding/json escapes what could end
// the element.
func chartData(id string, c Chart) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("views: chart %s: %w", id, err)
		}
		_, err = fmt.Fprintf(w, `<script type="application/json" data-chart="%s">%s</script>`, templ.EscapeString(id), b)
		return err
	})
}
