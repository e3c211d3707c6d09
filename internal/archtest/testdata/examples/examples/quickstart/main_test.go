package main

import "testing"

func TestItRuns(t *testing.T) { main() }
