package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const goodPassword = "correct horse battery"

type bundle struct {
	*access.Service
	stores storage.Stores
	clock  *clock.Manual
}

func setup(t *testing.T) bundle {
	t.Helper()
	return setupOn(t, memory.New().Stores())
}

func setupOn(t *testing.T, stores storage.Stores) bundle {
	t.Helper()
	b := bundle{stores: stores, clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))}
	hasher, err := member.NewHasher(member.HasherConfig{})
	require.NoError(t, err)
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: b.stores.SignInAttempts, Clock: b.clock, PerAccount: 3})
	require.NoError(t, err)
	b.Service, err = access.NewService(access.Config{
		Store: b.stores.Staff, Units: b.stores.Units, Passwords: hasher, Limiter: throttle, Clock: b.clock,
	})
	require.NoError(t, err)
	return b
}

func (b bundle) hire(t *testing.T, login string, roles ...access.Role) access.Staff {
	t.Helper()
	s, err := b.Hire(t.Context(), ref.System(), access.HireInput{Login: login, Password: goodPassword, Roles: roles})
	require.NoError(t, err)
	return s
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := access.NewService(access.Config{})
	for _, field := range []string{"Store", "Units", "Passwords", "Limiter"} {
		require.ErrorContains(t, err, "access.Config."+field)
	}
}

// The table of grants is written once more here, the other way round, so that
// a change of it is made twice on purpose.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	want := map[access.Permission][]access.Role{
		access.OrdersRead:      {access.Support, access.Merchants, access.Warehouse, access.Finance, access.Operator},
		access.OrdersCancel:    {access.Support},
		access.OrdersFulfil:    {access.Warehouse},
		access.PaymentsRead:    {access.Support, access.Finance, access.Operator},
		access.PaymentsRefund:  {access.Finance},
		access.PaymentsConfirm: {access.Finance},
		access.CatalogRead:     {access.Support, access.Merchants, access.Marketing, access.Warehouse, access.Viewer},
		access.CatalogWrite:    {access.Merchants},
		access.PricesWrite:     {access.Merchants},
		access.PromotionsRead:  {access.Support, access.Merchants, access.Marketing, access.Finance},
		access.PromotionsWrite: {access.Marketing},
		access.CouponsIssue:    {access.Support, access.Marketing},
		access.SearchRead:      {access.Marketing, access.Viewer},
		access.SearchWrite:     {access.Marketing},
		access.ShelvesRead:     {access.Marketing, access.Viewer},
		access.ShelvesWrite:    {access.Marketing},
		access.StockRead:       {access.Support, access.Merchants, access.Warehouse, access.Operator, access.Viewer},
		access.StockWrite:      {access.Warehouse},
		access.MerchantsRead:   {access.Merchants, access.Marketing, access.Finance, access.Viewer},
		access.MerchantsManage: {access.Merchants},
		access.MembersRead:     {access.Support},
		access.MembersManage:   {access.Support},
		access.MembersForget:   {},
		access.StaffManage:     {},
		access.OperationsRead:  {access.Operator},
		access.OperationsRun:   {access.Operator},
	}
	require.Len(t, want, len(access.Permissions()))
	for _, p := range access.Permissions() {
		allowed, listed := want[p]
		require.True(t, listed, "%s", p)
		for _, r := range access.Roles() {
			s := access.Staff{State: access.Active, Roles: []access.Role{r}}
			require.Equal(t, r == access.Owner || slices.Contains(allowed, r), s.Can(p), "%s %s", r, p)
			s.State = access.Disabled
			require.False(t, s.Can(p))
		}
	}
	require.Empty(t, access.Grants("unknown"))
	require.False(t, access.Staff{State: access.Active}.Can(access.OrdersRead))
}

func TestHireAndAuthenticate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ann := b.hire(t, " Ann@Example.com ", access.Support, access.Finance, access.Support)
	require.Equal(t, "ann@example.com", ann.Login)
	require.Equal(t, []access.Role{access.Finance, access.Support}, ann.Roles)
	got, err := b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ANN@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.Equal(t, ann, got)
	_, err = b.Hire(t.Context(), ref.System(), access.HireInput{Login: "ann@example.com", Password: goodPassword, Roles: access.Roles()})
	require.ErrorIs(t, err, fault.AlreadyExists)

	_, err = b.Hire(t.Context(), ref.System(), access.HireInput{Login: "a b", Name: "a\n", Password: "short", Roles: []access.Role{"king"}})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 4)
	require.Equal(t, "staff("+string(ann.ID)+", active)", fmt.Sprintf("%v", ann))
}

func TestWhatIsWrongIsNotTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.hire(t, "ann", access.Support)
	bob := b.hire(t, "bob", access.Support)
	_, err := b.Disable(t.Context(), ref.System(), bob.ID, bob.Version)
	require.NoError(t, err)
	var texts []string
	for _, in := range []access.AuthenticateInput{
		{Login: "ann", Password: "wrong password"},
		{Login: "ann", Password: strings.Repeat("x", 1<<20)},
		{Login: "nobody", Password: goodPassword},
		{Login: "bob", Password: goodPassword},
		{Login: "\xff", Password: goodPassword},
	} {
		_, err := b.Authenticate(t.Context(), in)
		require.ErrorIs(t, err, fault.Unauthenticated)
		texts = append(texts, err.Error())
	}
	require.Len(t, slices.Compact(texts), 1)

	for range 2 {
		_, err = b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: goodPassword})
	}
	require.NoError(t, err)
	for range 3 {
		_, err = b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: "wrong password"})
		require.ErrorIs(t, err, fault.Unauthenticated)
	}
	_, err = b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: goodPassword})
	require.ErrorIs(t, err, fault.RateLimited)
}

func TestRequireReadsTheRolesAnew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, ann := b.hire(t, "owner", access.Owner), b.hire(t, "ann", access.Support)
	scope := ref.Staff(ann.ID)
	got, err := b.Require(t.Context(), scope, access.OrdersCancel)
	require.NoError(t, err)
	require.Equal(t, ann, got)
	_, err = b.Require(t.Context(), scope, access.PaymentsRefund)
	require.ErrorIs(t, err, fault.PermissionDenied)

	ann, err = b.Assign(t.Context(), ref.Staff(owner.ID), ann.ID, ann.Version, []access.Role{access.Finance})
	require.NoError(t, err)
	_, err = b.Require(t.Context(), scope, access.OrdersCancel)
	require.ErrorIs(t, err, fault.PermissionDenied)
	began := b.clock.Now()
	b.clock.Advance(time.Minute)
	ann, err = b.Disable(t.Context(), ref.Staff(owner.ID), ann.ID, ann.Version)
	require.NoError(t, err)
	require.True(t, ann.SessionOver(began))
	_, err = b.Disable(t.Context(), ref.Staff(owner.ID), ann.ID, ann.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition, "that is over")
	_, err = b.Require(t.Context(), scope, access.PaymentsRefund)
	require.ErrorIs(t, err, fault.Unauthenticated)
	_, err = b.Enable(t.Context(), ref.Staff(owner.ID), ann.ID, ann.Version)
	require.NoError(t, err)
	_, err = b.Require(t.Context(), scope, access.PaymentsRefund)
	require.NoError(t, err)

	_, err = b.Require(t.Context(), ref.System(), access.StaffManage)
	require.NoError(t, err)
	_, err = b.Require(t.Context(), ref.Staff("gone"), access.OrdersRead)
	require.ErrorIs(t, err, fault.Unauthenticated)
	for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("m"), ref.Merchant(ref.MerchantID(owner.ID))} {
		_, err = b.Require(t.Context(), scope, access.CatalogRead)
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
}

// Every operation as everybody who may not.
func TestOnlyWhoManagesStaffManagesStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, ann := b.hire(t, "owner", access.Owner), b.hire(t, "ann", access.Support, access.Operator, access.Finance)
	calls := map[string]func(scope ref.Scope) error{
		"Hire": func(s ref.Scope) error {
			_, err := b.Hire(t.Context(), s, access.HireInput{Login: "new", Password: goodPassword, Roles: []access.Role{access.Owner}})
			return err
		},
		"Assign": func(s ref.Scope) error {
			_, err := b.Assign(t.Context(), s, owner.ID, owner.Version, []access.Role{access.Viewer})
			return err
		},
		"Disable": func(s ref.Scope) error { _, err := b.Disable(t.Context(), s, owner.ID, owner.Version); return err },
		"Enable":  func(s ref.Scope) error { _, err := b.Enable(t.Context(), s, owner.ID, owner.Version); return err },
		"List":    func(s ref.Scope) error { _, err := b.List(t.Context(), s, page.Request{}); return err },
		"Get":     func(s ref.Scope) error { _, err := b.Get(t.Context(), s, owner.ID); return err },
		"ChangePassword": func(s ref.Scope) error {
			_, err := b.ChangePassword(t.Context(), s, access.ChangePasswordInput{Staff: owner.ID, Current: goodPassword, New: "taken over by me"})
			return err
		},
	}
	for name, call := range calls {
		for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("m"), ref.Merchant("m"), ref.Staff(ann.ID)} {
			err := call(scope)
			require.True(t, errors.Is(err, fault.PermissionDenied) || errors.Is(err, fault.NotFound), "%s as %s: %v", name, scope, err)
		}
	}
	for _, change := range []func() error{
		func() error {
			_, err := b.Disable(t.Context(), ref.Staff(owner.ID), owner.ID, owner.Version)
			return err
		},
		func() error {
			_, err := b.Assign(t.Context(), ref.Staff(owner.ID), owner.ID, owner.Version, []access.Role{access.Viewer})
			return err
		},
	} {
		require.ErrorIs(t, change(), fault.PermissionDenied, "nobody changes the own access")
	}
	got, err := b.Get(t.Context(), ref.Staff(ann.ID), ann.ID)
	require.NoError(t, err)
	require.Equal(t, ann, got)
	p, err := b.List(t.Context(), ref.Staff(owner.ID), page.Request{})
	require.NoError(t, err)
	require.Equal(t, []access.Staff{owner, ann}, p.Items)
	_, err = b.Assign(t.Context(), ref.System(), ann.ID, ann.Version+1, []access.Role{access.Viewer})
	require.ErrorIs(t, err, fault.Conflict)
}

// Two owners take the other's access, one between the steps of the other: one of
// them stays.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	for name, loses := range map[string]func(b bundle, by, id ref.StaffID) error{
		"disabled": func(b bundle, by, id ref.StaffID) error {
			_, err := b.Disable(t.Context(), ref.Staff(by), id, 1)
			return err
		},
		"reassigned": func(b bundle, by, id ref.StaffID) error {
			_, err := b.Assign(t.Context(), ref.Staff(by), id, 1, []access.Role{access.Viewer})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var other func() error
			b := setupOn(t, storage.Intercept(memory.New().Stores(),
				func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
					if do := other; do != nil && c.Name() == "Staff.Update" {
						other = nil
						require.NoError(t, do())
					}
					return next(ctx)
				}))
			ann, bob := b.hire(t, "ann", access.Owner), b.hire(t, "bob", access.Owner)
			other = func() error { return loses(b, bob.ID, ann.ID) }
			require.ErrorIs(t, loses(b, ann.ID, bob.ID), fault.Conflict)
			require.Nil(t, other)
			_, err := b.Require(t.Context(), ref.Staff(bob.ID), access.StaffManage)
			require.NoError(t, err)
		})
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	owner, ann := b.hire(t, "owner", access.Owner), b.hire(t, "ann", access.Support)
	own := ref.Staff(ann.ID)
	_, err := b.ChangePassword(t.Context(), own, access.ChangePasswordInput{Staff: ann.ID, Current: "wrong", New: "another good one"})
	require.ErrorIs(t, err, fault.Unauthenticated)
	_, err = b.ChangePassword(t.Context(), own, access.ChangePasswordInput{Staff: ann.ID, Current: goodPassword, New: "12345678"})
	require.ErrorIs(t, err, fault.Invalid)
	began := b.clock.Now()
	b.clock.Advance(time.Minute)
	got, err := b.ChangePassword(t.Context(), own, access.ChangePasswordInput{Staff: ann.ID, Current: goodPassword, New: "another good one"})
	require.NoError(t, err)
	require.True(t, got.SessionOver(began))
	_, err = b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: goodPassword})
	require.ErrorIs(t, err, fault.Unauthenticated)

	_, err = b.ChangePassword(t.Context(), ref.Staff(owner.ID), access.ChangePasswordInput{Staff: ann.ID, New: "set by the owner"})
	require.NoError(t, err)
	_, err = b.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: "set by the owner"})
	require.NoError(t, err)
}

func TestStrongerParametersAreTakenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ann := b.hire(t, "ann", access.Support)
	hasher, err := member.NewHasher(member.HasherConfig{Iterations: 3})
	require.NoError(t, err)
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: b.stores.SignInAttempts})
	require.NoError(t, err)
	svc, err := access.NewService(access.Config{Store: b.stores.Staff, Units: b.stores.Units, Passwords: hasher, Limiter: throttle})
	require.NoError(t, err)
	_, err = svc.Authenticate(t.Context(), access.AuthenticateInput{Login: "ann", Password: goodPassword})
	require.NoError(t, err)
	a, err := b.stores.Staff.Get(t.Context(), ann.ID)
	require.NoError(t, err)
	require.Contains(t, a.PasswordHash, "t=3")
}
