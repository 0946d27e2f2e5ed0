package main

import (
	"bytes"
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	tests := []struct {
		info debug.BuildInfo
		want string
	}{
		{debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: commit}, "v1.2.3"},
		{debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: commit}, "devel-0123456789ab-modified"},
		{debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: commit[:1]}, "devel-0123456789ab"},
		{debug.BuildInfo{}, "devel"},
	}
	for _, tt := range tests {
		if got := versionOf(&tt.info); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// The version needs no good configuration.
func TestVersionCommand(t *testing.T) {
	var out, errs bytes.Buffer
	if err := run(t.Context(), []string{"version"}, []string{"JIKIMI_LANG=xx"}, nil, &out, &errs); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "jikimi ") || strings.Count(got, "\n") != 1 || !strings.Contains(got, "(go1.") {
		t.Errorf("got %q, want one line: jikimi VERSION (goVERSION, OS/ARCH)", got)
	}
}
