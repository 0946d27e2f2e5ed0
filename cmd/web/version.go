package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the program's version as the Go tool recorded it: the module's
// version, else the commit it was built from, else `devel`.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	facts := map[string]string{}
	for _, s := range info.Settings {
		facts[s.Key] = s.Value
	}
	v := "devel"
	if rev := facts["vcs.revision"]; rev != "" {
		v += "-" + rev[:min(12, len(rev))]
	}
	if facts["vcs.modified"] == "true" {
		v += "-modified"
	}
	return v
}

func versionLine() string {
	return fmt.Sprintf("jikimi %s (%s, %s/%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
