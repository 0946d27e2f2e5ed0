package handlers

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/errgroup"

	"jikimi/i18n"
	"jikimi/report"
	"jikimi/telemetry"
	"jikimi/views"
)

// latency shows request latency: the frame at once, the panel when its
// questions are answered.
func (s *server) latency(r *http.Request) (page, panel templ.Component, err error) {
	p, err := s.latencyPage(r)
	if err != nil {
		return nil, nil, err
	}
	if wantsFrame(r) {
		ahead := p
		s.start(func(ctx context.Context) { _ = s.askLatency(ctx, &ahead) }) // the panel asks again and hears of errors
		p.Waiting, p.Bar.Page.Waiting = true, true
		return views.Latency(p), nil, nil
	}
	if err := s.askLatency(r.Context(), &p); err != nil {
		return nil, nil, err
	}
	p.Verdict = report.Latency(i18n.From(r.Context()), p.Query, p.Latency)
	return views.Latency(p), views.LatencyPanel(p), nil
}

// latencyPage parses the request: the one place that reads its URL.
func (s *server) latencyPage(r *http.Request) (views.LatencyPage, error) {
	v, err := queryOf(r)
	if err != nil {
		return views.LatencyPage{}, err
	}
	q, err := telemetry.ParseLatency(v, s.Now(), s.Zone)
	if err != nil {
		return views.LatencyPage{}, err
	}
	q.Allow = s.allow(r)
	refresh, err := parseRefresh(v.Get("refresh"), q.Range)
	if err != nil {
		return views.LatencyPage{}, err
	}
	p := views.LatencyPage{Page: s.page(r, "latency.title"), Query: q}
	p.Now = s.Now().In(q.Range.Zone)
	values := q.Values()
	if v.Get("refresh") != "" {
		values.Set("refresh", views.RefreshText(refresh))
	}
	p.Bar = views.ScopeBar{
		Page: p.Page, Range: q.Range, Scope: q.Scope, Filters: q.Filters, Compare: q.Compare, Refresh: refresh, Values: values,
	}
	return p, nil
}

// allow is what the viewer may see. Until there is sign-in that is everything:
// only this machine reaches the program.
func (s *server) allow(*http.Request) telemetry.Allow { return telemetry.AllowAll() }

// askLatency asks the page's questions side by side and fills in the answers.
func (s *server) askLatency(ctx context.Context, p *views.LatencyPage) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		p.Latency, err = s.Store.Latency(ctx, p.Query)
		return err
	})
	g.Go(func() (err error) {
		p.Sources, err = s.Store.Sources(ctx, telemetry.SourcesQuery{Range: p.Query.Range, Allow: p.Query.Allow})
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	p.Bar.Sources, p.Bar.AsOf = p.Sources.List, p.Latency.AsOf
	return nil
}

// latencyEvidence proves a figure: the drawer, or a page without scripts.
func (s *server) latencyEvidence(r *http.Request) (page, panel templ.Component, err error) {
	p, err := s.latencyPage(r)
	if err != nil {
		return nil, nil, err
	}
	e := views.EvidencePage{LatencyPage: p, Figure: r.URL.Query().Get("figure"), Tab: "query"}
	if !slices.Contains(views.Figures(), e.Figure) {
		e.Figure = "percentiles"
	}
	if tab := r.URL.Query().Get("tab"); tab == "table" || tab == "curl" {
		e.Tab = tab
	}
	if e.Latency, err = s.Store.Latency(r.Context(), p.Query); err != nil {
		return nil, nil, err
	}
	return views.LatencyEvidenceWhole(e), views.LatencyEvidence(e), nil
}

// latencyCSV is the buckets of the range and of the comparison as CSV: times
// in the viewer's zone, durations in milliseconds, empty where there are none.
func (s *server) latencyCSV(w http.ResponseWriter, r *http.Request) {
	p, err := s.latencyPage(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	l, err := s.Store.Latency(r.Context(), p.Query)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := "jikimi-latency-" + p.Query.Range.From.In(p.Query.Range.Zone).Format("20060102T1504") + ".csv"
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	c := csv.NewWriter(w)
	_ = c.Write([]string{"period", "start", "requests", "failed", "p50_ms", "p95_ms", "p99_ms", "max_ms"})
	writeBuckets(c, "current", l.Buckets, p.Query.Range.Zone)
	writeBuckets(c, "earlier", l.EarlierBuckets, p.Query.Range.Zone)
	c.Flush() // an error here means the viewer left
}

func writeBuckets(c *csv.Writer, period string, buckets []telemetry.LatencyBucket, zone *time.Location) {
	for _, b := range buckets {
		row := []string{period, b.Start.In(zone).Format(time.RFC3339), strconv.FormatInt(b.Count, 10), strconv.FormatInt(b.Failed, 10)}
		for _, v := range []float64{b.P50, b.P95, b.P99, b.Max} {
			text := ""
			if b.Timed > 0 {
				text = strconv.FormatFloat(v, 'f', -1, 64)
			}
			row = append(row, text)
		}
		_ = c.Write(row) // kept until Flush
	}
}

// queryOf reads the URL's query; one that cannot be read is refused whole, for
// a filter that is dropped in silence would make every number wrong.
func queryOf(r *http.Request) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &telemetry.InvalidError{Param: "query", Code: "query"}
	}
	return v, nil
}

// parseRefresh reads how often the panel asks again. A range of the past is
// never asked again; one that moves is, each minute unless said otherwise.
func parseRefresh(s string, r telemetry.Range) (time.Duration, error) {
	steps := views.RefreshSteps()
	i := slices.IndexFunc(steps, func(d time.Duration) bool { return views.RefreshText(d) == s })
	switch {
	case s != "" && s != "off" && i < 0:
		return 0, &telemetry.InvalidError{Param: "refresh", Value: s[:min(len(s), 20)], Code: "refresh"}
	case s == "off" || !r.Relative():
		return 0, nil
	case s == "":
		return time.Minute, nil
	}
	return steps[i], nil
}

// foldFilter turns the filter form's fields into one `filter` parameter: an
// htmx request goes on with it and is told the address, a page is sent there.
func foldFilter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		role, value := v.Get("filter-role"), v.Get("filter-value")
		if role == "" && value == "" {
			next.ServeHTTP(w, r)
			return
		}
		f := telemetry.Filter{Role: telemetry.Role(role), Not: v.Get("filter-not") == "1"}
		v.Add("filter", f.Text(value))
		for _, name := range []string{"filter-role", "filter-value", "filter-not"} {
			v.Del(name)
		}
		to := *r.URL
		to.RawQuery = v.Encode()
		if !wantsPanel(r) {
			http.Redirect(w, r, ownPath(to.RequestURI()), http.StatusSeeOther) //nolint:gosec // the matched path of ours, another query
			return
		}
		w.Header().Set("HX-Push-Url", to.RequestURI())
		r = r.Clone(r.Context())
		r.URL = &to
		next.ServeHTTP(w, r)
	})
}
