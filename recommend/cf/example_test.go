package cf_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/recommend/cf"
)

// Tea goes with a pot, a saw with a hammer.
func ExampleFit() {
	const tea, pot, saw, hammer = 0, 1, 2, 3
	var in []cf.Interaction
	for user, items := range [][]int32{{tea, pot}, {tea, pot}, {saw, hammer}, {saw, hammer}, {tea, saw}} {
		for at, item := range items {
			in = append(in, cf.Interaction{User: int32(user), Item: item, Weight: 1, At: int64(at)})
		}
	}
	m, err := cf.NewMatrix(5, 4, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fitted, err := cf.Fit(context.Background(), m, cf.Options{Kind: cf.ItemKNN})
	if err != nil {
		fmt.Println(err)
		return
	}
	var scores cf.Scores
	fitted.Model.Score(cf.Profile{{Item: tea, Weight: 1}}, &scores)
	for _, e := range scores.Top(nil, 2, nil) {
		fmt.Println(e.Item)
	}
	// Output:
	// 1
	// 2
}
