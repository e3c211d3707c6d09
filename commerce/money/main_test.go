package money_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain has every property seen on 100,000 random cases, ten times as many
// by night: money is worth it, and a case costs microseconds.
func TestMain(m *testing.M) {
	flag.Parse()
	checks := flag.Lookup("rapid.checks")
	switch {
	case testing.Short(), checks.Value.String() != checks.DefValue:
	case os.Getenv("SOUK_NIGHTLY") != "":
		_ = checks.Value.Set("1000000")
	default:
		_ = checks.Value.Set("100000")
	}
	os.Exit(m.Run())
}
