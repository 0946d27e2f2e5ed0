package views

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/a-h/templ"

	"jikimi/i18n"
)

// A figure is a chart drawn by the server, for print and for readers without
// scripts: SVG with classes only, so that the theme colours it and the
// Content-Security-Policy has nothing to say.
const (
	figureWidth  = 880
	figureLeft   = 64 // room for the y labels
	figureBottom = 24 // room for the x labels
	figureTop    = 8
	figureRight  = 12
)

// figure draws a chart of a height, in points of which 880 are the width.
func figure(c Chart, height int) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		f := newFigureScale(c, height)
		var b strings.Builder
		fmt.Fprintf(&b, `<svg class="fig" viewBox="0 0 %d %d" aria-hidden="true">`, figureWidth, height)
		f.yAxis(ctx, &b)
		f.xAxis(ctx, &b)
		for _, s := range c.Series {
			f.line(&b, s)
		}
		for _, s := range c.Stacks {
			f.bars(&b, s)
		}
		b.WriteString(`</svg>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// figureScale turns seconds and values into points.
type figureScale struct {
	chart     Chart
	height    int
	low, high float64
}

func newFigureScale(c Chart, height int) figureScale {
	f := figureScale{chart: c, height: height, low: math.Inf(1)}
	for _, values := range f.all() {
		for _, v := range values {
			if v != nil {
				f.high = max(f.high, *v)
				if *v > 0 {
					f.low = min(f.low, *v)
				}
			}
		}
	}
	switch {
	case f.high == 0:
		f.low, f.high = 0, 1
	case c.Log:
		f.low, f.high = f.low*0.8, f.high*1.2
	default:
		f.low, f.high = 0, f.high*1.1
	}
	return f
}

func (f figureScale) all() [][]*float64 {
	var out [][]*float64
	for _, s := range f.chart.Series {
		out = append(out, s.Values)
	}
	for _, s := range f.chart.Stacks {
		out = append(out, s.Values)
	}
	return out
}

func (f figureScale) x(sec float64) float64 {
	c := f.chart
	share := (sec - float64(c.From)) / float64(max(c.To-c.From, 1))
	return figureLeft + min(max(share, 0), 1)*(figureWidth-figureLeft-figureRight)
}

func (f figureScale) y(v float64) float64 {
	share := (v - f.low) / (f.high - f.low)
	if f.chart.Log {
		share = math.Log(max(v, f.low)/f.low) / math.Log(f.high/f.low)
	}
	bottom := float64(f.height - figureBottom)
	return bottom - share*(bottom-figureTop)
}

// end is where bucket i ends, in seconds.
func (f figureScale) end(i int) float64 {
	if i+1 < len(f.chart.X) {
		return float64(f.chart.X[i+1])
	}
	return float64(f.chart.X[i] + f.chart.Step)
}

func (f figureScale) line(b *strings.Builder, s Series) {
	var d strings.Builder
	pen := "M"
	for i, v := range s.Values {
		if v == nil {
			pen = "M"
			continue
		}
		middle := (float64(f.chart.X[i]) + f.end(i)) / 2
		fmt.Fprintf(&d, "%s%.1f %.1f", pen, f.x(middle), f.y(*v))
		if pen == "M" {
			d.WriteString("h.1") // a lone point between gaps is a dot
		}
		pen = "L"
	}
	class := "ln-" + s.Style
	if s.Style == "compare" {
		class = "ln-cmp"
	}
	fmt.Fprintf(b, `<path class="%s" fill="none" d="%s"/>`, class, d.String())
}

func (f figureScale) bars(b *strings.Builder, s Stack) {
	class := map[string]string{"failed": "bar-fail"}[s.Style]
	if class == "" {
		class = "bar-ok"
	}
	base := f.y(f.low)
	for i, v := range s.Values {
		if v == nil || *v == 0 {
			continue
		}
		left, right, top := f.x(float64(f.chart.X[i])), f.x(f.end(i)), f.y(*v)
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, left, top, max(right-left-1, 0.5), base-top)
	}
}

func (f figureScale) yAxis(ctx context.Context, b *strings.Builder) {
	x := i18n.From(ctx)
	for _, v := range f.ticks() {
		label := x.Count(int64(v)).String()
		if f.chart.Unit == "ms" {
			label = x.Millis(v).String()
		}
		y := f.y(v)
		fmt.Fprintf(b, `<path class="gr" d="M%d %.1fH%d"/><text class="ax" x="%d" y="%.1f" text-anchor="end">%s</text>`,
			figureLeft, y, figureWidth-figureRight, figureLeft-8, y+4, templ.EscapeString(label))
	}
}

// ticks are round values inside the scale: 1, 3, 10 … when it is logarithmic,
// else three or four equal steps of 1, 2 or 5 times a power of ten.
func (f figureScale) ticks() []float64 {
	var out []float64
	if f.chart.Log {
		for e := math.Floor(math.Log10(f.low)); math.Pow(10, e) <= f.high; e++ {
			for _, m := range []float64{1, 3} {
				if v := m * math.Pow(10, e); v >= f.low && v <= f.high {
					out = append(out, v)
				}
			}
		}
		return out
	}
	step := roundStep(f.high / max(3, float64(f.height)/60))
	if f.chart.Unit == "count" {
		step = max(step, 1)
	}
	for v := 0.0; v <= f.high; v += step {
		out = append(out, v)
	}
	return out
}

func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*power {
			return m * power
		}
	}
	return 10 * power
}

func (f figureScale) xAxis(_ context.Context, b *strings.Builder) {
	zone, err := time.LoadLocation(f.chart.Zone)
	if err != nil {
		zone = time.UTC
	}
	layout := "15:04"
	if f.chart.To-f.chart.From > 2*86400 {
		layout = "1.2"
	}
	every := max(len(f.chart.X)/8, 1)
	for i := every / 2; i < len(f.chart.X); i += every {
		at := f.chart.X[i]
		fmt.Fprintf(b, `<text class="ax" x="%.1f" y="%d" text-anchor="middle">%s</text>`,
			f.x(float64(at)), f.height-6, time.Unix(at, 0).In(zone).Format(layout))
	}
}
