package telemetry

import (
	"errors"
	"fmt"
)

// The kinds of failure a page can say something useful about. Stores wrap them.
var (
	// ErrInvalid is a question that cannot be asked: the asker must change it.
	ErrInvalid = errors.New("invalid question")
	// ErrNotFound is a thing that does not exist, or that the asker may not see.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable is data that cannot be read now: asking again may work.
	ErrUnavailable = errors.New("data unavailable")
)

// InvalidError is an ErrInvalid that names the parameter at fault.
type InvalidError struct {
	// Param is the URL parameter, Value what it held (cut to 80 bytes).
	Param, Value string
	// Code says what is wrong; pages translate `invalid.<code>`.
	Code string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("parameter %s=%q: %s", e.Param, e.Value, e.Code)
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

func invalid(param, value, code string) error {
	const most = 80
	if len(value) > most {
		value = value[:most]
	}
	return &InvalidError{Param: param, Value: value, Code: code}
}
