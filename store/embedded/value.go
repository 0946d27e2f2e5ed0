package embedded

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// form says how a value is rebuilt from its column. Without one, the value
// also stays among the other leaves.
type form uint8

const (
	formNone    form = iota // not exactly: it stays in rest
	formText                // the text, as a string
	formUpper               // the text in upper case, as a string
	formDigits              // the text, as a number
	formNumber              // the column's number in the path's unit
	formNumeral             // the same, as a string
	formTime                // and up to six more: a time with that many digits of a second
)

// read reads a role's value from a leaf: what goes into the column, and how
// the leaf is rebuilt from that.
func read(role int, unit telemetry.Unit, l *leaf) (driver.Value, form, bool) {
	switch role {
	case atTime:
		return readTime(l)
	case atStatus:
		return readStatus(l)
	case atDuration:
		return readDuration(unit, l)
	case atValue:
		return readValue(l)
	}
	return readText(role, l)
}

func readText(role int, l *leaf) (driver.Value, form, bool) {
	switch {
	case l.kind == kindString && l.text != "":
		v := roleText(role, l.text)
		if v == "" {
			return nil, formNone, false
		}
		return v, textForm(v, l.text), true
	case l.kind == kindNumber:
		v := roleText(role, l.text)
		if v != l.text {
			return v, formNone, true
		}
		return v, formDigits, true
	}
	return nil, formNone, false
}

func textForm(v, text string) form {
	switch text {
	case v:
		return formText
	case strings.ToUpper(v):
		return formUpper
	}
	return formNone
}

// roleText is the role's word for a text.
func roleText(role int, s string) string {
	switch roles[role] {
	case telemetry.RoleLevel:
		return telemetry.Level(s)
	case telemetry.RoleProtocol:
		return telemetry.Protocol(s)
	case telemetry.RoleMethod:
		return method(s)
	}
	return s
}

// method is in upper case when it is one of HTTP.
func method(s string) string {
	switch up := strings.ToUpper(s); up {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return up
	}
	return s
}

func readTime(l *leaf) (driver.Value, form, bool) {
	switch l.kind {
	case kindString:
		t, ok := telemetry.ParseTime(l.text)
		if !ok {
			return nil, formNone, false
		}
		return t, timeForm(t, l.text), true
	case kindNumber:
		v, err := strconv.ParseFloat(l.text, 64)
		if err != nil {
			return nil, formNone, false
		}
		t, ok := telemetry.EpochTime(v)
		return t, formNone, ok
	}
	return nil, formNone, false
}

func timeForm(t time.Time, text string) form {
	digits := 0
	if dot := strings.IndexByte(text, '.'); dot >= 0 {
		digits = len(text) - dot - 2
	}
	if digits < 0 || digits > 6 || timeText(t, formTime+form(digits)) != text {
		return formNone
	}
	return formTime + form(digits)
}

func timeText(t time.Time, f form) string {
	layout := "2006-01-02T15:04:05.000000"
	n := len("2006-01-02T15:04:05")
	if digits := int(f - formTime); digits > 0 {
		n += 1 + digits
	}
	return t.UTC().Format(layout[:n]) + "Z"
}

// number is the leaf's number, and the form it would be rebuilt by.
func (l *leaf) number() (float64, form, bool) {
	switch l.kind {
	case kindNumber:
		v, err := strconv.ParseFloat(l.text, 64)
		return v, formNumber, err == nil
	case kindString:
		v, ok := telemetry.Number(l.text)
		return v, formNumeral, ok
	}
	return 0, formNone, false
}

func readStatus(l *leaf) (driver.Value, form, bool) {
	v, f, ok := l.number()
	if !ok || v < 0 || v > 999 || v != math.Trunc(v) {
		return nil, formNone, false
	}
	status := int64(v)
	return status, exactForm(f, strconv.FormatInt(status, 10), l.text), true
}

func readDuration(unit telemetry.Unit, l *leaf) (driver.Value, form, bool) {
	v, f, ok := l.number()
	if !ok || v < 0 || math.IsNaN(v) {
		return nil, formNone, false
	}
	ms := unit.Millis(v)
	return ms, exactForm(f, durationText(ms, unit), l.text), true
}

func readValue(l *leaf) (driver.Value, form, bool) {
	v, f, ok := l.number()
	if !ok {
		return nil, formNone, false
	}
	return v, exactForm(f, decimal(v), l.text), true
}

func exactForm(f form, rebuilt, text string) form {
	if rebuilt == text {
		return f
	}
	return formNone
}

// decimal is the shortest plain text of a number. A negative zero has none
// that a column keeps.
func decimal(v float64) string {
	if v == 0 && math.Signbit(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// durationText is a column's milliseconds in the path's unit.
func durationText(ms float64, unit telemetry.Unit) string {
	switch unit {
	case telemetry.UnitNano:
		return decimal(math.Round(ms * 1e6))
	case telemetry.UnitMicro:
		return decimal(math.Round(ms * 1e3))
	case telemetry.UnitSec:
		return decimal(ms / 1e3)
	}
	return decimal(ms)
}

// rebuild is the JSON text of a value that its column holds.
func (f form) rebuild(v any, unit telemetry.Unit) (json.RawMessage, error) {
	switch v := v.(type) {
	case string:
		switch f {
		case formDigits:
			return json.RawMessage(v), nil
		case formUpper:
			v = strings.ToUpper(v)
		}
		return json.Marshal(v)
	case time.Time:
		return json.Marshal(timeText(v, f))
	case int64:
		return f.quote(strconv.FormatInt(v, 10)), nil
	case float64:
		return f.quote(durationText(v, unit)), nil
	}
	return json.Marshal(v)
}

func (f form) quote(number string) json.RawMessage {
	if f == formNumeral {
		number = `"` + number + `"`
	}
	return json.RawMessage(number)
}
