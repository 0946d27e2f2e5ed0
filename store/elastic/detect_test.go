package elastic

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"jikimi/telemetry"
)

// question is one that any server must be asked for.
func question() telemetry.LatencyQuery {
	return telemetry.LatencyQuery{Range: sampleRange(), Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
}

// TestDetection reads GET / as the servers answer it.
func TestDetection(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       Server
		err        error
	}{
		{"7.10.2-oss", `{"version":{"number":"7.10.2","build_flavor":"oss"},"tagline":"You Know, for Search"}`, Server{"elasticsearch", "7.10.2", "oss"}, nil},
		{"8", `{"version":{"number":"8.19.21","build_flavor":"default"},"tagline":"You Know, for Search"}`, Server{"elasticsearch", "8.19.21", "default"}, nil},
		{"OpenSearch", `{"version":{"distribution":"opensearch","number":"2.19.1"},"tagline":"The OpenSearch Project: https://opensearch.org/"}`, Server{"opensearch", "2.19.1", ""}, nil},
		{"OpenSearch that says 7.10.2", `{"version":{"distribution":"opensearch","number":"7.10.2"},"tagline":"The OpenSearch Project: https://opensearch.org/"}`, Server{"opensearch", "7.10.2", ""}, nil},
		{"nothing", `{}`, Server{}, errUnknown},
		{"a number alone", `{"version":{"number":"7.10.2","build_flavor":"oss"}}`, Server{}, errUnknown},
		{"another distribution", `{"version":{"number":"7.10.2","distribution":"other"},"tagline":"You Know, for Search"}`, Server{}, errUnknown},
		{"a proxy", `<html><body>Bad gateway</body></html>`, Server{}, errNoJSON},
		{"empty", ``, Server{}, errNoJSON},
	} {
		got, err := readServer([]byte(c.body))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %+v, %v, want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func TestRealServer(t *testing.T) {
	got, err := open(t, Config{}).Server(t.Context())
	if want := (Server{"elasticsearch", "7.10.2", "oss"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestUnavailable: whatever is wrong with the cluster, a question gets an error
// that says so; opening gets none.
func TestUnavailable(t *testing.T) {
	text := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"empty JSON", text(200, "application/json", `{}`), "neither Elasticsearch nor OpenSearch"},
		{"HTML", text(200, "text/html", `<html></html>`), "something other than a search server"},
		{"401 in JSON", text(401, "application/json", `{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}`), "missing authentication credentials"},
		{"401 as text", text(401, "text/plain", `Unauthorized`), "credentials are missing, wrong"},
		{"503", text(503, "text/html", `<html>down</html>`), "503 service unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			web := httptest.NewServer(c.answer)
			t.Cleanup(web.Close)
			s := open(t, Config{URLs: []string{web.URL}})
			s.transport.wait = noWait
			checkUnavailable(t, s, c.want)
		})
	}
	t.Run("closed port", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		checkUnavailable(t, open(t, Config{URLs: []string{"http://" + l.Addr().String()}}), "connection refused")
	})
}

func checkUnavailable(t *testing.T, s *Store, want string) {
	t.Helper()
	_, err := s.Latency(t.Context(), question())
	if !errors.Is(err, telemetry.ErrUnavailable) || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want data unavailable because %q", err, want)
	}
}

// TestHangingPort: somebody listens and never answers; the asker's deadline decides.
func TestHangingPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // the test is over
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err = open(t, Config{URLs: []string{"http://" + l.Addr().String()}}).Latency(ctx, question())
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 3*time.Second {
		t.Errorf("got error %v after %v, want deadline exceeded at once", err, time.Since(begin))
	}
}

// TestDetectedAgain: a cluster that comes back as something else is looked at
// before it is asked.
func TestDetectedAgain(t *testing.T) {
	s := open(t, Config{})
	if err := s.ready(t.Context()); err != nil || !s.transport.accepted.Load() {
		t.Fatalf("got accepted %v, %v", s.transport.accepted.Load(), err)
	}
	nodes := s.transport.nodes
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
	t.Cleanup(web.Close)
	var err error
	if s.transport.nodes, err = nodeURLs([]string{web.URL}); err != nil {
		t.Fatal(err)
	}
	checkUnavailable(t, s, "not the JSON expected")
	checkUnavailable(t, s, "something other than a search server")
	s.transport.nodes = nodes
	if _, err := s.Latency(t.Context(), question()); err != nil {
		t.Errorf("the real server again: got error %v", err)
	}
}

// TestSecretsStayHere: neither errors nor the log repeat a credential, although
// a server's parse error repeats the request it had in its buffer.
func TestSecretsStayHere(t *testing.T) {
	const password, key = "hunter2-password", "aHVudGVyMi1rZXk6c2VjcmV0"
	basic := base64.StdEncoding.EncodeToString([]byte("admin:" + password))
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"root_cause":[{"type":"json_parse_exception","reason":"Unexpected character\n at [Source: (`+
			r.Header.Get("Authorization")+`) other client's document]"}],"type":"json_parse_exception","reason":"Unexpected character `+
			r.Header.Get("Authorization")+`\n at [Source: (byte[])\"POST /_msearch Authorization: `+r.Header.Get("Authorization")+`\"; line: 1]"},"status":400}`)
	}
	for _, c := range []Config{{Username: "admin", Password: password}, {APIKey: key}} {
		for name, from := range map[string]http.HandlerFunc{
			"GET /": echo,
			"_msearch": func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					_, _ = io.WriteString(w, `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`)
					return
				}
				echo(w, r)
			},
			"an item": itemErrors,
		} {
			var log strings.Builder
			web := httptest.NewServer(from)
			c.URLs, c.Logger = []string{web.URL}, slog.New(slog.NewTextHandler(&log, nil))
			_, err := open(t, c).Latency(t.Context(), question())
			web.Close()
			if !errors.Is(err, telemetry.ErrUnavailable) {
				t.Fatalf("%s: got error %v, want data unavailable", name, err)
			}
			for _, secret := range []string{password, key, basic, "other client's document", "Authorization:"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(log.String(), secret) {
					t.Errorf("%s: %q is in the error or the log:\n%v\n%s", name, secret, err, log.String())
				}
			}
		}
	}
}

// itemErrors is a server with one index whose searches all fail and repeat
// the request's credentials.
func itemErrors(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/":
		_, _ = io.WriteString(w, `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`)
	case strings.HasPrefix(r.URL.Path, "/_cluster/state"):
		_, _ = io.WriteString(w, `{"metadata":{"indices":{"logstash-dev-was-2026.11.22":{"state":"open","mapping_version":1}}}}`)
	case strings.HasSuffix(r.URL.Path, "/_field_caps"):
		_, _ = io.WriteString(w, `{"indices":["logstash-dev-was-2026.11.22"],"fields":{"timestamp":{"date":{"type":"date"}}}}`)
	default:
		_, _ = io.WriteString(w, `{"responses":[{"error":{"type":"json_parse_exception","reason":"`+r.Header.Get("Authorization")+` at [Source: other client's document"},"status":400}]}`)
	}
}
