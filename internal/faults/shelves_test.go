package faults_test

import (
	"context"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

// shelves is the story of a page: staff decide how its shelf is filled, a guest
// sees it, follows it and puts something into the cart, and staff read how it
// did. What a process noted and had not written when it ended is lost.
func shelves(ctx context.Context) []step {
	visitor := shelf.VisitorOf(ref.Guest("looking"))
	return []step{
		func(s *shop) error {
			_, err := s.Recommend.SavePolicy(ctx, staff(), shelf.PolicyInput{
				Slot: "home", Mode: shelf.Fixed, Arms: []shelf.Arm{{Name: "newest"}},
			})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error {
			all, err := s.Recommend.Policies(ctx, staff())
			if err == nil && all[0].Mode == shelf.Fixed {
				_, err = s.Recommend.SavePolicy(ctx, staff(), shelf.PolicyInput{
					Slot: "home", Mode: shelf.Bandit, Arms: []shelf.Arm{{Name: "newest"}, {Name: "hot"}}, Version: all[0].Version,
				})
			}
			return err
		},
		func(s *shop) error {
			if err := s.Drain(ctx); err != nil {
				return err
			}
			a := s.Recommend.Shelf(ctx, shelf.Request{Slot: "home", Query: recommend.Query{Visitor: visitor}, Seen: true})
			if len(a.Items) == 0 {
				return fault.New(fault.Unavailable, "test.empty", "the shelf is empty: "+a.Empty)
			}
			if err := s.Recommend.Click(visitor, a.Request, a.Items[0].Product); err != nil {
				return err
			}
			s.Recommend.SignedIn(ctx, ref.Member("ann"), ref.Guest(visitor.Session))
			return s.Recommend.Carted(visitor, a.Items[0].Product)
		},
		later(ctx, soon),
		func(s *shop) error {
			_, err := s.Recommend.Report(ctx, staff(), shelf.ReportQuery{From: opening(), Until: s.w.clock.Now()})
			return err
		},
		func(s *shop) error { return s.Recommend.Forget(ctx, "ann") },
		later(ctx, soon),
	}
}
