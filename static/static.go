// Package static holds the style sheet, the script and the icon of the pages and serves them.
//
// The built files lie in dist/ under stable names and are part of the program. Their addresses carry
// a hash of their content, so a browser may keep them for ever:
//
//	assets, err := static.New()
//	assets.URL("app.css")            // "/static/app.3f9c2a71d0.css"
//	router.Handle("/static/*", assets)
//
// `npm run build` makes the files from src/.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

//go:embed dist
var dist embed.FS

// prefix is where the router mounts the assets.
const prefix = "/static/"

// contentTypes are the kinds of file that may lie in dist/. The list is ours, not the system's,
// so that the same program answers the same on every machine.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Assets serves the files in dist/ at addresses that hold their hash.
type Assets struct {
	urls  map[string]string // by name on disk
	files map[string]asset  // by address
}

type asset struct {
	contentType  string
	etag         string
	plain, gzip  []byte
	compressible bool // gzip is smaller than plain
}

// New reads, hashes and compresses the embedded files. An error means a file of unknown kind in dist/.
func New() (*Assets, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	return load(files)
}

func load(files fs.FS) (*Assets, error) {
	a := &Assets{urls: map[string]string{}, files: map[string]asset{}}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return nil, fmt.Errorf("static: %w", err)
		}
		if err := a.add(e.Name(), content); err != nil {
			return nil, fmt.Errorf("static: %s: %w", e.Name(), err)
		}
	}
	return a, nil
}

func (a *Assets) add(name string, content []byte) error {
	ext := path.Ext(name)
	contentType, ok := contentTypes[ext]
	if !ok {
		return fmt.Errorf("no content type for %q", ext)
	}
	small, err := compress(content)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])[:10]
	url := prefix + strings.TrimSuffix(name, ext) + "." + hash + ext
	a.urls[name] = url
	a.files[url] = asset{contentType: contentType, etag: hash, plain: content, gzip: small, compressible: len(small) < len(content)}
	return nil
}

func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// URL returns the address of a file in dist/. It panics if there is none: that is a mistake in a page,
// and every page is rendered in the tests.
func (a *Assets) URL(name string) string {
	url, ok := a.urls[name]
	if !ok {
		panic("static: no file " + strconv.Quote(name))
	}
	return url
}

// ServeHTTP answers GET and HEAD for the exact addresses that URL returns, and 404 for everything else.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	body, etag, h := f.plain, f.etag, w.Header()
	if f.compressible {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = f.gzip, f.etag+"-gz"
			h.Set("Content-Encoding", "gzip")
		}
	}
	etag = `"` + etag + `"`
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", etag)
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // fails only when the browser has gone away
	}
}

// acceptsGzip reads an Accept-Encoding header. "gzip;q=0" is a refusal.
func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
