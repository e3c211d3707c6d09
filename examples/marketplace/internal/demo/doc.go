// Package demo holds the catalogues that the reference marketplace is filled
// with at its first start: 3,291 electronics products in English and US
// dollars, 239 household products in Chinese and yuan.
//
//	data, err := demo.Load()
//	if err != nil {
//		return err
//	}
//	for _, shop := range data.Shops {
//		fmt.Println(shop.Channel, len(shop.Products))
//	}
//
// Names, texts, categories and prices are those of the sources named in
// data/ATTRIBUTION.md. Merchants, options, stock and weights are invented, the
// same ones on every machine. What it does not do: it writes nothing anywhere;
// seeding a shop is the caller's business.
package demo
