package member_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: stores.SignInAttempts})
	if err != nil {
		fmt.Println(err)
		return
	}
	members, err := member.NewService(member.Config{
		Store: stores.Members, Books: stores.AddressBooks, Units: stores.Units, Events: &eventLog{}, Limiter: throttle,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = members.Register(ctx, ref.Guest("session"), member.RegisterInput{
		Email: "Li.Lei@example.com", Password: "correct horse battery", Name: "Li Lei",
	})
	fmt.Println("registered:", err == nil)
	_, err = members.SignIn(ctx, member.SignInInput{Email: "li.lei@example.com", Password: "a wrong guess"})
	fmt.Println("wrong password:", errors.Is(err, fault.Unauthenticated))
	m, err := members.SignIn(ctx, member.SignInInput{Email: "li.lei@example.com", Password: "correct horse battery"})
	if err != nil {
		fmt.Println(err)
		return
	}
	home, err := members.AddAddress(ctx, ref.Member(m.ID), member.AddressInput{Member: m.ID, Address: address.Address{
		Name: "李雷", Phone: "138 0013 8000", Country: "CN", Region: "广东", City: "深圳市", District: "南山区", Line1: "科技园路 1 号",
	}})
	fmt.Println(home.Address.Region, home.Address.Phone, err)
	_, err = members.Addresses(ctx, ref.Member("somebody-else"), m.ID)
	fmt.Println("foreign:", errors.Is(err, fault.NotFound))
	// Output:
	// registered: true
	// wrong password: true
	// 广东省 +8613800138000 <nil>
	// foreign: true
}
