package views

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// sparkline is a small line without axes, from zero up; nil values are gaps.
func sparkline(values []*float64) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		const width, height = 112, 22
		high := 1.0
		for _, v := range values {
			if v != nil {
				high = max(high, *v)
			}
		}
		var d strings.Builder
		pen := "M"
		for i, v := range values {
			if v == nil {
				pen = "M"
				continue
			}
			x := 1 + float64(i)*(width-2)/max(float64(len(values)-1), 1)
			fmt.Fprintf(&d, "%s%.1f %.1f", pen, x, height-2-*v/high*(height-4))
			pen = "L"
		}
		_, err := fmt.Fprintf(w, `<svg class="spark sm" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true"><path class="ln" d="%s"/></svg>`, width, height, d.String())
		return err
	})
}
