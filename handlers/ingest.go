package handlers

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"jikimi/i18n"
	"jikimi/report"
	"jikimi/telemetry"
	"jikimi/views"
)

// ingest shows how documents arrive.
func (s *server) ingest(r *http.Request) (page, panel templ.Component, err error) {
	p, err := s.ingestPage(r)
	if err != nil {
		return nil, nil, err
	}
	if wantsFrame(r) {
		s.start(func(ctx context.Context) { _, _ = s.Store.Ingest(ctx, p.Query) }) // the panel asks again and hears of errors
		p.Waiting, p.Bar.Page.Waiting = true, true
		return views.Ingest(p), nil, nil
	}
	if p.Ingest, err = s.Store.Ingest(r.Context(), p.Query); err != nil {
		return nil, nil, err
	}
	p.Bar.AsOf = p.Ingest.AsOf
	p.Verdict = report.Ingest(i18n.From(r.Context()), p.Query, p.Ingest)
	return views.Ingest(p), views.IngestPanel(p), nil
}

// ingestPage parses the request: the one place that reads its URL.
func (s *server) ingestPage(r *http.Request) (views.IngestPage, error) {
	v, err := queryOf(r)
	if err != nil {
		return views.IngestPage{}, err
	}
	q, err := telemetry.ParseIngest(v, s.Now(), s.Zone)
	if err != nil {
		return views.IngestPage{}, err
	}
	q.Allow = s.allow(r)
	refresh, err := parseRefresh(v.Get("refresh"), q.Range)
	if err != nil {
		return views.IngestPage{}, err
	}
	p := views.IngestPage{Page: s.page(r, "ingest.title"), Query: q, Address: s.IngestAddress, How: views.Shippers()[0]}
	p.Now = s.Now().In(q.Range.Zone)
	values := q.Values()
	if v.Get("refresh") != "" {
		values.Set("refresh", views.RefreshText(refresh))
	}
	if how := v.Get("how"); slices.Contains(views.Shippers(), how) {
		p.How = how
		values.Set("how", how)
	}
	p.Bar = views.ScopeBar{Page: p.Page, Range: q.Range, Refresh: refresh, Values: values, Plain: true}
	return p, nil
}
