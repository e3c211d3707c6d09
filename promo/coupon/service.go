package coupon

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what a [Service] is made of.
type Config struct {
	// Templates, Coupons and Codes keep them. Required.
	Templates TemplateStore
	Coupons   Store
	Codes     CodeStore
	// Units runs the units of work of the backend that the stores belong to.
	// Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Promotions tells whether there is the promotion that a template names.
	// Defaults to taking the template at its word.
	Promotions Promotions
	// Orders and Rewards tell how groups stand and what they earn. Default to
	// nothing: then no order is followed, see [Service.React].
	Orders  Orders
	Rewards Rewards
	// CodeKeys are the keys of codes: the first makes new ones, and all of
	// them are tried on what somebody types, so that a new key is put in front
	// and an old one taken away when its batches are over. Defaults to none:
	// then there are no codes.
	CodeKeys []CodeKey
	// Limiter bounds the guessing of codes. Required with CodeKeys.
	Limiter Limiter
	// Random is where codes come from. Defaults to crypto/rand.
	Random io.Reader
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service gives coupons out and follows them to their end.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("coupon.Config."+field+" is required"))
		}
	}
	need(cfg.Templates != nil, "Templates")
	need(cfg.Coupons != nil, "Coupons")
	need(cfg.Codes != nil, "Codes")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	need(cfg.Limiter != nil || len(cfg.CodeKeys) == 0, "Limiter")
	wrong = append(wrong, checkKeys(cfg.CodeKeys))
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

// MaxWallet is how many coupons a checkout looks at.
const MaxWallet = 200

// Wallet returns the coupons that a member can use at a time, at most
// [MaxWallet], those that expire first at the front. One statement.
func (s *Service) Wallet(ctx context.Context, member ref.MemberID, at time.Time) ([]Coupon, error) {
	if !ref.ValidID(string(member)) {
		return nil, nil
	}
	return s.cfg.Coupons.Wallet(ctx, member, at, MaxWallet)
}

// Named returns those of the coupons that a member can use at a time, in the
// order of ids. One statement.
func (s *Service) Named(ctx context.Context, member ref.MemberID, ids []ID, at time.Time) ([]Coupon, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return !ref.ValidID(string(id)) })
	if !ref.ValidID(string(member)) || len(ids) == 0 {
		return nil, nil
	}
	found, err := s.cfg.Coupons.GetMany(ctx, ids)
	return slices.DeleteFunc(found, func(c Coupon) bool { return c.Member != member || c.Unusable(at) != "" }), err
}

// Get returns a coupon that the scope may see: a member the own, a merchant
// those of the own templates, staff and system all. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ID) (Coupon, error) {
	c, err := s.coupon(ctx, id)
	if err != nil {
		return Coupon{}, err
	}
	if !scope.Owns(c.Member, "") && (scope.Merchant() == "" || scope.Merchant() != c.Merchant) {
		return Coupon{}, missing(id)
	}
	return c, nil
}

// List pages through the coupons that the scope may see, the newest first.
// Kinds: Invalid; PermissionDenied for whoever has none.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Coupon], error) {
	switch {
	case scope.All():
	case scope.Member() != "" && (q.Member == "" || q.Member == scope.Member()):
		q.Member = scope.Member()
	case scope.Merchant() != "" && (q.Merchant == "" || q.Merchant == scope.Merchant()):
		q.Merchant = scope.Merchant()
	case scope.Member() != "" || scope.Merchant() != "":
		return page.Page[Coupon]{}, nil // of somebody else there is nothing
	default:
		return page.Page[Coupon]{}, denied()
	}
	var v fault.Violations
	for path, id := range map[string]string{
		"member": string(q.Member), "merchant": string(q.Merchant), "template": string(q.Template), "origin": q.Origin,
		"channel": string(q.Channel),
	} {
		if id != "" && !ref.ValidID(id) {
			v.Add(path, "malformed", nil)
		}
	}
	if _, known := transitions[q.State]; q.State != "" && !known {
		v.Add("state", "unknown", nil)
	}
	if err := v.Err("coupon.invalid", "the query is not valid"); err != nil {
		return page.Page[Coupon]{}, err
	}
	return s.cfg.Coupons.List(ctx, q, p)
}

// Verify returns at most limit counts that differ from the coupons there are;
// a sound shop has none.
func (s *Service) Verify(ctx context.Context, limit int) ([]Mismatch, error) {
	return s.cfg.Templates.Audit(ctx, limit)
}

func (s *Service) coupon(ctx context.Context, id ID) (Coupon, error) {
	if !ref.ValidID(string(id)) {
		return Coupon{}, missing(id)
	}
	found, err := s.cfg.Coupons.GetMany(ctx, []ID{id})
	if err != nil {
		return Coupon{}, err
	}
	if len(found) == 0 {
		return Coupon{}, missing(id)
	}
	return found[0], nil
}

// keyed returns the id of the coupon that a member is given under a key: a
// repeated call finds what the first one gave.
func keyed(t TemplateID, member ref.MemberID, key string, n int64) ID {
	sum := sha256.New()
	for _, part := range []string{"souk coupon", string(t), string(member), key, strconv.FormatInt(n, 10)} {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return ID(base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:24]))
}

// made returns a coupon of a template.
func (t *Template) made(id ID, member ref.MemberID, way Way, origin string, at time.Time) Coupon {
	from, until := t.Validity.Of(at)
	return Coupon{
		ID: id, Template: t.ID, Promotion: t.Promotion, Merchant: t.Merchant, Member: member, Name: t.Name,
		Channel: t.Channel, State: Claimed, Way: way, Origin: origin, Reusable: t.Reusable,
		ValidFrom: from, ExpiresAt: until, ClaimedAt: at, UpdatedAt: at,
	}
}

// give issues coupons of a template and announces those that are new, which it
// returns by id; inside a unit. EventID was minted before it.
func (s *Service) give(ctx context.Context, t *Template, cs []Coupon, eventID string) ([]Coupon, error) {
	ids, err := s.cfg.Coupons.Issue(ctx, cs, Limit{Template: t.ID, Total: t.Total, PerMember: t.PerMember})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	byID := make(map[ID]Coupon, len(cs))
	for _, c := range cs {
		byID[c.ID] = c
	}
	fresh := make([]Coupon, len(ids))
	for i, id := range ids {
		fresh[i] = byID[id]
	}
	recs, err := records(eventID, fresh, cs[0].ClaimedAt, func(c *Coupon) event.Payload {
		return Issued{Subject: subject(c), Way: c.Way, Origin: c.Origin, ExpiresAt: c.ExpiresAt}
	})
	if err != nil {
		return nil, err
	}
	return fresh, s.cfg.Events.Append(ctx, recs...)
}

func missing(id ID) error {
	return fault.New(fault.NotFound, "coupon.not_found", "no such coupon").With("id", string(id))
}

func denied() error {
	return fault.New(fault.PermissionDenied, "coupon.denied", "the caller may not do this with coupons")
}
