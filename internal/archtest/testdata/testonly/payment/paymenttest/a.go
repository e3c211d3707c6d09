package paymenttest

import (
	_ "github.com/stretchr/testify/require"
	_ "testing"
)
