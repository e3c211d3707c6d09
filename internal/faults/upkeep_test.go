package faults_test

import (
	"context"
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// upkeep is the story of a shop's staff: categories, brands, prices, a new
// merchant and one who is suspended for a while, an event that nobody could
// handle, goods held for a caller, a message from another system, and a month
// later what is old goes.
func upkeep(ctx context.Context) []step {
	var until time.Time
	return []step{
		func(s *shop) error {
			_, err := s.Catalog.CreateBrands(ctx, staff(), []catalog.BrandInput{{ID: "hand", Slug: "hand", Name: text("Hand")}})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			_, err := s.Catalog.CreateCategories(ctx, staff(), []catalog.CategoryInput{
				{ID: "drinks", Slug: "drinks", Name: text("Drinks")}, {ID: "teas", Slug: "teas", Name: text("Teas")},
			})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error { return s.rename(ctx) },
		func(s *shop) error {
			p, err := s.Catalog.Product(ctx, staff(), "of-tea-house")
			if err == nil {
				_, err = s.Catalog.ChangeProduct(ctx, staff(), p.ID, p.Version, catalog.ProductInput{
					Title: text("Long Jing"), Brand: "hand", Category: "teas",
				})
			}
			return err
		},
		func(s *shop) error {
			_, err := s.Merchants.Register(ctx, staff(), merchant.RegisterInput{ID: "bakery", Name: "Bakery"})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			_, err := s.Catalog.CreateProduct(ctx, staff(), catalog.CreateInput{
				ID: "of-bakery", Merchant: "bakery", ProductInput: catalog.ProductInput{Title: text("Scone")},
			})
			return done(err, fault.AlreadyExists)
		},
		later(ctx, soon),
		func(s *shop) error { return s.shelves(ctx) },
		func(s *shop) error { // a price for an hour, and one by mistake
			until = opening().Add(time.Hour)
			r, err := s.Prices.Set(ctx, staff(), []pricing.SetInput{
				{SKU: tea, Channel: channel, Unit: money.New(1000, "USD"), From: opening(), Until: until},
				{SKU: cup, Channel: channel, Unit: money.New(900, "USD"), From: opening()},
			})
			for i := range r {
				err = errors.Join(err, r[i].Err)
			}
			return err
		},
		func(s *shop) error {
			errs, err := s.Prices.Remove(ctx, staff(), []pricing.Key{{SKU: cup, Channel: channel, Currency: "USD", From: opening()}})
			return done(errors.Join(append(errs, err)...), fault.NotFound)
		},
		later(ctx, time.Hour),
		func(s *shop) error {
			_, err := s.Prices.Purge(ctx, staff(), until, 10)
			return err
		},
		func(s *shop) error { s.w.mailDown = true; return nil },
		func(s *shop) error {
			m, err := s.Merchants.Get(ctx, staff(), "pottery")
			if err == nil && m.State == merchant.Active {
				_, err = s.Merchants.Suspend(ctx, staff(), m.ID, m.Version)
			}
			return err
		},
		func(s *shop) error { return s.giveUp(ctx) },
		func(s *shop) error { s.w.mailDown = false; return nil },
		func(s *shop) error { return s.replay(ctx) },
		func(s *shop) error {
			m, err := s.Merchants.Get(ctx, staff(), "pottery")
			if err == nil && m.State == merchant.Suspended {
				_, err = s.Merchants.Resume(ctx, staff(), m.ID, m.Version)
			}
			return err
		},
		later(ctx, soon),
		func(s *shop) error { return s.caller(ctx) },
		func(s *shop) error { // from another system's broker
			m := message.NewMessage("erp-1", nil)
			m.SetContext(ctx)
			return outbox.Deduplicated(s.Units, s.stores.Inbox, s.w.clock, "erp",
				func(context.Context, *message.Message) error { return nil })(m)
		},
		func(s *shop) error {
			_, err := s.Merchants.List(ctx, staff(), merchant.Query{}, page.Request{})
			return err
		},
		later(ctx, 31*24*time.Hour),
		func(s *shop) error {
			_, err := s.stores.Inbox.Purge(ctx, s.w.clock.Now(), 10)
			return err
		},
		func(s *shop) error {
			_, err := s.Events.Purge(ctx)
			return err
		},
		func(s *shop) error { return s.Events.Forget(ctx, "test.gone") },
	}
}

func text(en string) catalog.Text { return catalog.Text{ref.English: en} }

// rename changes a brand and a category, and moves the category.
func (s *shop) rename(ctx context.Context) error {
	b, err := s.Catalog.Brand(ctx, "hand")
	if err != nil {
		return err
	}
	if _, err = s.Catalog.ChangeBrand(ctx, staff(), b.ID, b.Version, catalog.BrandInput{Name: text("By hand")}); err != nil {
		return err
	}
	c, err := s.Catalog.Category(ctx, "teas")
	if err != nil {
		return err
	}
	c, err = s.Catalog.ChangeCategory(ctx, staff(), c.ID, c.Version, catalog.CategoryInput{Name: text("Fine teas")})
	if err != nil {
		return err
	}
	_, err = s.Catalog.MoveCategory(ctx, staff(), c.ID, c.Version, "drinks")
	return err
}

// shelves reads the catalogue as pages do.
func (s *shop) shelves(ctx context.Context) error {
	_, err1 := s.Catalog.BrandBySlug(ctx, "hand")
	_, err2 := s.Catalog.BrandsByID(ctx, []catalog.BrandID{"hand"})
	_, err3 := s.Catalog.Brands(ctx, page.Request{})
	_, err4 := s.Catalog.CategoryBySlug(ctx, "teas")
	_, err5 := s.Catalog.CategoryPath(ctx, "teas")
	_, err6 := s.Catalog.CategoryTree(ctx, "", 3)
	_, err7 := s.Catalog.Products(ctx, staff(), catalog.ProductQuery{}, page.Request{})
	p, err8 := s.Catalog.Product(ctx, staff(), "of-tea-house")
	_, err9 := s.Catalog.View(ctx, channel, p.Slug)
	_, err10 := s.Prices.List(ctx, staff(), pricing.Query{Channel: channel}, page.Request{})
	_, err11 := s.Stock.Ledger(ctx, staff(), inventory.LedgerQuery{SKU: tea}, page.Request{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err10, err11); err != nil {
		return err
	}
	return err9
}

// giveUp delivers what cannot be handled until it is a dead letter.
func (s *shop) giveUp(ctx context.Context) error {
	for range 2 * mailTries {
		s.w.clock.Advance(time.Minute)
		if err := done(s.Drain(ctx), errMailDown); err != nil {
			return err
		}
		dead, err := s.Events.Letters(ctx, event.LetterQuery{DeadOnly: true}, page.Request{})
		if err != nil || len(dead.Items) > 0 {
			return err
		}
	}
	return fault.New(fault.Internal, "test.alive", "the event is never given up")
}

// replay gives every dead letter another chance.
func (s *shop) replay(ctx context.Context) error {
	dead, err := s.Events.Letters(ctx, event.LetterQuery{DeadOnly: true}, page.Request{})
	if err != nil {
		return err
	}
	for _, l := range dead.Items {
		if err := s.Events.Replay(ctx, l.Consumer, l.Record.Topic, l.Record.ID); err != nil {
			return err
		}
	}
	return later(ctx, soon)(s)
}

// caller holds a piece for somebody on the telephone, who does not want it.
func (s *shop) caller(ctx context.Context) error {
	now := s.w.clock.Now()
	held, err := s.Stock.Reservations(ctx, "caller-1")
	if err == nil && len(held) == 0 {
		err = s.Units.Do(ctx, func(ctx context.Context) error {
			return s.Stock.Reserve(ctx, inventory.ReserveInput{
				Demands: []inventory.Demand{{Owner: "caller-1", SKU: tea, Quantity: 1}}, ExpiresAt: now.Add(time.Hour),
			})
		})
	}
	if err != nil {
		return err
	}
	return s.Units.Do(ctx, func(ctx context.Context) error {
		if _, err := s.Stock.Hold(ctx, "caller-1"); err != nil {
			return err
		}
		_, err := s.Stock.Release(ctx, "caller-1")
		return err
	})
}

const password = "four wet tea leaves"

// members is the story of somebody who joins, moves and leaves.
func members(ctx context.Context) []step {
	var id member.ID
	self := func() ref.Scope { return ref.Member(id) }
	return []step{
		func(s *shop) error {
			_, err := s.Members.Register(ctx, ref.Guest("visitor"), member.RegisterInput{Email: "di@shop.example", Password: password, Name: "Di"})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			m, err := s.Members.SignIn(ctx, member.SignInInput{Email: "di@shop.example", Password: password, Origin: "192.0.2.1"})
			id = m.ID
			return err
		},
		func(s *shop) error {
			m, err := s.Members.Get(ctx, self(), id)
			if err == nil {
				_, err = s.Members.UpdateProfile(ctx, self(), member.ProfileInput{Member: id, Version: m.Version, Name: "Di Wu"})
			}
			return err
		},
		func(s *shop) error {
			book, err := s.Members.Addresses(ctx, self(), id)
			for n := len(book.Entries); err == nil && n < 2; n++ {
				_, err = s.Members.AddAddress(ctx, self(), member.AddressInput{Member: id, Address: home()})
			}
			return err
		},
		func(s *shop) error {
			_, err1 := s.Members.GetMany(ctx, staff(), []member.ID{id})
			_, err2 := s.Members.FindEmail(ctx, staff(), "di@shop.example")
			_, err3 := s.Members.List(ctx, staff(), member.Query{}, page.Request{})
			return errors.Join(err1, err2, err3)
		},
		func(s *shop) error { return done(s.Members.Forget(ctx, self(), id), fault.FailedPrecondition) },
		later(ctx, soon),
	}
}

// employees is the story of somebody who is hired and gets another job.
func employees(ctx context.Context) []step {
	var id ref.StaffID
	return []step{
		func(s *shop) error {
			_, err := s.Staff.Hire(ctx, ref.System(), access.HireInput{
				Login: "eve", Name: "Eve", Password: password, Roles: []access.Role{access.Owner},
			})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			e, err := s.Staff.Authenticate(ctx, access.AuthenticateInput{Login: "eve", Password: password, Origin: "192.0.2.1"})
			id = e.ID
			return err
		},
		func(s *shop) error {
			e, err := s.Staff.Get(ctx, ref.Staff(id), id)
			if err == nil {
				_, err = s.Staff.Assign(ctx, ref.System(), id, e.Version, []access.Role{access.Finance})
			}
			return err
		},
		func(s *shop) error {
			_, err := s.Staff.List(ctx, ref.System(), page.Request{})
			return err
		},
	}
}
