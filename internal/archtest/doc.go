// Package archtest holds the rules of the architecture and a test that checks
// them, on the syntax trees alone, in every go test ./...
//
// [Rules] lists them; the data they work on (which package stands in which
// layer, who may import which module, who may call ref.System) is written out
// as Go in this package, each exception with its reason. A rule that cannot
// fail protects nothing, so each has a folder of planted sources under
// testdata together with the findings it must report there, no more and no
// fewer.
package archtest
