package views

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"jikimi/telemetry"
)

// ScopeBar is the row of controls that narrows a page. Everything it says and
// changes is in Values, the page's own URL.
type ScopeBar struct {
	Page    Page
	Range   telemetry.Range
	Scope   telemetry.Scope
	Filters []telemetry.Filter
	Compare telemetry.Compare
	// Refresh is how often the panel asks again, 0 for never.
	Refresh time.Duration
	// Sources is what there is to choose from; empty in a frame.
	Sources []telemetry.Source
	// AsOf is when the data was read; zero in a frame.
	AsOf time.Time
	// Plain leaves the scope, the comparison and filters out: the page has none.
	Plain bool
	// Values is the page's URL query.
	Values url.Values
}

// choice is one line of a menu.
type choice struct {
	Label, Href string
	Current     bool
}

func (b ScopeBar) href(v url.Values) string { return link(b.Page.Path, v) }

// RefreshSteps are the intervals a person can choose for automatic refresh.
func RefreshSteps() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute}
}

// presets are the ranges of the menu: a key of i18n and the URL's parameters.
func presets() []struct{ key, from, to string } {
	return []struct{ key, from, to string }{
		{"range.15m", "now-15m", "now"}, {"range.1h", "now-1h", "now"}, {"range.6h", "now-6h", "now"},
		{"range.24h", "now-24h", "now"}, {"range.7d", "now-7d", "now"}, {"range.14d", "now-14d", "now"}, {"range.30d", "now-30d", "now"},
		{"range.today", "now/d", "now/d"}, {"range.yesterday", "now-1d/d", "now-1d/d"}, {"range.week", "now/w", "now/w"},
	}
}

// rangeValues is the shortest spelling of a range in a URL.
func rangeValues(from, to string) url.Values {
	if short, ok := strings.CutPrefix(from, "now-"); ok && to == "now" && !strings.Contains(short, "/") {
		return url.Values{"range": {short}}
	}
	return url.Values{"from": {from}, "to": {to}}
}

func (b ScopeBar) rangeChoices(ctx context.Context) []choice {
	var out []choice
	for _, p := range presets() {
		out = append(out, choice{
			Label: t(ctx, p.key), Href: b.href(withRange(b.Values, rangeValues(p.from, p.to))),
			Current: b.Range.FromExpr == p.from && b.Range.ToExpr == p.to,
		})
	}
	return out
}

// rangeLabel names the range: the preset's name or its two ends.
func (b ScopeBar) rangeLabel(ctx context.Context) string {
	for _, p := range presets() {
		if b.Range.FromExpr == p.from && b.Range.ToExpr == p.to {
			return t(ctx, p.key)
		}
	}
	return span(b.Range)
}

// local is a time as a datetime-local field wants it.
func (b ScopeBar) local(at time.Time) string { return at.In(b.Range.Zone).Format("2006-01-02T15:04") }

// hidden are the parameters a form must carry along, without those it sets.
func (b ScopeBar) hidden(leave ...string) [][2]string {
	var out [][2]string
	for k, values := range b.Values {
		if slices.Contains(leave, k) {
			continue
		}
		for _, v := range values {
			out = append(out, [2]string{k, v})
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	return out
}

// scopeChoices lists the values of one part of the scope that documents have,
// those asked for included, with `all` first.
func (b ScopeBar) scopeChoices(ctx context.Context, name string) []choice {
	chosen := b.chosen(name)
	seen := slices.Clone(chosen)
	for _, s := range b.Sources {
		if b.fits(s, name) {
			seen = append(seen, sourcePart(s, name))
		}
	}
	slices.Sort(seen)
	out := []choice{{Label: t(ctx, "scope.all"), Href: b.href(with(b.Values, name)), Current: len(chosen) == 0}}
	for _, value := range slices.Compact(seen) {
		if value == "" {
			continue
		}
		out = append(out, choice{Label: Clean(value), Href: b.href(with(b.Values, name, value)), Current: slices.Contains(chosen, value)})
	}
	return out
}

// fits says whether the source is left by the other parts of the scope.
func (b ScopeBar) fits(s telemetry.Source, name string) bool {
	for _, other := range []string{"env", "source", "host"} {
		chosen := b.chosen(other)
		if other != name && len(chosen) > 0 && !slices.Contains(chosen, sourcePart(s, other)) {
			return false
		}
	}
	return true
}

func (b ScopeBar) chosen(name string) []string {
	switch name {
	case "env":
		return b.Scope.Env
	case "source":
		return b.Scope.Source
	}
	return b.Scope.Host
}

func sourcePart(s telemetry.Source, name string) string {
	switch name {
	case "env":
		return s.Env
	case "source":
		return s.Source
	}
	return s.Host
}

// scopeLabel says what is chosen of one part of the scope.
func (b ScopeBar) scopeLabel(ctx context.Context, name string) string {
	switch chosen := b.chosen(name); len(chosen) {
	case 0:
		return t(ctx, "scope.all")
	case 1:
		return Clean(chosen[0])
	default:
		return t(ctx, "scope.some", "n", len(chosen))
	}
}

func (b ScopeBar) compareChoices(ctx context.Context) []choice {
	var out []choice
	for _, c := range []telemetry.Compare{telemetry.ComparePrevious, telemetry.CompareWeek, telemetry.CompareNone} {
		out = append(out, choice{
			Label: t(ctx, "compare."+string(c)), Href: b.href(with(b.Values, "compare", string(c))), Current: c == b.Compare,
		})
	}
	return out
}

func (b ScopeBar) refreshChoices(ctx context.Context) []choice {
	out := []choice{{Label: t(ctx, "scope.refresh.off"), Href: b.href(with(b.Values, "refresh", "off")), Current: b.Refresh == 0}}
	for _, d := range RefreshSteps() {
		out = append(out, choice{
			Label: t(ctx, "scope.refresh.every", "d", lasting(ctx, d)), Current: d == b.Refresh,
			Href: b.href(with(b.Values, "refresh", RefreshText(d))),
		})
	}
	return out
}

// RefreshText is an interval as the URL writes it: 30s, 1m, off.
func RefreshText(d time.Duration) string {
	switch {
	case d == 0:
		return "off"
	case d%time.Minute == 0:
		return strings.TrimSuffix(d.String(), "0s")
	}
	return d.String()
}

func (b ScopeBar) refreshLabel(ctx context.Context) string {
	if b.Refresh == 0 {
		return t(ctx, "scope.refresh.off.short")
	}
	return t(ctx, "scope.refresh.every", "d", lasting(ctx, b.Refresh))
}

// summary is the whole scope in one line, for the phone.
func (b ScopeBar) summary(ctx context.Context) string {
	parts := []string{b.rangeLabel(ctx)}
	for _, name := range []string{"env", "source", "host"} {
		if len(b.chosen(name)) > 0 {
			parts = append(parts, b.scopeLabel(ctx, name))
		}
	}
	if !b.Plain && b.Compare != telemetry.CompareNone {
		parts = append(parts, t(ctx, "scope.compare")+": "+t(ctx, "compare."+string(b.Compare)))
	}
	return strings.Join(parts, " · ")
}

// chip is an active filter and the way to take it off.
type chip struct{ Label, Href string }

func (b ScopeBar) chips(ctx context.Context) []chip {
	var out []chip
	for _, f := range b.Filters {
		for _, value := range f.Values {
			sign := " = "
			if f.Not {
				sign = " ≠ "
			}
			rest := slices.DeleteFunc(slices.Clone(b.Values["filter"]), func(s string) bool { return s == f.Text(value) })
			out = append(out, chip{t(ctx, "role."+string(f.Role)) + sign + Clean(value), b.href(with(b.Values, "filter", rest...))})
		}
	}
	return out
}
