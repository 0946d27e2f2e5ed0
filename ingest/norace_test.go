//go:build !race

package ingest

// slowness is how much longer things may take under the race detector.
const slowness = 1
