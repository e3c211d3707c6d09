package bench_test

import "testing"

func TestTestsAloneAreAPackageToo(t *testing.T) { t.Parallel() }
