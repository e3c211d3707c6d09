// Package faults tests a whole shop against what goes wrong in the world: every
// fault point of a purchase by error, crash and delay, every order of answers,
// notices and expiry, races that are checked for linearizability, processes
// that are killed, and commits whose answer is lost. It has tests only.
package faults
