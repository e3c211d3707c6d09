package order_test

import (
	_ "testing"
	_ "pgregory.net/rapid"
)
