//go:build soak

package embedded

import "testing"

func TestSoakKilledWhileWriting(t *testing.T) { killRounds(t, 20) }
