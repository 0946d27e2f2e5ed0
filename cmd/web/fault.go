package main

import (
	"slices"
	"strings"
)

// fault is one thing that is wrong with the configuration.
type fault struct {
	where string // a flag, an environment variable, or file:line:column
	text  string // what is wrong, and what would be right
}

// configError is all that is wrong with the configuration, one fault a line.
type configError struct{ faults []fault }

func (e *configError) Error() string {
	lines := make([]string, len(e.faults))
	for i, f := range e.faults {
		lines[i] = f.where + ": " + f.text
	}
	return strings.Join(lines, "\n")
}

// suggest names the known word nearest to what was written, if one is near.
func suggest(word string, known []string, prefix string) string {
	best, least := "", len(word)/2+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + prefix + best + "?"
}

// distance is the number of letters to change, add or take away to make b of
// a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			change := before[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, before[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
