// Package searchtest is the conformance suite of every search index.
//
//	func TestIndex(t *testing.T) {
//		searchtest.Run(t, searchtest.Limits{}, func(t *testing.T, s searchtest.Setup) search.Index {
//			index, err := myindex.Open(t.TempDir(), s.Analyzer, s.Thesaurus, s.Queries)
//			require.NoError(t, err)
//			return index
//		})
//	}
//
// Each case opens an index of its own, which the suite closes. [Limits] names
// what an index lacks; a case that needs it is reported as skipped.
//
// What it does not do: it measures neither speed nor quality. For the latter
// there is examples/searcheval, which takes human judgements.
package searchtest
