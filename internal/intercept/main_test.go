package main

import (
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/storage"
)

func TestTheWrappersAreUpToDate(t *testing.T) {
	t.Parallel()
	want, err := generate(reflect.TypeFor[storage.Stores]())
	require.NoError(t, err)
	have, err := os.ReadFile("../../storage/intercept_gen.go")
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run: go generate ./storage")
}
