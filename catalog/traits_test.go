package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/ref"
)

func TestTraitsNameValuesInEveryLocale(t *testing.T) {
	t.Parallel()
	p := catalog.Product{
		Options: []catalog.Option{{Code: "size", Values: []catalog.OptionValue{
			{Code: "s", Name: catalog.Text{ref.English: "Small"}}, {Code: "l", Name: catalog.Text{ref.English: "Large", ref.Chinese: "大"}},
		}}},
		Attributes: []catalog.Attribute{
			{Code: "material", Values: []catalog.Text{{ref.English: "linen", ref.Chinese: "亚麻"}, {ref.English: "cotton"}}},
			{Code: catalog.TagAttribute, Values: []catalog.Text{{ref.English: "sale"}, {ref.English: "price-fixed", ref.Chinese: "price-fixed"}}},
			{Code: "size", Values: []catalog.Text{{ref.English: "any"}}},
		},
	}
	require.Equal(t, catalog.Traits{
		Tags:       []string{"price-fixed", "sale"},
		Attributes: map[string][]string{"material": {"cotton", "linen", "亚麻"}, "size": {"Large", "l", "大"}},
	}, p.Traits(catalog.SKU{Choices: []string{"l", "of an option that is gone"}}))
	require.Equal(t, catalog.Traits{}, catalog.Product{}.Traits(catalog.SKU{}))
}
