package access_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	hasher, err := member.NewHasher(member.HasherConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: stores.SignInAttempts})
	if err != nil {
		fmt.Println(err)
		return
	}
	staff, err := access.NewService(access.Config{
		Store: stores.Staff, Units: stores.Units, Passwords: hasher, Limiter: throttle,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = staff.Hire(ctx, ref.System(), access.HireInput{
		Login: "ann", Password: "correct horse battery", Roles: []access.Role{access.Support},
	})
	fmt.Println("hired:", err == nil)
	ann, err := staff.Authenticate(ctx, access.AuthenticateInput{Login: "Ann", Password: "correct horse battery"})
	fmt.Println(ann.Login, ann.Roles, err)
	_, err = staff.Require(ctx, ref.Staff(ann.ID), access.OrdersCancel)
	fmt.Println("cancel an order:", err == nil)
	_, err = staff.Require(ctx, ref.Staff(ann.ID), access.PaymentsRefund)
	fmt.Println("refund:", !errors.Is(err, fault.PermissionDenied))
	// Output:
	// hired: true
	// ann [support] <nil>
	// cancel an order: true
	// refund: false
}
