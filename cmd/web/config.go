package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// given is one text that was given for a setting.
type given struct {
	text  string
	where string // where it was given, for messages
	// label names the key where `where` does not.
	label string
}

// loadConfig reads flags, environment and file, the first of them that has a
// key winning, and checks all that was given, also what is overridden: the
// error is a *configError with every fault.
func loadConfig(line commandLine, env []string, stdin io.Reader) (config, error) {
	faults := line.faults
	vars := environment(env)
	if line.operand == "-" && configPath(line, vars) == "-" {
		return config{}, &configError{append(faults, fault{"command line", "the configuration and the documents cannot both come from standard input"})}
	}
	file, more := readConfigFile(configPath(line, vars), stdin)
	faults = append(faults, more...)
	c := newConfig()
	for _, s := range settings() {
		sources := [][]given{fromFlags(line, s), fromEnvironment(vars, s), file[s.name], fromDefault(s)}
		faults = append(faults, apply(c, s, sources)...)
	}
	if len(faults) == 0 {
		faults = c.checkCluster()
	}
	if len(faults) > 0 {
		return config{}, &configError{faults}
	}
	return *c, nil
}

func newConfig() *config { return &config{from: map[string]string{}} }

// apply sets the setting from the first source that has it, and checks the rest.
func apply(c *config, s setting, sources [][]given) []fault {
	var faults []fault
	target := c
	for _, source := range sources {
		for _, g := range source {
			if err := s.set(target, g.text); err != nil {
				faults = append(faults, fault{g.where, fmt.Sprintf("%s%q %s", g.label, g.text, err)})
			}
			target.from[s.name] = g.where
		}
		if len(source) > 0 {
			target = newConfig() // only to be checked
		}
	}
	return faults
}

func fromFlags(line commandLine, s setting) []given {
	var out []given
	for _, text := range line.flags[s.name] {
		out = append(out, given{text: text, where: "flag --" + s.name})
	}
	return out
}

// fromEnvironment takes an empty variable as not set, as a compose file passes it.
func fromEnvironment(vars map[string]string, s setting) []given {
	texts := []string{vars[s.env()]}
	if s.list {
		texts = strings.Split(texts[0], ",")
	}
	var out []given
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, given{text: text, where: "environment " + s.env()})
		}
	}
	return out
}

func fromDefault(s setting) []given {
	if s.fallback == "" {
		return nil
	}
	return []given{{text: s.fallback, where: "default", label: s.name + ": "}}
}

func environment(env []string) map[string]string {
	vars := map[string]string{}
	for _, v := range env {
		if name, value, ok := strings.Cut(v, "="); ok && strings.HasPrefix(name, "JIKIMI_") {
			vars[name] = value
		}
	}
	return vars
}

func configPath(line commandLine, vars map[string]string) string {
	if paths := line.flags["config"]; len(paths) > 0 {
		return paths[len(paths)-1]
	}
	return vars["JIKIMI_CONFIG"]
}

func newLogger(c config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.logLevel}
	if c.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// folder is the data folder, or the one given where none is configured.
func (c config) folder(fallback string) string { return cmp.Or(c.data, fallback) }
