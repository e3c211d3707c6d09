package campaign

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/promo"
)

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the campaigns. Required.
	Store Store
	// Groups keeps the exclusion groups, in the same backend. Required.
	Groups GroupStore
	// Usage counts the uses, in the same backend. Required.
	Usage UsageStore
	// Units runs the units of work of that backend. Required.
	Units uow.Manager
	// Events is the log of that backend. Required.
	Events event.Appender
	// Engine says what is valid, and tries promotions out. Defaults to one
	// without custom kinds.
	Engine *promo.Engine
	// Templates are stamped out by [Service.Stamp]. Defaults to
	// promo.StandardTemplates.
	Templates []promo.Template
	// Location is where conditions on the time of day are measured when a
	// promotion is tried out: that of the checkout. Defaults to UTC.
	Location *time.Location
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service keeps campaigns and moves them through their states.
type Service struct {
	cfg   Config
	board *board
}

// NewService returns a service, or an error that names everything that is
// wrong with cfg.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("campaign.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Groups != nil, "Groups")
	need(cfg.Usage != nil, "Usage")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	var err error
	if cfg.Engine == nil {
		if cfg.Engine, err = promo.NewEngine(promo.Config{}); err != nil {
			wrong = append(wrong, err)
		}
	}
	if cfg.Engine != nil {
		for i := range cfg.Templates {
			if err := cfg.Engine.ValidateTemplate(&cfg.Templates[i]); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	if cfg.Templates == nil { // valid, of whatever an engine is made
		if cfg.Templates, err = promo.StandardTemplates(); err != nil {
			wrong = append(wrong, err)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg, board: &board{store: cfg.Store, groups: cfg.Groups}}, nil
}

// SaveInput is a promotion to be kept.
type SaveInput struct {
	// Version is that of the campaign that was read and is to be changed; zero
	// for a new one.
	Version int64
	// Promotion is kept under its ID; a new one without gets a minted one. Its
	// Version is set by the service. A merchant's is the own one's, whatever
	// it says.
	Promotion promo.Promotion
}

// Save keeps a new promotion as a draft, or a changed one as a further
// version, which is live at once where the campaign is active. Saving what is
// kept already changes nothing. Kinds: Invalid, with every wrong field, as of
// promo.Engine.Validate and ValidateGroups below "promotion"; PermissionDenied
// for buyers; AlreadyExists; NotFound; Conflict where Version is not the
// newest; FailedPrecondition for one that has ended.
func (s *Service) Save(ctx context.Context, scope ref.Scope, in SaveInput) (Campaign, error) {
	if err := writer(scope); err != nil {
		return Campaign{}, err
	}
	if !scope.All() && in.Promotion.Merchant == "" {
		in.Promotion.Merchant = scope.Merchant()
	}
	if in.Version == 0 {
		return s.create(ctx, scope, in.Promotion)
	}
	return s.change(ctx, scope, in)
}

func (s *Service) create(ctx context.Context, scope ref.Scope, p promo.Promotion) (Campaign, error) {
	if p.ID == "" {
		p.ID = ID(s.cfg.IDs.New())
	}
	p.Version = 1
	p, _, err := s.check(ctx, scope, p, nil)
	if err != nil {
		return Campaign{}, err
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	c := Campaign{ID: p.ID, Merchant: p.Merchant, State: Draft, Promotion: p, CreatedAt: now, UpdatedAt: now}
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Store.Insert(ctx, &c); err != nil {
			return err
		}
		return s.announce(ctx, eventID, &c)
	})
	if err != nil {
		return Campaign{}, err
	}
	return c, nil
}

func (s *Service) change(ctx context.Context, scope ref.Scope, in SaveInput) (Campaign, error) {
	c, err := s.Get(ctx, scope, in.Promotion.ID)
	if err != nil {
		return Campaign{}, err
	}
	before, err := Encode(&c.Promotion)
	if err != nil {
		return Campaign{}, err
	}
	p := in.Promotion
	p.Version = c.Promotion.Version
	p, body, err := s.check(ctx, scope, p, &c)
	if err != nil {
		return Campaign{}, err
	}
	if c.State == Ended {
		return Campaign{}, fault.New(fault.FailedPrecondition, "campaign.state", "the campaign has ended").
			With("from", string(c.State))
	}
	if c.Version != in.Version {
		return Campaign{}, fault.New(fault.Conflict, "campaign.stale", "the object changed meanwhile")
	}
	if body == before {
		return c, nil
	}
	p.Version++
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	c.Promotion, c.UpdatedAt = p, now
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if c.State != Draft {
			if err := s.lock(ctx, scope, &c, c.State == Active); err != nil {
				return err
			}
		}
		c.Version = in.Version // a unit may be run again
		if err := s.cfg.Store.Update(ctx, &c); err != nil {
			return err
		}
		return s.announce(ctx, eventID, &c)
	})
	if err != nil {
		return Campaign{}, err
	}
	return c, nil
}

// Activate offers a campaign, in its window. Kinds: NotFound; Invalid where
// the promotion is no longer valid beside the groups and what is live;
// FailedPrecondition; Conflict where version is not the newest.
func (s *Service) Activate(ctx context.Context, scope ref.Scope, id ID, version int64) (Campaign, error) {
	return s.move(ctx, scope, id, version, Active)
}

// Pause offers a campaign no longer, for now. Kinds: NotFound,
// FailedPrecondition, Conflict.
func (s *Service) Pause(ctx context.Context, scope ref.Scope, id ID, version int64) (Campaign, error) {
	return s.move(ctx, scope, id, version, Paused)
}

// End offers a campaign never again. Kinds as for Pause.
func (s *Service) End(ctx context.Context, scope ref.Scope, id ID, version int64) (Campaign, error) {
	return s.move(ctx, scope, id, version, Ended)
}

func (s *Service) move(ctx context.Context, scope ref.Scope, id ID, version int64, to State) (Campaign, error) {
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var c Campaign
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Store.Lock(ctx); err != nil {
			return err
		}
		var err error
		if c, err = s.Get(ctx, scope, id); err != nil {
			return err
		}
		c.Version = version
		if err := c.transition(to, now); err != nil {
			return err
		}
		if to == Active {
			if _, _, err := s.check(ctx, scope, c.Promotion, &c); err != nil {
				return err
			}
		}
		if err := s.cfg.Store.Update(ctx, &c); err != nil {
			return err
		}
		return s.announce(ctx, eventID, &c)
	})
	if err != nil {
		return Campaign{}, err
	}
	return c, nil
}

// lock has a unit change what is live alone, and checks a promotion that goes
// live once more: a group may have changed since it was looked at.
func (s *Service) lock(ctx context.Context, scope ref.Scope, c *Campaign, live bool) error {
	if err := s.cfg.Store.Lock(ctx); err != nil || !live {
		return err
	}
	_, _, err := s.check(ctx, scope, c.Promotion, nil)
	return err
}

func (s *Service) announce(ctx context.Context, id string, c *Campaign) error {
	rec, err := event.New(id, Topic, string(c.ID), c.UpdatedAt, Changed{
		Promotion: c.ID, Merchant: c.Merchant, State: c.State,
		PromotionVersion: c.Promotion.Version, Version: c.Version,
	})
	if err != nil {
		return err
	}
	return s.cfg.Events.Append(ctx, rec)
}

// Get returns a campaign that the scope may see: a merchant the own ones,
// staff any. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ID) (Campaign, error) {
	if writer(scope) != nil || !ref.ValidID(string(id)) {
		return Campaign{}, missing(id)
	}
	c, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return Campaign{}, err
	}
	if !scope.All() && c.Merchant != scope.Merchant() {
		return Campaign{}, missing(id)
	}
	return c, nil
}

// List pages through the campaigns that the scope may see. PermissionDenied
// for buyers.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Campaign], error) {
	if err := writer(scope); err != nil {
		return page.Page[Campaign]{}, err
	}
	if !scope.All() {
		q.Merchant, q.Site = scope.Merchant(), false
	}
	return s.cfg.Store.List(ctx, q, p)
}

// Versions returns versions of promotions that the scope may see, in the order
// of keys; the others are left out.
func (s *Service) Versions(ctx context.Context, scope ref.Scope, keys []VersionKey) ([]promo.Promotion, error) {
	if err := writer(scope); err != nil {
		return nil, err
	}
	all, err := s.cfg.Store.Versions(ctx, keys)
	if err != nil || scope.All() {
		return all, err
	}
	return slices.DeleteFunc(all, func(p promo.Promotion) bool { return p.Merchant != scope.Merchant() }), nil
}

// Used returns what is counted of campaigns that the scope may see, in all:
// nothing is counted where there is no limit.
func (s *Service) Used(ctx context.Context, scope ref.Scope, ids []ID) (map[ID]Used, error) {
	if err := s.seen(ctx, scope, ids); err != nil {
		return nil, err
	}
	return s.cfg.Usage.Used(ctx, "", ids)
}

// seen reports NotFound for the first campaign that the scope may not see. Whose
// a campaign is never changes, so that its first version tells.
func (s *Service) seen(ctx context.Context, scope ref.Scope, ids []ID) error {
	var keys []VersionKey
	for _, id := range ids {
		if writer(scope) != nil || !ref.ValidID(string(id)) {
			return missing(id)
		}
		keys = append(keys, VersionKey{id, 1})
	}
	found, err := s.cfg.Store.Versions(ctx, keys)
	if err != nil {
		return err
	}
	owner := map[ID]ref.MerchantID{}
	for i := range found {
		owner[found[i].ID] = found[i].Merchant
	}
	for _, id := range ids {
		if m, ok := owner[id]; !ok || !scope.All() && m != scope.Merchant() {
			return missing(id)
		}
	}
	return nil
}

// Verify returns at most limit counters that do not follow from the
// redemptions; none where the store cannot compare them.
func (s *Service) Verify(ctx context.Context, limit int) ([]Mismatch, error) {
	a, ok := uow.As[UsageAuditor](s.cfg.Usage)
	if !ok {
		return nil, nil
	}
	return a.Audit(ctx, limit)
}

// writer reports whether a scope keeps campaigns at all.
func writer(scope ref.Scope) error {
	if scope.All() || scope.Merchant() != "" {
		return nil
	}
	return fault.New(fault.PermissionDenied, "campaign.denied", "only merchants and the site's staff may do this")
}

func missing(id ID) error {
	return fault.New(fault.NotFound, "campaign.not_found", "no such object").With("id", string(id))
}

// check returns the promotion as it is kept, or everything that is wrong with
// it: by itself, for who saves it, and beside the groups and what is live.
func (s *Service) check(ctx context.Context, scope ref.Scope, p promo.Promotion, kept *Campaign) (promo.Promotion, string, error) {
	var v fault.Violations
	own(&v, scope, &p, kept)
	if err := s.cfg.Engine.Validate(&p); err != nil && !v.Merge("promotion", err) {
		return promo.Promotion{}, "", err
	}
	if err := v.Err("campaign.invalid", "the promotion is not valid"); err != nil {
		return promo.Promotion{}, "", err
	}
	p, body, err := canonical(p)
	if err != nil {
		return promo.Promotion{}, "", err
	}
	live, err := s.Live(ctx)
	if err != nil {
		return promo.Promotion{}, "", err
	}
	if err := s.beside(live.Groups, live.Promotions, &p); err != nil {
		return promo.Promotion{}, "", err
	}
	return p, body, nil
}

// own checks what the engine cannot know: who may promise what at whose cost.
func own(v *fault.Violations, scope ref.Scope, p *promo.Promotion, kept *Campaign) {
	if !scope.All() {
		if p.Merchant != scope.Merchant() {
			v.Add("promotion.merchant", "not_yours", nil)
		}
		for i, f := range p.Funding {
			if f.Party == promo.PartySite {
				v.Add("promotion.funding["+strconv.Itoa(i)+"].party", "staff_only", nil)
			}
		}
		if r := p.Benefit.Reward; r != nil && r.Kind != promo.RewardCoupon {
			v.Add("promotion.benefit.reward.kind", "staff_only", nil)
		}
	}
	if p.Limits.Budget.Sign() > 0 && p.Phase() == promo.PhaseAfter {
		v.Add("promotion.limits.budget", "not_for_benefit", nil)
	}
	if kept == nil {
		return
	}
	if p.Merchant != kept.Merchant {
		v.Add("promotion.merchant", "fixed", nil)
	}
	had, has := kept.Promotion.Limits.Budget, p.Limits.Budget
	if had.Sign() > 0 && has.Sign() > 0 && had.Currency() != has.Currency() {
		v.Add("promotion.limits.budget", "fixed", fault.Params{"currency": string(had.Currency())})
	}
}

// beside checks a promotion against the groups and what is live.
func (s *Service) beside(groups []promo.Group, live []promo.Promotion, p *promo.Promotion) error {
	all := make([]*promo.Promotion, 0, len(live)+1)
	for i := range live {
		if live[i].ID != p.ID {
			all = append(all, &live[i])
		}
	}
	prefix := "promotions[" + strconv.Itoa(len(all)) + "]."
	err := s.cfg.Engine.ValidateGroups(groups, append(all, p))
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err
	}
	var v fault.Violations
	for _, fd := range f.Fields { // what is wrong between the others is not ours
		if path, ours := strings.CutPrefix(fd.Path, prefix); ours {
			v.Add("promotion."+path, fd.Code, fd.Params)
		}
	}
	return v.Err("campaign.invalid", "the promotion is not valid")
}

// open reports whether a window has an instant in common with another.
func open(aFrom, aUntil, bFrom, bUntil time.Time) bool {
	before := func(until, from time.Time) bool { return !until.IsZero() && !from.IsZero() && !from.Before(until) }
	return !before(aUntil, bFrom) && !before(bUntil, aFrom)
}
