package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func get(a *Assets, method, url, acceptEncoding string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	r.Header.Set("Accept-Encoding", acceptEncoding)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryAssetIsServed(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{
		"app.css":     "text/css; charset=utf-8",
		"app.js":      "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml",
	}
	if len(a.urls) != len(types) {
		t.Errorf("got %d files in dist, want %d: %v", len(a.urls), len(types), a.urls)
	}
	for name, contentType := range types {
		t.Run(name, func(t *testing.T) {
			want, err := dist.ReadFile("dist/" + name)
			if err != nil {
				t.Fatal(err)
			}
			res := get(a, http.MethodGet, a.URL(name), "")
			if res.StatusCode != http.StatusOK {
				t.Fatalf("got status %d, want 200", res.StatusCode)
			}
			for header, value := range map[string]string{
				"Content-Type":           contentType,
				"Cache-Control":          "public, max-age=31536000, immutable",
				"X-Content-Type-Options": "nosniff",
				"Content-Encoding":       "",
				"Content-Length":         strconv.Itoa(len(want)),
				"Vary":                   "Accept-Encoding",
			} {
				if got := res.Header.Get(header); got != value {
					t.Errorf("%s: got %q, want %q", header, got, value)
				}
			}
			if got := body(t, res.Body); !bytes.Equal(got, want) {
				t.Errorf("got %d bytes that differ from the file's %d", len(got), len(want))
			}
		})
	}
}

func TestGzipRoundTrip(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name := range a.urls {
		plain := body(t, get(a, http.MethodGet, a.URL(name), "identity").Body)
		res := get(a, http.MethodGet, a.URL(name), "br, gzip;q=0.8")
		if got := res.Header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("%s: got encoding %q, want gzip", name, got)
			continue
		}
		packed := body(t, res.Body)
		if len(packed) >= len(plain) {
			t.Errorf("%s: gzip has %d bytes, plain %d", name, len(packed), len(plain))
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, r); !bytes.Equal(got, plain) {
			t.Errorf("%s: unpacked bytes differ from the plain ones", name)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br,gzip": true, "gzip;q=0": false, "gzip; q=0.5": true,
		"gzip;q=x": false, "identity": false, "xgzip": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q): got %v, want %v", header, got, want)
		}
	}
}

func TestURLChangesWithContent(t *testing.T) {
	url := func(content string) string {
		a, err := load(fstest.MapFS{"a.css": {Data: []byte(content)}})
		if err != nil {
			t.Fatal(err)
		}
		return a.URL("a.css")
	}
	one, again, two := url("a{}"), url("a{}"), url("b{}")
	if one != again {
		t.Errorf("same content: got %s and %s", one, again)
	}
	if one == two {
		t.Errorf("other content: got %s twice", one)
	}
	if !strings.HasPrefix(one, "/static/a.") || !strings.HasSuffix(one, ".css") || len(one) != len("/static/a..css")+10 {
		t.Errorf("got address %s, want /static/a.<10 digits>.css", one)
	}
}

func TestUnchangedIs304(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"", "gzip"} {
		r := httptest.NewRequest(http.MethodGet, a.URL("app.css"), nil)
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("If-None-Match", get(a, http.MethodGet, a.URL("app.css"), encoding).Header.Get("ETag"))
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("encoding %q: got status %d with %d bytes, want 304 with none", encoding, w.Code, w.Body.Len())
		}
	}
}

func TestOnlyGetAndHeadOfKnownAddresses(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	css := a.URL("app.css")
	for _, c := range []struct {
		method, url string
		status      int
	}{
		{http.MethodHead, css, http.StatusOK},
		{http.MethodPost, css, http.StatusNotFound},
		{http.MethodDelete, css, http.StatusNotFound},
		{http.MethodGet, "/static/app.css", http.StatusNotFound},
		{http.MethodGet, "/static/app.0000000000.css", http.StatusNotFound},
		{http.MethodGet, "/static/", http.StatusNotFound},
		{http.MethodGet, "/static/../static.go", http.StatusNotFound},
		{http.MethodGet, "/static/%2e%2e/static.go", http.StatusNotFound},
		{http.MethodGet, "/static/x/.." + strings.TrimPrefix(css, "/static"), http.StatusNotFound},
		{http.MethodGet, "/static/" + css, http.StatusNotFound},
		{http.MethodGet, css + "/", http.StatusNotFound},
	} {
		res := get(a, c.method, c.url, "gzip")
		if res.StatusCode != c.status {
			t.Errorf("%s %s: got status %d, want %d", c.method, c.url, res.StatusCode, c.status)
		}
		if c.method == http.MethodHead && len(body(t, res.Body)) != 0 {
			t.Errorf("HEAD %s: got a body", c.url)
		}
	}
}

func TestUnknownNamePanics(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("URL of an unknown name: no panic")
		}
	}()
	a.URL("nothing.css")
}

func TestUnknownKindOfFile(t *testing.T) {
	if _, err := load(fstest.MapFS{"notes.txt": {Data: []byte("x")}}); err == nil {
		t.Error("got no error for a file without a content type")
	}
}
