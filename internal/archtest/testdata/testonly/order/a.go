package order

import (
	_ "github.com/stretchr/testify/require"
	_ "testing"
)
