package views

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"jikimi/i18n"
)

// quantity is a number with its unit, which is set smaller and never parts
// from its number.
func quantity(q i18n.Quantity) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		s := templ.EscapeString(q.Figure)
		if q.Unit != "" {
			s += `<span class="u">` + templ.EscapeString(q.Unit) + `</span>`
		}
		_, err := io.WriteString(w, s)
		return err
	})
}
