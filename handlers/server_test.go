package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"jikimi/static"
	"jikimi/telemetry"
)

func TestSecurityHeaders(t *testing.T) {
	s := open(t)
	nonces := map[string]bool{}
	for _, path := range []string{"/latency", "/latency?all=1", "/nowhere", "/healthz", "/latency?range=x", "/"} {
		h := s.request(http.MethodGet, path).Header()
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %s", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: headers %v", path, h)
		}
		nonce := regexp.MustCompile(`'nonce-([0-9a-f]{24})'`).FindStringSubmatch(csp)
		if nonce == nil || nonces[nonce[1]] {
			t.Errorf("%s: nonce %v is missing or was used before", path, nonce)
			continue
		}
		nonces[nonce[1]] = true
	}
}

// TestPagesNeedNoEval: what htmx would have to evaluate, and style attributes,
// which the policy drops, stand on no page.
func TestPagesNeedNoEval(t *testing.T) {
	s := serve(t, recording)
	forbidden := regexp.MustCompile(`hx-on|hx-vals="js:|hx-trigger="[^"]*\[|\sstyle=|\son[a-z]+=|javascript:`)
	for _, path := range []string{dev, dev + "&all=1", "/latency?all=1", "/nowhere", "/latency/evidence?figure=p95&tab=table"} {
		body := s.request(http.MethodGet, path).Body.String()
		if found := forbidden.FindString(body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
}

func TestHostCheck(t *testing.T) {
	s := open(t)
	for host, want := range map[string]int{
		"jikimi.test": 200, "jikimi.test:8080": 200, "JIKIMI.test": 200, "evil.example": 421, "127.0.0.1": 421, "": 421, "jikimi.test.evil.example": 421,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/latency", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	s := serve(t, broken{errors.New("must not be asked")})
	for _, path := range []string{
		"/nowhere", "/latency/", "//latency", "/./latency", "/LATENCY", "/latency%2f", "/static/../go.mod", "/static/%2e%2e/x", "/static/app.css",
		"/{file}", "/:id", "/latency/evidence/x", "/.env", "/wp-login.php",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		u, err := url.ParseRequestURI(path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL, r.Host, r.RequestURI = u, "jikimi.test", path
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
	}
	if got := s.request(http.MethodPost, "/latency").Code; got != http.StatusMethodNotAllowed {
		t.Errorf("POST /latency: status %d", got)
	}
	if s.log.Len() > 0 {
		t.Errorf("the log says %s", s.log)
	}
}

func TestStoreErrors(t *testing.T) {
	tests := []struct {
		err    error
		code   int
		logged bool
	}{
		{fmt.Errorf("latency: %w", telemetry.ErrInvalid), http.StatusBadRequest, false},
		{fmt.Errorf("latency: %w", telemetry.ErrNotFound), http.StatusNotFound, false},
		{fmt.Errorf("latency: secret-host: %w", telemetry.ErrUnavailable), http.StatusServiceUnavailable, true},
		{errors.New("secret-host"), http.StatusInternalServerError, true},
	}
	for _, tt := range tests {
		s := serve(t, broken{tt.err})
		w := s.request(http.MethodGet, "/latency?range=7d", asPanel()...)
		if w.Code != tt.code {
			t.Errorf("%v: status %d, want %d", tt.err, w.Code, tt.code)
		}
		body := w.Body.String()
		if strings.Contains(body, "secret-host") {
			t.Errorf("%v: the error's text is on the page", tt.err)
		}
		id := w.Header().Get("X-Request-Id")
		if id == "" || !strings.Contains(body, id) {
			t.Errorf("%v: the page does not show the request's number", tt.err)
		}
		if logged := strings.Contains(s.log.String(), id); logged != tt.logged {
			t.Errorf("%v: logged %v, want %v: %s", tt.err, logged, tt.logged, s.log)
		}
	}
}

func TestUnavailableOffersAWayOn(t *testing.T) {
	s := serve(t, broken{telemetry.ErrUnavailable})
	p := s.page("/latency?range=7d&env=prod&all=1")
	var hrefs []string
	for _, a := range p.all(".errorpage a") {
		hrefs = append(hrefs, attr(a, "href"))
	}
	want := []string{"/latency?range=7d&env=prod&all=1", "/latency?all=1&env=prod&range=1h", "/latency"}
	if strings.Join(hrefs, " ") != strings.Join(want, " ") {
		t.Errorf("ways on %v, want %v", hrefs, want)
	}
}

func TestPanicIsAnErrorPage(t *testing.T) {
	log := &strings.Builder{}
	c := Config{Now: func() time.Time { return now }, Zone: time.UTC, Logger: slog.New(slog.NewTextHandler(log, nil))}
	assets, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Config: c, assets: assets}
	w := httptest.NewRecorder()
	bad := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })
	identify(s.recover(bad)).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/latency", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "a bug") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), w.Header().Get("X-Request-Id")) || !strings.Contains(log.String(), "a bug") {
		t.Errorf("the log does not have the panic and the request's number: %s", log)
	}
}

func TestPreferences(t *testing.T) {
	s := open(t)
	post := func(site, next string, pairs ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/preferences", form(append(pairs, "next", next)...))
		r.Host = "jikimi.test"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w
	}
	w := post("same-origin", "/latency?range=7d", "lang", "en", "theme", "dark")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/latency?range=7d" {
		t.Errorf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
	cookies := map[string]string{}
	for _, c := range w.Result().Cookies() {
		cookies[c.Name] = c.Value
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %s is not HttpOnly and Lax", c.Name)
		}
	}
	if cookies["jikimi_lang"] != "en" || cookies["jikimi_theme"] != "dark" {
		t.Errorf("cookies %v", cookies)
	}
	if w := post("same-origin", "/", "lang", "xx", "theme", "pink"); len(w.Result().Cookies()) != 0 {
		t.Error("unknown choices are kept")
	}
	if w := post("cross-site", "/", "lang", "en"); w.Code != http.StatusForbidden {
		t.Errorf("from another site: status %d, want 403", w.Code)
	}
	if w := post("same-origin", strings.Repeat("x", 32<<10), "lang", "en"); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("32 KB: status %d, want 413", w.Code)
	}
	for _, next := range []string{"//e.example", "/\\e.example", "/%09/e.example", "///e.example", "https://e.example", "javascript:alert(1)", "e", "", "/%5ce", "/a%0d%0ab", "http:///x", "/%2f%2fe.example"} {
		if got := post("same-origin", next, "lang", "en").Header().Get("Location"); got != "/" {
			t.Errorf("next=%q leads to %q", next, got)
		}
	}
}

func TestMachines(t *testing.T) {
	s := open(t)
	if w := s.request(http.MethodGet, "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("/healthz: %d %q", w.Code, w.Body)
	}
	if w := s.request(http.MethodGet, "/readyz"); w.Code != 200 || w.Body.String() != "ready\n" {
		t.Errorf("/readyz: %d %q", w.Code, w.Body)
	}
	for remote, want := range map[string]bool{"127.0.0.1:4": true, "[::1]:4": true, "192.0.2.1:4": false, "x": false} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		r.RemoteAddr = remote
		reached := false
		loopbackOnly(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })).ServeHTTP(httptest.NewRecorder(), r)
		if reached != want {
			t.Errorf("/metrics from %s reached: %v, want %v", remote, reached, want)
		}
	}
}
