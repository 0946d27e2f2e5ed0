package views

// marks holds the inner markup of each status mark on a 16 × 16 grid: shape first, colour second.
// The colour is the svg's currentColor, given by its class mk-NAME in static/src/app.css;
// "hole" and "dot" are strokes and fills in the colour of the panel below.
var marks = map[string]string{
	"ok":        `<circle cx="8" cy="8" r="7" fill="currentColor"/><path class="hole" d="M4.8 8.2l2.2 2.2 4.2-4.6" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
	"warn":      `<path d="M8 1.2 15.4 14.4H.6z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/><path class="hole" d="M8 5.6v4.2" stroke-width="1.8" stroke-linecap="round"/><circle class="dot" cx="8" cy="12.2" r="1.05"/>`,
	"crit":      `<path d="M8 .6 15.4 8 8 15.4.6 8z" fill="currentColor" stroke="currentColor" stroke-linejoin="round"/><path class="hole" d="M8 4.6v4" stroke-width="1.8" stroke-linecap="round"/><circle class="dot" cx="8" cy="11.2" r="1.05"/>`,
	"live":      `<circle cx="8" cy="8" r="5.5" fill="currentColor"/>`,
	"late":      `<circle cx="8" cy="8" r="5.5" stroke="currentColor" stroke-width="2"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>`,
	"stale":     `<circle cx="8" cy="8" r="5.5" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2.2"/>`,
	"lost":      `<rect x="1.5" y="1.5" width="13" height="13" rx="2" fill="currentColor"/><path class="hole" d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" stroke-width="1.8" stroke-linecap="round"/>`,
	"none":      `<path d="M4 8h8" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>`,
	"new":       `<path d="M8 1.5l2 4.3 4.6.6-3.4 3.2.9 4.7L8 12l-4.1 2.3.9-4.7L1.4 6.4 6 5.8z" fill="currentColor"/>`,
	"regressed": `<path d="M13.5 8A5.5 5.5 0 1 1 11 3.4" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><path d="M8.6 1.2 12.2 3.6 9.4 6.6z" fill="currentColor"/>`,
	"ongoing":   `<circle cx="8" cy="8" r="5.5" stroke="currentColor" stroke-width="2"/><circle cx="8" cy="8" r="2" fill="currentColor"/>`,
	"muted":     `<circle cx="8" cy="8" r="5.5" stroke="currentColor" stroke-width="2"/><path d="M4.4 11.6 11.6 4.4" stroke="currentColor" stroke-width="2"/>`,
	"info":      `<circle cx="8" cy="8" r="7" fill="currentColor"/><path class="hole" d="M8 7.2v4" stroke-width="1.8" stroke-linecap="round"/><circle class="dot" cx="8" cy="4.6" r="1.05"/>`,
	"deploy":    `<path d="M8 2.5 14 13H2z" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/>`,
	"restart":   `<path d="M13 8A5 5 0 1 1 10.8 3.9" stroke="currentColor" stroke-width="2" stroke-linecap="round"/><path d="M8.6 1.6 12 4 9.2 6.8z" fill="currentColor"/>`,
	"k6":        `<path d="M2 13 6.5 4l3 5L11.5 6 14 13z" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>`,
}
