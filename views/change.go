package views

import (
	"context"
	"math"
	"strconv"

	"jikimi/i18n"
)

// direction is where a number went.
type direction int

const (
	unknown direction = iota // nothing to compare with
	level
	up
	down
)

// change is how a number differs from the comparison period: Short stands on
// the page, Long is read aloud. Tone is empty (grey) unless the change matters.
type change struct {
	Direction   direction
	Short, Long string
	Tone        string
}

// relativeChange compares two numbers by percent, and by times from double on.
func relativeChange(ctx context.Context, now, was float64) change {
	if was == 0 {
		return change{Short: "–", Long: t(ctx, "change.none")}
	}
	ratio := now/was - 1
	percent := strconv.FormatFloat(math.Abs(ratio)*100, 'f', 0, 64) + "%"
	switch {
	case math.Abs(ratio) < 0.005:
		same := t(ctx, "change.same")
		return change{level, same, same, ""}
	case ratio >= 1:
		times := strconv.FormatFloat(now/was, 'f', 1, 64)
		return change{up, "×" + times, t(ctx, "change.times", "x", times), ""}
	case ratio > 0:
		return change{up, percent, t(ctx, "change.more", "p", percent), ""}
	}
	return change{down, percent, t(ctx, "change.less", "p", percent), ""}
}

// shareChange compares two shares by points of percent.
func shareChange(ctx context.Context, now, was float64) change {
	points := (now - was) * 100
	text := strconv.FormatFloat(math.Abs(points), 'f', 2, 64)
	unit := map[i18n.Lang]string{i18n.Korean: "%p", i18n.English: "\u00a0pt"}[i18n.From(ctx).Lang]
	switch {
	case math.Abs(points) < 0.005:
		same := t(ctx, "change.same")
		return change{level, same, same, ""}
	case points > 0:
		return change{up, text + unit, t(ctx, "change.points.more", "p", text), ""}
	}
	return change{down, text + unit, t(ctx, "change.points.less", "p", text), ""}
}
