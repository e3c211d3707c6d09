package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// ImportResult is what became of one row.
type ImportResult struct {
	Product ProductID // of the row, also where nothing had to change
	SKUs    []SKUID   // in the order of the row's SKUs
	Created bool
	Changed bool
	Err     error // nil, or why nothing of the row was written
}

// ImportProducts adds or changes up to [MaxBatch] products in one unit, in a
// number of statements that does not depend on the rows. A row with an ID, or
// with SKU codes that the merchant uses already, changes that product; any
// other adds one. A row that is refused leaves nothing behind and does not
// disturb the others; its error is in its result, with the kinds of
// [Service.CreateProduct] and [Service.ChangeProduct]. A row that would change
// nothing writes nothing. Kinds of the call itself: Invalid for too many
// rows, or for more than [MaxBatchSKUs] SKUs altogether.
func (s *Service) ImportProducts(ctx context.Context, scope ref.Scope, rows []CreateInput) ([]ImportResult, error) {
	skus := 0
	for _, row := range rows {
		skus += len(row.SKUs)
	}
	if err := checkBatch(len(rows)); err != nil {
		return nil, err
	}
	if skus > MaxBatchSKUs {
		return nil, fault.New(fault.Invalid, "catalog.batch", "too many rows in one call").
			WithField("skus", "too_many", fault.Params{"max": MaxBatchSKUs})
	}
	writes, err := s.create(ctx, scope, rows, true)
	if err != nil {
		return nil, err
	}
	out := make([]ImportResult, len(rows))
	for i, w := range writes {
		out[i] = ImportResult{Err: w.err}
		if w.err != nil {
			continue
		}
		out[i].Product, out[i].Created = w.product.ID, w.insert
		out[i].Changed = !w.insert && len(w.notes) > 0
		for _, s := range w.product.SKUs[:min(len(rows[i].SKUs), len(w.product.SKUs))] {
			out[i].SKUs = append(out[i].SKUs, s.ID)
		}
	}
	return out, nil
}

// draft is a row that passed what can be checked without the store.
type draft struct {
	in   CreateInput
	skus []SKUID
	err  error
}

// create inserts rows, or, with upsert, changes the products that they name.
func (s *Service) create(ctx context.Context, scope ref.Scope, in []CreateInput, upsert bool) ([]*write, error) {
	if !scope.All() && scope.Merchant() == "" {
		return nil, denied()
	}
	now, events := s.cfg.Clock.Now(), 0
	drafts := make([]draft, len(in))
	for i, row := range in {
		drafts[i] = s.draft(scope, row)
		events += 1 + len(drafts[i].in.Publish)
	}
	ids := s.mint(events)
	known, err := s.registered(ctx, drafts)
	if err != nil {
		return nil, err
	}
	var out []*write
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		stored := map[int]Product{}
		if upsert {
			var err error
			if stored, err = s.match(ctx, drafts); err != nil {
				return err
			}
		}
		out = make([]*write, len(drafts))
		for i, d := range drafts {
			out[i] = &write{err: d.err}
			if d.err != nil {
				continue
			}
			switch p, ok := stored[i]; {
			case ok:
				*out[i] = change(scope, p, d, now)
			case known != nil && !known[d.in.Merchant]:
				out[i].err = unregistered(d.in.Merchant)
			default:
				*out[i] = s.fresh(d, now)
			}
		}
		rejectRepeats(out)
		return s.store(ctx, out, &journal{ids: ids, at: now})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// registered returns which merchants of drafts are registered, or nil where
// everybody may have products.
func (s *Service) registered(ctx context.Context, drafts []draft) (map[ref.MerchantID]bool, error) {
	if s.cfg.Merchants == nil {
		return nil, nil //nolint:nilnil // nobody is asked
	}
	var ids []ref.MerchantID
	seen := map[ref.MerchantID]bool{}
	for _, d := range drafts {
		if m := d.in.Merchant; d.err == nil && !seen[m] {
			seen[m] = true
			ids = append(ids, m)
		}
	}
	if len(ids) == 0 {
		return seen, nil
	}
	return s.cfg.Merchants.Registered(ctx, ids)
}

func unregistered(m ref.MerchantID) error {
	return fault.New(fault.Invalid, "product.invalid", "the product is not valid").
		WithField("merchant", "unknown", fault.Params{"merchant": string(m)})
}

// draft checks the owner and the channels of a row and mints its ids.
func (s *Service) draft(scope ref.Scope, row CreateInput) draft {
	if !scope.All() && row.Merchant == "" {
		row.Merchant = scope.Merchant()
	}
	row.Publish = distinct(row.Publish)
	d := draft{in: row}
	var v fault.Violations
	switch {
	case row.Merchant == "":
		v.Add("merchant", "required", nil)
	case !owns(scope, row.Merchant):
		d.err = denied()
		return d
	}
	checkID(&v, "merchant", string(row.Merchant))
	for i, c := range row.Publish {
		checkID(&v, "publish["+strconv.Itoa(i)+"]", string(c))
	}
	if len(row.Publish) > MaxChannels {
		v.Add("publish", "too_many", fault.Params{"max": MaxChannels})
	}
	d.skus = s.mintSKUs(min(len(row.SKUs), MaxSKUs))
	// Everything else is checked against an empty product here, so that one
	// answer names all fields, and once more against the stored one.
	probe := Product{ID: row.ID, Merchant: row.Merchant}
	if err := probe.apply(row.ProductInput, d.skus); err != nil && !v.Merge("", err) {
		d.err = err
		return d
	}
	d.err = v.Err("product.invalid", "the product is not valid")
	if d.in.ID == "" {
		d.in.ID = ProductID(s.cfg.IDs.New())
	}
	return d
}

// match finds the stored products that rows name by id or by SKU code.
func (s *Service) match(ctx context.Context, drafts []draft) (map[int]Product, error) {
	var merchants []ref.MerchantID
	var codes []string
	var ids []ProductID
	for _, d := range drafts {
		if d.err != nil {
			continue
		}
		ids, merchants = append(ids, d.in.ID), append(merchants, d.in.Merchant)
		for _, sku := range d.in.SKUs {
			codes = append(codes, sku.Code)
		}
	}
	type owned struct {
		merchant ref.MerchantID
		code     string
	}
	home := map[owned]ProductID{}
	if codes = distinct(codes); len(codes) > 0 {
		found, err := s.cfg.Products.FindSKUs(ctx, SKUQuery{Merchants: distinct(merchants), Codes: codes})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			home[owned{r.Merchant, r.Code}] = r.Product
			ids = append(ids, r.Product)
		}
	}
	found, err := s.cfg.Products.GetMany(ctx, distinct(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[ProductID]Product, len(found))
	for _, p := range found {
		byID[p.ID] = p
	}
	out := map[int]Product{}
	for i, d := range drafts {
		if p, ok := byID[d.in.ID]; ok {
			out[i] = p
			continue
		}
		for _, sku := range d.in.SKUs {
			if id, ok := home[owned{d.in.Merchant, sku.Code}]; ok && sku.Code != "" {
				out[i] = byID[id]
				break
			}
		}
	}
	return out, nil
}

// change applies a row to the stored product that it names.
func change(scope ref.Scope, p Product, d draft, now time.Time) write {
	w := write{product: p.Clone()}
	switch {
	case !owns(scope, p.Merchant) || p.Merchant != d.in.Merchant:
		w.err = missing(p.ID)
		return w
	case p.Archived():
		w.err = archived(p.ID)
		return w
	}
	if w.err = w.product.apply(d.in.ProductInput, d.skus); w.err != nil {
		return w
	}
	if !same(p, w.product) {
		w.product.UpdatedAt = now
		w.notes = append(w.notes, productChanged)
	}
	w.publish(d.in.Publish, now)
	return w
}

// fresh makes a new product of a row.
func (s *Service) fresh(d draft, now time.Time) write {
	w := write{insert: true, product: Product{
		ID: d.in.ID, Merchant: d.in.Merchant, Slug: d.in.Slug, CreatedAt: now, UpdatedAt: now,
	}}
	if w.product.Slug == "" {
		w.product.Slug, w.madeSlug = s.slugOf(d.in.Title, string(d.in.ID)), true
	}
	if w.err = w.product.apply(d.in.ProductInput, d.skus); w.err != nil {
		return w
	}
	w.notes = append(w.notes, func(p Product) event.Payload {
		return ProductCreated{Product: p.ID, Merchant: p.Merchant, SKUs: p.skuIDs(), Version: p.Version}
	})
	w.publish(d.in.Publish, now)
	return w
}

// publish shows the product in the channels where it is not published yet.
func (w *write) publish(channels []ref.ChannelID, now time.Time) {
	for _, c := range channels {
		if w.product.In(c).State == Published {
			continue
		}
		if err := w.product.publish(c, time.Time{}, time.Time{}, now); err != nil {
			w.err = err
			return
		}
		w.notes = append(w.notes, published(c))
	}
}

// rejectRepeats refuses rows that name a product which an earlier row of the
// same call names: which of them should win, nobody said.
func rejectRepeats(rows []*write) {
	seen := map[ProductID]bool{}
	for _, w := range rows {
		if w.err != nil {
			continue
		}
		if seen[w.product.ID] {
			w.err = fault.New(fault.Conflict, "product.repeated", "an earlier row changes the same product").
				With("product", string(w.product.ID))
		}
		seen[w.product.ID] = true
	}
}

// PublishMany shows many products in a channel, whatever their versions, with
// an error per product: nil, or as for [Service.Publish]; Conflict where
// somebody changed it at the same moment. Kinds of the call itself: Invalid.
func (s *Service) PublishMany(ctx context.Context, scope ref.Scope, ids []ProductID, channel ref.ChannelID, from, until time.Time) ([]error, error) {
	if err := checkBatch(len(ids)); err != nil {
		return nil, err
	}
	if err := checkWindow(channel, from, until); err != nil {
		return nil, err
	}
	now, eventIDs := s.cfg.Clock.Now(), s.mint(len(ids))
	var errs []error
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		found, err := s.cfg.Products.GetMany(ctx, valid(distinct(ids)))
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b Product) int { return strings.Compare(string(a.ID), string(b.ID)) })
		rows := make([]*write, len(ids))
		for i, id := range ids {
			rows[i] = &write{err: missing(id)}
			at, ok := slices.BinarySearchFunc(found, id, func(p Product, id ProductID) int {
				return strings.Compare(string(p.ID), string(id))
			})
			if !ok || !owns(scope, found[at].Merchant) {
				continue
			}
			rows[i].product = found[at].Clone()
			rows[i].err = rows[i].product.publish(channel, from, until, now)
			rows[i].notes = []note{published(channel)}
		}
		rejectRepeats(rows)
		if err := s.store(ctx, rows, &journal{ids: eventIDs, at: now}); err != nil {
			return err
		}
		errs = make([]error, len(rows))
		for i, w := range rows {
			errs[i] = w.err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return errs, nil
}
