package telemetry

// FieldsQuery asks what fields the documents of the range's days have.
type FieldsQuery struct {
	Range Range
	Allow Allow
}

// Fields answers a FieldsQuery.
type Fields struct {
	Meta
	List []Field
}

// Field is one path of the documents, dotted, with the JSON types its values
// have: `string`, `number`, `boolean`, `null`, `object` (empty), `array`. More
// than one besides null is a type conflict. Roles are what profiles read from it.
type Field struct {
	Path  string
	Types []string
	Roles []Role
}

// Conflict says whether the field's values have more than one type.
func (f Field) Conflict() bool {
	n := len(f.Types)
	for _, t := range f.Types {
		if t == "null" {
			n--
		}
	}
	return n > 1
}
