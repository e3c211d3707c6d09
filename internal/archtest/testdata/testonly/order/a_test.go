package order_test

import (
	_ "pgregory.net/rapid"
	_ "testing"
)
