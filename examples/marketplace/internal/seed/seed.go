package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/storage"
)

// Login is an account of the demo.
type Login struct{ Email, Name, Password string }

// Staff may see every order, confirm money and run promotions; Member has an account and nothing else.
func Staff() Login { return Login{"noor@souk.example", "Noor", "keys to the counter"} }

// Member returns the demo's buyer.
func Member() Login { return Login{"ada@souk.example", "Ada", "a walk in the bazaar"} }

// Location is where all stock of the demo lies.
const Location ref.LocationID = "main"

// Progress hears how far the filling has come.
type Progress interface {
	// Begin says how many products there are.
	Begin(total int)
	// Add says that so many more are there.
	Add(n int)
}

// Done reports whether the stores were filled before: the employee of the
// demo is hired last.
func Done(ctx context.Context, s storage.Stores) (bool, error) {
	_, err := s.Staff.FindLogin(ctx, Staff().Email)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// batch is how many products are written at once.
const batch = 400

// clerk is on whose behalf the catalogue is written.
func clerk() ref.Scope { return ref.Staff("seed") }

type seeder struct {
	market   *commerce.Marketplace
	stores   storage.Stores
	progress Progress
}

// Run fills the marketplace with the data, which is demo.Load's or a part of it.
func Run(ctx context.Context, m *commerce.Marketplace, s storage.Stores, data *demo.Data, p Progress) error {
	total := 0
	for i := range data.Shops {
		total += len(data.Shops[i].Products)
	}
	p.Begin(total)
	sd := &seeder{market: m, stores: s, progress: p}
	if err := sd.merchants(ctx, data); err != nil {
		return fmt.Errorf("seed merchants: %w", err)
	}
	if err := sd.offers(ctx, data); err != nil {
		return fmt.Errorf("seed offers: %w", err)
	}
	for i := range data.Shops {
		if err := sd.shop(ctx, &data.Shops[i]); err != nil {
			return fmt.Errorf("seed shop %s: %w", data.Shops[i].Channel, err)
		}
	}
	if err := sd.visitors(ctx, data); err != nil {
		return fmt.Errorf("seed visitors: %w", err)
	}
	if err := sd.people(ctx); err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	return nil
}

// fresh drops the fault of something that an earlier run wrote.
func fresh(err error) error {
	if errors.Is(err, fault.AlreadyExists) {
		return nil
	}
	return err
}

func (sd *seeder) merchants(ctx context.Context, data *demo.Data) error {
	sells := map[string]ref.Locale{}
	for i := range data.Shops {
		for _, p := range data.Shops[i].Products {
			sells[p.Merchant] = data.Shops[i].Locale
		}
	}
	for _, m := range data.Merchants {
		_, err := sd.market.Merchants.Register(ctx, clerk(), merchant.RegisterInput{
			ID: merchant.ID(m.Code), Name: m.Name.In(sells[m.Code]),
		})
		if err := fresh(err); err != nil {
			return err
		}
	}
	return nil
}

func (sd *seeder) shop(ctx context.Context, shop *demo.Shop) error {
	if err := sd.categories(ctx, shop); err != nil {
		return err
	}
	if err := sd.brands(ctx, shop); err != nil {
		return err
	}
	for products := range slices.Chunk(shop.Products, batch) {
		if err := sd.products(ctx, shop, products); err != nil {
			return err
		}
		sd.progress.Add(len(products))
	}
	return nil
}

func (sd *seeder) categories(ctx context.Context, shop *demo.Shop) error {
	rows := []catalog.CategoryInput{{ID: ref.CategoryID(shop.Channel), Name: words(shop.Name)}}
	var add func(parent string, children []demo.Category)
	add = func(parent string, children []demo.Category) {
		for i, c := range children {
			rows = append(rows, catalog.CategoryInput{
				ID: ref.CategoryID(c.Code), Parent: ref.CategoryID(parent), Slug: c.Code, Name: words(c.Name), Sort: int64(i),
			})
			add(c.Code, c.Children)
		}
	}
	add(string(shop.Channel), shop.Departments)
	_, err := sd.market.Catalog.CreateCategories(ctx, clerk(), rows)
	return fresh(err)
}

func words(t demo.Text) catalog.Text { return catalog.Text{ref.English: t.EN, ref.Chinese: t.ZH} }

// brandID is short and made of the name, which is all there is of a brand.
func brandID(name string) ref.BrandID { return ref.BrandID(catalog.Slugify(name)) }

func (sd *seeder) brands(ctx context.Context, shop *demo.Shop) error {
	seen := map[ref.BrandID]bool{}
	var rows []catalog.BrandInput
	for _, p := range shop.Products {
		if id := brandID(p.Brand); id != "" && len(id) <= ref.MaxID && !seen[id] {
			seen[id] = true
			rows = append(rows, catalog.BrandInput{ID: id, Name: catalog.Text{shop.Locale: p.Brand}})
		}
	}
	for part := range slices.Chunk(rows, catalog.MaxBatch) {
		if _, err := sd.market.Catalog.CreateBrands(ctx, clerk(), part); fresh(err) != nil {
			return err
		}
	}
	return nil
}

func (sd *seeder) products(ctx context.Context, shop *demo.Shop, products []demo.Product) error {
	rows := make([]catalog.CreateInput, len(products))
	ids := make([]ref.ProductID, len(products))
	for i := range products {
		rows[i] = row(shop, &products[i])
		ids[i] = rows[i].ID
	}
	results, err := sd.market.Catalog.ImportProducts(ctx, clerk(), rows)
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.Err != nil {
			return fmt.Errorf("product %s: %w", rows[i].ID, r.Err)
		}
	}
	if err := sd.prices(ctx, shop, products); err != nil {
		return err
	}
	if err := sd.stock(ctx, products); err != nil {
		return err
	}
	return sd.list(ctx, products, ids)
}

func row(shop *demo.Shop, p *demo.Product) catalog.CreateInput {
	in := catalog.CreateInput{
		ID: ref.ProductID(p.Code), Merchant: ref.MerchantID(p.Merchant), Publish: []ref.ChannelID{shop.Channel},
		ProductInput: catalog.ProductInput{
			Slug: p.Slug, Title: catalog.Text{shop.Locale: p.Name}, Category: ref.CategoryID(p.Category),
			Pictures: []catalog.Picture{{Ref: p.Picture.Key()}},
		},
	}
	if id := brandID(p.Brand); len(id) <= ref.MaxID {
		in.Brand = id
	}
	if p.Description != "" {
		in.Description = catalog.Text{shop.Locale: p.Description}
	}
	for _, o := range p.Options {
		option := catalog.Option{Code: o.Code, Name: words(o.Name)}
		for _, v := range o.Values {
			option.Values = append(option.Values, catalog.OptionValue{Code: v.Code, Name: words(v.Name)})
		}
		in.Options = append(in.Options, option)
	}
	for _, v := range p.Variants {
		shown := catalog.Picture{Ref: v.Picture.Key()}
		if !slices.ContainsFunc(in.Pictures, func(p catalog.Picture) bool { return p.Ref == shown.Ref }) {
			in.Pictures = append(in.Pictures, shown)
		}
		in.SKUs = append(in.SKUs, catalog.SKUInput{
			ID: ref.SKUID(v.Code), Code: v.Code, Choices: v.Values, Picture: v.Picture.Key(), WeightGrams: v.WeightGrams,
		})
	}
	return in
}

func (sd *seeder) prices(ctx context.Context, shop *demo.Shop, products []demo.Product) error {
	var rows []pricing.SetInput
	for _, p := range products {
		for _, v := range p.Variants {
			in := pricing.SetInput{SKU: ref.SKUID(v.Code), Channel: shop.Channel, Unit: v.Price}
			if v.ListPrice.Minor() > v.Price.Minor() {
				in.Was = v.ListPrice
			}
			rows = append(rows, in)
		}
	}
	for part := range slices.Chunk(rows, pricing.MaxBatch) {
		results, err := sd.market.Prices.Set(ctx, clerk(), part)
		if err != nil {
			return err
		}
		for i, r := range results {
			if r.Err != nil {
				return fmt.Errorf("price of %s: %w", part[i].SKU, r.Err)
			}
		}
	}
	return nil
}

// stock receives what was never counted: a second run must not double it.
func (sd *seeder) stock(ctx context.Context, products []demo.Product) error {
	var skus []ref.SKUID
	for _, p := range products {
		for _, v := range p.Variants {
			skus = append(skus, ref.SKUID(v.Code))
		}
	}
	counted, err := sd.market.Stock.Available(ctx, skus)
	if err != nil {
		return err
	}
	in := inventory.CountInput{Ref: "opening stock"}
	for _, p := range products {
		for _, v := range p.Variants {
			if _, known := counted[ref.SKUID(v.Code)]; !known && v.Stock > 0 {
				in.Counts = append(in.Counts, inventory.Count{
					SKU: ref.SKUID(v.Code), Location: Location, Quantity: ref.Quantity(v.Stock),
				})
			}
		}
	}
	if len(in.Counts) == 0 {
		return nil
	}
	return sd.market.Stock.Receive(ctx, clerk(), in)
}

// list puts the products on the lists. How popular they are is what the source
// says they sold, once.
func (sd *seeder) list(ctx context.Context, products []demo.Product, ids []ref.ProductID) error {
	listed, err := sd.stores.Listings.Stamp(ctx, ids)
	if err != nil {
		return err
	}
	var sales []listing.Sale
	for i, p := range products {
		if listed[ids[i]].Sold == 0 && p.Popularity > 0 {
			sales = append(sales, listing.Sale{Product: ids[i], Pieces: p.Popularity})
		}
	}
	slices.SortFunc(sales, func(a, b listing.Sale) int { return cmp.Compare(a.Product, b.Product) })
	if len(sales) > 0 {
		now := clock.System{}.Now()
		err := sd.market.Units.Do(ctx, func(ctx context.Context) error { return sd.stores.Listings.Sell(ctx, sales, now) })
		if err != nil {
			return err
		}
	}
	return sd.market.Listing.Refresh(ctx, ids)
}

func (sd *seeder) people(ctx context.Context) error {
	ada, noor := Member(), Staff()
	_, err := sd.market.Members.Register(ctx, clerk(), member.RegisterInput{Email: ada.Email, Name: ada.Name, Password: ada.Password})
	if err := fresh(err); err != nil {
		return err
	}
	_, err = sd.market.Staff.Hire(ctx, ref.System(), access.HireInput{
		Login: noor.Email, Name: noor.Name, Password: noor.Password, Roles: []access.Role{access.Support, access.Finance, access.Marketing, access.Warehouse},
	})
	return fresh(err)
}
