package ingest

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// product names us as clients of Elasticsearch want it, on every answer.
func product(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// guard lets in who may write, before anything of a body is read.
func (e *Endpoint) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, check := range []func(*http.Request) error{e.checkHost, checkBrowser, e.authorize} {
			if err := check(r); err != nil {
				e.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses names that are not ours: a page of another name that
// resolves to this machine (DNS rebinding) gets nothing.
func (e *Endpoint) checkHost(r *http.Request) error {
	if name := hostname(r.Host); !slices.Contains(e.config.Hosts, name) {
		return newFault(http.StatusMisdirectedRequest, security, "the host [%s] is not served here: use one of the configured names", short(name))
	}
	return nil
}

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// checkBrowser refuses what a web page sends: any page that a user of this
// machine visits could post to a loopback address, shippers never say where
// they come from.
func checkBrowser(r *http.Request) error {
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if len(r.Header.Values(name)) > 0 {
			return newFault(http.StatusForbidden, security, "requests of web pages are refused: this one has the header %s", name)
		}
	}
	return nil
}

func (e *Endpoint) authorize(r *http.Request) error {
	if e.config.Authorizer == nil {
		return nil
	}
	ok, err := e.config.Authorizer.Authorize(r.Context(), r.Header.Get("Authorization"))
	if err == nil && !ok {
		err = newFault(http.StatusUnauthorized, security, "missing or wrong key: send it as basic or ApiKey authorization")
	}
	return err
}
