package recommend_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

func ExampleSegment_Parent() {
	for s := recommend.Segment("gender=f/age=25-34/region=cn"); s != ""; s = s.Parent() {
		fmt.Println(s)
	}
	// Output:
	// gender=f/age=25-34/region=cn
	// gender=f/age=25-34
	// gender=f
}

func TestSegmentsAreMadeOfWhatIsKnown(t *testing.T) {
	t.Parallel()
	require.Equal(t, recommend.Segment("shop=en/visitor=member"), recommend.InShop("en", recommend.MemberVisitor))
	require.Equal(t, recommend.Segment("country=us/region=new york"), recommend.InRegion("US", " New York "))
	require.Equal(t, recommend.Segment("country=us"), recommend.InRegion("US", ""))
	require.Empty(t, recommend.InRegion("", "CA"), "a region of no country is none")
	require.Equal(t, recommend.Segment("country=us/region=a-b"), recommend.InRegion("us", "a/b"))
	for _, odd := range []string{strings.Repeat("上", 100), "\x00", "/", "//", "=/="} {
		e := good()
		e.Visitor.Segments = []recommend.Segment{recommend.InRegion("cn", odd)}
		require.NoError(t, recommend.Validate(e), "%q", odd)
	}
}

func good() recommend.Event {
	return recommend.Event{
		ID: "1", Kind: recommend.View, Visitor: recommend.Visitor{Session: "s"}, Product: "tea",
		At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	}
}

func fields(err error) map[string]string {
	all := map[string]string{}
	for _, f := range fieldsOf(err) {
		all[f.Path] = f.Code
	}
	return all
}

func fieldsOf(err error) []fault.Field {
	f, ok := err.(*fault.Fault) //nolint:errorlint // returned as it is
	if !ok {
		return nil
	}
	return f.Fields
}

func TestEventsSayEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, kind := range recommend.Kinds() {
		e := good()
		e.Kind = kind
		require.NoError(t, recommend.Validate(e))
	}
	err := recommend.Validate(good(), recommend.Event{
		Kind: "stare", Product: " ", Basket: "\x00", At: time.Date(-4, 1, 1, 0, 0, 0, 0, time.UTC),
		Visitor: recommend.Visitor{Segments: []recommend.Segment{"a", "", "a//b", "/a", "a/"}},
	})
	require.ErrorIs(t, err, fault.Invalid)
	require.Equal(t, map[string]string{
		"events[1].id": "malformed", "events[1].kind": "unknown", "events[1].visitor": "required",
		"events[1].product": "malformed", "events[1].basket": "malformed", "events[1].at": "out_of_range",
		"events[1].visitor.segments[1]": "malformed", "events[1].visitor.segments[2]": "malformed",
		"events[1].visitor.segments[3]": "malformed", "events[1].visitor.segments[4]": "malformed",
	}, fields(err))

	e := good()
	e.Visitor = recommend.Visitor{Member: " ", Session: strings.Repeat("s", 256), Segments: make([]recommend.Segment, 9)}
	got := fields(recommend.Validate(e))
	require.Equal(t, "malformed", got["events[0].visitor.member"])
	require.Equal(t, "malformed", got["events[0].visitor.session"])
	require.Equal(t, "too_many", got["events[0].visitor.segments"])
	require.Equal(t, map[string]string{"events": "too_many"}, fields(recommend.Validate(make([]recommend.Event, recommend.MaxEvents+1)...)))
}

func TestQueriesSayEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, shelf := range recommend.Shelves() {
		require.NoError(t, recommend.Query{Shelf: shelf, Products: []ref.ProductID{"tea"}}.Validate())
	}
	many := make([]ref.ProductID, recommend.MaxProducts+1)
	require.Equal(t, map[string]string{"products": "required", "limit": "out_of_range"},
		fields(recommend.Query{Shelf: recommend.Similar, Limit: -1}.Validate()))
	require.Equal(t, map[string]string{"shelf": "unknown", "products": "too_many", "exclude": "too_many", "blocked": "too_many", "limit": "out_of_range"},
		fields(recommend.Query{Products: many, Exclude: many, Blocked: make([]ref.MerchantID, len(many)), Limit: 101}.Validate()))
}

func TestDescriptionsSayEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	require.NoError(t, recommend.ValidateProducts(recommend.Product{ID: "tea"}))
	require.Equal(t, map[string]string{"products[0].id": "malformed", "products[0].category": "malformed", "products[0].merchant": "malformed"},
		fields(recommend.ValidateProducts(recommend.Product{Category: " ", Merchant: " "})))
}
