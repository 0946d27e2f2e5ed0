// Package views draws pages: one struct and one templ file a page. It knows
// the language of the request (i18n.From) and how numbers, times and units are
// written; it asks nothing.
package views

import (
	"context"
	"net/url"
	"time"

	"jikimi/i18n"
	"jikimi/telemetry"
)

// Page is what every page needs besides its own data.
type Page struct {
	// Title is a key of i18n.
	Title string
	// Path is the page's own path; links to itself begin with it.
	Path string
	// URL is the path and query the page was asked by: where to come back to
	// after a change of language or theme.
	URL string
	// Asset gives the address of a file of package static.
	Asset func(name string) string
	// Theme is `light`, `dark` or empty: as the system has it.
	Theme string
	// Demo marks the page as showing recorded data.
	Demo bool
	// RequestID finds the request in the log.
	RequestID string
	// Now is when the request came, in the viewer's zone.
	Now time.Time
	// Whole says that everything comes in one answer: charts are drawn as
	// pictures too, for readers without scripts.
	Whole bool
	// Waiting says that this is the frame: the panel asks for its data itself.
	Waiting bool
}

func (p Page) theme() string {
	if p.Theme == "" {
		return ""
	}
	return "jikimi-" + p.Theme
}

// otherLang is the language the page can be switched to.
func otherLang(ctx context.Context) string {
	if i18n.From(ctx).Lang == i18n.Korean {
		return string(i18n.English)
	}
	return string(i18n.Korean)
}

func lang(ctx context.Context) string { return string(i18n.From(ctx).Lang) }

func t(ctx context.Context, key string, pairs ...any) string { return i18n.T(ctx, key, pairs...) }

// link is a path with its query.
func link(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// with is v with one parameter replaced; without values it is left out.
func with(v url.Values, name string, values ...string) url.Values {
	out := url.Values{}
	for k, vs := range v {
		if k != name {
			out[k] = vs
		}
	}
	if len(values) > 0 {
		out[name] = values
	}
	return out
}

// withRange is v with another range.
func withRange(v url.Values, r url.Values) url.Values {
	out := url.Values{}
	for k, vs := range v {
		if k != "range" && k != "from" && k != "to" {
			out[k] = vs
		}
	}
	for k, vs := range r {
		out[k] = vs
	}
	return out
}

// clock writes a time beside the page's now, in the range's zone.
func clock(ctx context.Context, at, now time.Time, zone *time.Location) string {
	return i18n.From(ctx).Clock(at.In(zone), now)
}

// span writes both ends of a range: 2026-11-22 09:40 – 11-23 09:40.
func span(r telemetry.Range) string {
	from, to := r.From.In(r.Zone), r.To.In(r.Zone)
	layout := "15:04"
	if r.From.Truncate(time.Minute) != r.From || r.To.Truncate(time.Minute) != r.To {
		layout = "15:04:05"
	}
	end := to.Format("01-02 " + layout)
	if from.Year() != to.Year() {
		end = to.Format("2006-01-02 " + layout)
	} else if from.YearDay() == to.YearDay() {
		end = to.Format(layout)
	}
	return from.Format("2006-01-02 "+layout) + " – " + end
}
