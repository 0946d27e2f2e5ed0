package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"jikimi/i18n"
)

// maxForm is the most a form of ours may send.
const maxForm = 16 << 10

// setPreferences keeps the viewer's language or theme in a cookie and goes back
// to where they were.
func (s *server) setPreferences(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.showError(w, r, http.StatusRequestEntityTooLarge, "")
		return
	}
	if lang := r.PostForm.Get("lang"); slices.Contains(i18n.Langs(), i18n.Lang(lang)) {
		keep(w, r, langCookie, lang)
	}
	if theme := r.PostForm.Get("theme"); theme == "light" || theme == "dark" {
		keep(w, r, themeCookie, theme)
	}
	http.Redirect(w, r, ownPath(r.PostForm.Get("next")), http.StatusSeeOther) //nolint:gosec // ownPath lets only our paths through
}

func keep(w http.ResponseWriter, r *http.Request, name, value string) {
	const year = 365 * 24 * 60 * 60
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure under TLS; plain http is served on loopback only
		Name: name, Value: value, Path: "/", MaxAge: year, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// ownPath is next if it is a path of ours, else the start page. What a browser
// might read as another site's address (//e, /\e, /%09/e) is not ours.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	path, err := url.PathUnescape(u.EscapedPath())
	if err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return "/"
	}
	return u.EscapedPath() + querySuffix(u)
}

func querySuffix(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}
