package embedded

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestKilledWhileWriting: whatever was acknowledged is there after kill -9.
func TestKilledWhileWriting(t *testing.T) { killRounds(t, 3) }

func killRounds(t *testing.T, rounds int) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for range rounds {
		killOnce(t, dir, acknowledged, 5+rand.IntN(60))
		c := testConfig(t, sampleNow)
		c.Dir = dir
		s := openStore(t, c)
		stored := map[string]bool{}
		for days := range 2 {
			for _, d := range exportDay(t, s, sampleNow.Add(-time.Duration(days)*24*time.Hour)) {
				stored[d.ID] = true
				if !strings.Contains(string(d.Source), `"`+d.ID+`"`) {
					t.Errorf("document %s: got %s, want its own text", d.ID, d.Source)
				}
			}
		}
		missing := 0
		for id := range acknowledged {
			if !stored[id] {
				missing++
			}
		}
		if missing > 0 || len(acknowledged) == 0 {
			t.Fatalf("got %d of %d acknowledged documents missing, want none of some", missing, len(acknowledged))
		}
		closeStore(t, s)
	}
}

// killOnce kills a writing helper after so many lines and a random moment more.
func killOnce(t *testing.T, dir string, acknowledged map[string]bool, lines int) {
	t.Helper()
	cmd, out, stdin := helper(t, "write", dir)
	defer func() { _ = stdin.Close() }()
	for read := 0; out.Scan(); read++ {
		if strings.HasPrefix(out.Text(), "error:") {
			t.Errorf("helper: %s", out.Text())
			continue
		}
		acknowledged[out.Text()] = true
		if read == lines*20 {
			time.AfterFunc(time.Duration(rand.IntN(30))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the helper ended by itself, want it killed")
	}
}
