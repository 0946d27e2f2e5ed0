package telemetry

// Role is what a field means, whatever it is called: pages and stores name
// roles, profiles say which field plays them.
type Role string

// The roles. Text ones hold text; the unit of the others is given.
const (
	RoleTime       Role = "time"        // when it happened
	RoleLevel      Role = "level"       // lower case: debug, info, warn, error, fatal
	RoleMessage    Role = "message"     //
	RoleProtocol   Role = "protocol"    // lower case: http, websocket, mqtt, db, server
	RoleEvent      Role = "event"       // what happened: request, response, message, close …
	RoleMethod     Role = "method"      // upper case for HTTP
	RoleRoute      Role = "route"       // the pattern that matched, else the path
	RoleURL        Role = "url"         // as it was asked for
	RoleStatus     Role = "status"      // HTTP status, 0: no answer
	RoleDuration   Role = "duration"    // milliseconds
	RoleHost       Role = "host"        // the machine that logged
	RoleUser       Role = "user"        //
	RoleSession    Role = "session"     //
	RoleClient     Role = "client"      // the caller's address
	RoleErrorCode  Role = "error_code"  //
	RoleErrorType  Role = "error_type"  //
	RoleErrorText  Role = "error_text"  // the error's own message
	RoleErrorStack Role = "error_stack" //
	RoleTopic      Role = "topic"       // MQTT
	RoleDevice     Role = "device"      //
	RoleMetric     Role = "metric"      // name of a measured value
	RoleValue      Role = "value"       // its number
	RoleRun        Role = "run"         // load test run
	RoleScenario   Role = "scenario"    // load test scenario
)

// Unit is what a number counts.
type Unit string

// The units of durations. Empty means no unit.
const (
	UnitNone  Unit = ""
	UnitNano  Unit = "ns"
	UnitMicro Unit = "µs"
	UnitMilli Unit = "ms"
	UnitSec   Unit = "s"
)

// Millis is v in milliseconds.
func (u Unit) Millis(v float64) float64 {
	switch u {
	case UnitNano:
		return v / 1e6
	case UnitMicro:
		return v / 1e3
	case UnitSec:
		return v * 1e3
	}
	return v
}

// Kind says what a document reports, as far as the pages care.
type Kind string

// The kinds.
const (
	// KindRequest is the outcome of an HTTP request: a status, or a duration
	// and an event that says response. The announcement of a request
	// (event request) and one whose client left (aborted, status 499) are not.
	KindRequest Kind = "request"
	// KindSample is a load test's sample.
	KindSample Kind = "sample"
	// KindOther is everything else.
	KindOther Kind = ""
)
