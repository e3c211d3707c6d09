package shelf

import (
	"context"
	"reflect"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// Model is a recommender that tells what answers.
type Model struct {
	// Strategies are those that it serves.
	Strategies []string
	recommend.Status
}

// Models returns what stands behind the strategies, as far as it tells:
// recommenders that are no recommend.Teller are left out. Staff only. Kinds:
// PermissionDenied.
func (s *Service) Models(_ context.Context, scope ref.Scope) ([]Model, error) {
	if err := staff(scope); err != nil {
		return nil, err
	}
	var all []Model
	var known []recommend.Teller
	for _, name := range s.names {
		teller, ok := s.strategies[name].Recommender.(recommend.Teller)
		if !ok {
			continue
		}
		at := slices.IndexFunc(known, func(o recommend.Teller) bool { return same(o, teller) })
		if at < 0 {
			at = len(known)
			known, all = append(known, teller), append(all, Model{Status: teller.Status()})
		}
		all[at].Strategies = append(all[at].Strategies, name)
	}
	return all, nil
}

// same reports whether two are one. Those that cannot be compared are not.
func same(a, b recommend.Teller) bool { return reflect.ValueOf(a).Comparable() && a == b }
