package skiptest_test

import (
	"fmt"
	"os"

	"github.com/soukhq/souk/internal/skiptest"
)

// In CI the environment says what must not be skipped.
func ExampleRequired() {
	before, was := os.LookupEnv(skiptest.Env)
	_ = os.Setenv(skiptest.Env, "postgres, chromium")
	fmt.Println(skiptest.Required("postgres"), skiptest.Required("chromium"), skiptest.Required("abacus"))
	_ = os.Unsetenv(skiptest.Env)
	if was {
		_ = os.Setenv(skiptest.Env, before)
	}
	// Output: true true false
}
