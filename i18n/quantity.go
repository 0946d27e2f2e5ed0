package i18n

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Quantity is a number as people read it. Figure and Unit are apart so that a
// page can set the unit smaller; String joins them with a space that does not
// break, or with none where the language wants none.
type Quantity struct {
	Figure, Unit string
	tight        bool
}

// String is the number with its unit.
func (q Quantity) String() string {
	if q.Unit == "" {
		return q.Figure
	}
	if q.tight {
		return q.Figure + q.Unit
	}
	return q.Figure + "\u00a0" + q.Unit
}

// Count is a number of things: 2,474 · 60.3만 · 603.4 k.
func (t Texts) Count(n int64) Quantity {
	v := float64(n)
	if t.Lang == Korean {
		switch {
		case n >= 1e8:
			return Quantity{round(v/1e8, decimals(v/1e8, 100)), "억", true}
		case n >= 1e6:
			return Quantity{Integer(int64(math.Round(v / 1e4))), "만", true}
		case n >= 1e4:
			return Quantity{round(v/1e4, 1), "만", true}
		}
		return Quantity{Figure: Integer(n)}
	}
	switch {
	case n >= 1e6:
		return Quantity{round(v/1e6, decimals(v/1e6, 100)), "M", false}
	case n >= 1e4:
		return Quantity{round(v/1e3, 1), "k", false}
	}
	return Quantity{Figure: Integer(n)}
}

// decimals keeps about three digits.
func decimals(v, limit float64) int {
	if v >= limit {
		return 0
	}
	return 2
}

// Integer is n with thousands separators.
func Integer(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Millis is a duration given in milliseconds: 4.5 ms · 68 ms · 1.92초 · 2분 10초.
func (t Texts) Millis(ms float64) Quantity {
	switch {
	case ms < 9.95:
		return Quantity{round(ms, 1), "ms", false}
	case ms < 999.5:
		return Quantity{round(ms, 0), "ms", false}
	case ms < 59_995:
		return Quantity{round(ms/1e3, 2), t.second(), t.Lang == Korean}
	}
	return t.Lasting(time.Duration(ms * float64(time.Millisecond)))
}

func (t Texts) second() string {
	if t.Lang == Korean {
		return "초"
	}
	return "s"
}

// Rate is how many a second, a minute: 6.98 · 12.4 · 1,204.
func (t Texts) Rate(rate float64) string {
	switch {
	case rate >= 99.5:
		return Integer(int64(math.Round(rate)))
	case rate >= 9.95:
		return round(rate, 1)
	case rate > 0 && rate < 0.005:
		return "< 0.01"
	}
	return round(rate, 2)
}

// Bytes is a size in powers of 1000: 65 KB · 1.20 GB.
func (t Texts) Bytes(n int64) Quantity {
	v, unit := float64(n), "B"
	for _, u := range []string{"KB", "MB", "GB", "TB"} {
		if v < 999.5 {
			break
		}
		v, unit = v/1000, u
	}
	if v < 9.995 && unit != "B" {
		return Quantity{round(v, 2), unit, false}
	}
	return Quantity{round(v, 0), unit, false}
}

// Lasting is a length of time in its two largest units: 2분 10초, 3 h 20 min.
func (t Texts) Lasting(d time.Duration) Quantity {
	names := map[Lang][4]string{Korean: {"일", "시간", "분", "초"}, English: {"d", "h", "min", "s"}}[t.Lang]
	join := map[Lang]string{Korean: "", English: "\u00a0"}[t.Lang]
	secs := int64(d.Round(time.Second) / time.Second)
	parts := [4]int64{secs / 86400, secs / 3600 % 24, secs / 60 % 60, secs % 60}
	var out []string
	for i, n := range parts {
		if n > 0 && len(out) < 2 {
			out = append(out, strconv.FormatInt(n, 10)+join+names[i])
		} else if len(out) > 0 {
			break
		}
	}
	if len(out) == 0 {
		out = []string{"0" + join + names[3]}
	}
	return Quantity{Figure: strings.Join(out, "\u00a0")}
}

// Share is a share from 0 to 1 in percent, two decimals. A share that is not
// zero never reads 0.00, and one that is not whole never reads 100.00.
func (t Texts) Share(share float64) Quantity {
	p := share * 100
	switch {
	case p > 0 && p < 0.005:
		return Quantity{"< 0.01", "%", true}
	case p < 100 && p > 99.995:
		return Quantity{"> 99.99", "%", true}
	}
	return Quantity{round(p, 2), "%", true}
}

// Ago is how long ago, in its largest unit: 3초 전, 26 min ago.
func (t Texts) Ago(d time.Duration) string {
	d = max(d, 0)
	unit := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	for _, u := range unit {
		if d >= u || u == time.Second {
			return t.T("ago", "d", t.Lasting(d/u*u).String())
		}
	}
	return ""
}

var weekdaysKorean = strings.Split("일 월 화 수 목 금 토", " ")

// Clock is a point in time as people read it beside now, both in the zone of
// at: 오늘 09:10 · 11.19(목) 14:05 · Thu 19 Nov 14:05; with the year if it is another.
func (t Texts) Clock(at, now time.Time) string {
	now = now.In(at.Location())
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.T("today", "t", at.Format("15:04"))
	}
	return t.Day(at, now) + " " + at.Format("15:04")
}

// Day is the calendar day of at: 11.19(목) · Thu 19 Nov; with the year if it is
// not the year of now.
func (t Texts) Day(at, now time.Time) string {
	year := at.Year() != now.Year()
	if t.Lang == Korean {
		day := at.Format("1.2") + "(" + weekdaysKorean[at.Weekday()] + ")"
		if year {
			return at.Format("2006.") + day
		}
		return day
	}
	if year {
		return at.Format("Mon 2 Jan 2006")
	}
	return at.Format("Mon 2 Jan")
}

func round(v float64, decimals int) string {
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
