package views

import (
	"context"
	"strings"
	"time"
	"unicode"

	"jikimi/i18n"
)

// cellRunes is the longest text a cell shows.
const cellRunes = 200

// Clean makes text from logs fit to be shown: control, escape and bidi
// characters become a visible dot, and what is too long is cut.
func Clean(s string) string {
	n := 0
	return strings.Map(func(r rune) rune {
		n++
		switch {
		case n == cellRunes:
			return '…'
		case n > cellRunes:
			return -1
		case unicode.IsControl(r) || bidi(r) || r == unicode.ReplacementChar:
			return '·'
		}
		return r
	}, s)
}

// bidi are the characters that change the direction of what stands around
// them, and the invisible ones that hide text.
func bidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0x200b && r <= 0x200f || r == 0xfeff || r == 0x061c
}

func lasting(ctx context.Context, d time.Duration) string {
	return i18n.From(ctx).Lasting(d).String()
}
