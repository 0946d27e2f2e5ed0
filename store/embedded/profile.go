package embedded

import (
	"encoding/json"

	"jikimi/telemetry"
)

// The columns of the roles, in this order. Where two roles are read from one
// path, the earlier one answers for the value when a document is rebuilt.
var roles = [...]telemetry.Role{
	telemetry.RoleTime, telemetry.RoleLevel, telemetry.RoleMessage, telemetry.RoleProtocol, telemetry.RoleEvent,
	telemetry.RoleMethod, telemetry.RoleRoute, telemetry.RoleURL, telemetry.RoleStatus, telemetry.RoleDuration,
	telemetry.RoleHost, telemetry.RoleUser, telemetry.RoleSession, telemetry.RoleClient, telemetry.RoleErrorCode,
	telemetry.RoleErrorType, telemetry.RoleErrorText, telemetry.RoleErrorStack, telemetry.RoleTopic,
	telemetry.RoleDevice, telemetry.RoleMetric, telemetry.RoleValue, telemetry.RoleRun, telemetry.RoleScenario,
}

// Places of the roles that the code looks at by itself.
const (
	atTime     = 0
	atProtocol = 3
	atEvent    = 4
	atMethod   = 5
	atRoute    = 6
	atStatus   = 8
	atDuration = 9
	atMetric   = 20
	atValue    = 21
)

// profile is a telemetry.Profile made ready for looking up paths.
type profile struct {
	telemetry.Profile
	number uint8
	// byPath are the roles a path can play, with its rank: 1 is the best.
	byPath map[string][]ranked
	marks  []uint64 // sets of bits of the marks' paths, any of which suffices
}

type ranked struct {
	role int
	rank uint8
	unit telemetry.Unit
}

// compileProfiles numbers the marks' paths across all profiles, 64 at most.
func compileProfiles(list []telemetry.Profile) []*profile {
	bits := markBits(list)
	out := make([]*profile, len(list))
	for i, p := range list {
		c := &profile{Profile: p, number: uint8(i), byPath: map[string][]ranked{}}
		for role, name := range roles {
			for rank, f := range p.Fields[name] {
				c.byPath[f.Path] = append(c.byPath[f.Path], ranked{role, uint8(rank + 1), f.Unit})
			}
		}
		for _, set := range p.Marks {
			var mask uint64
			for _, path := range set {
				mask |= bits[path]
			}
			c.marks = append(c.marks, mask)
		}
		out[i] = c
	}
	return out
}

func markBits(list []telemetry.Profile) map[string]uint64 {
	bits := map[string]uint64{}
	for _, p := range list {
		for _, set := range p.Marks {
			for _, path := range set {
				if bits[path] == 0 {
					bits[path] = 1 << len(bits)
				}
			}
		}
	}
	return bits
}

// detect is the first profile whose marks are all among those seen.
func detect(list []*profile, seen uint64) *profile {
	for _, p := range list {
		if len(p.marks) == 0 {
			return p
		}
		for _, mask := range p.marks {
			if seen&mask == mask {
				return p
			}
		}
	}
	return list[len(list)-1]
}

// shape says how a document's roles were read: which profile, which of its
// paths, and whether the value lives in its column only. Documents of one
// program have few shapes, so a row keeps the number of its shape.
type shape struct {
	profile uint8
	uses    [len(roles)]use
}

// use is how one role was read: rank 0 means not at all.
type use struct {
	rank uint8
	form form
}

// storedShape is a shape as a day file keeps it: complete, so that a row can
// be read after the profiles have changed.
type storedShape struct {
	Profile string      `json:"profile"`
	Roles   []storedUse `json:"roles,omitempty"`
}

type storedUse struct {
	Role telemetry.Role `json:"role"`
	Path string         `json:"path"`
	Unit telemetry.Unit `json:"unit,omitempty"`
	Form form           `json:"form,omitempty"`
}

func (s shape) stored(list []*profile) storedShape {
	p := list[s.profile]
	out := storedShape{Profile: p.Name}
	for role, u := range s.uses {
		if u.rank > 0 {
			f := p.Fields[roles[role]][u.rank-1]
			out.Roles = append(out.Roles, storedUse{Role: roles[role], Path: f.Path, Unit: f.Unit, Form: u.form})
		}
	}
	return out
}

// text is the shape as JSON; equal shapes have equal texts.
func (s storedShape) text() (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}
