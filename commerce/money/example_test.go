package money_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

func Example() {
	price := money.New(1999, "USD")
	line, err := price.Mul(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	off, _ := line.Percent(150_000, money.HalfUp) // 15 %
	net, _ := line.Sub(off)
	fmt.Println(line.Format("en-US"), "-", off.Format("en-US"), "=", net.Format("en-US"))
	fmt.Println(net.Format("zh-CN"))

	_, err = net.Add(money.New(1, "CNY"))
	fmt.Println(errors.Is(err, fault.Invalid), fault.CodeOf(err))
	// Output:
	// $59.97 - $9.00 = $50.97
	// US$50.97
	// true money.currency_mismatch
}

func ExampleMoney_Allocate() {
	discount := money.New(1000, "CNY")
	shares, _ := discount.Allocate([]int64{5900, 0, 2900, 2900})
	fmt.Println(shares)
	// Output: [CNY 5.04 CNY 0.00 CNY 2.48 CNY 2.48]
}

func ExampleMoney_MulDiv() {
	gross := money.New(11300, "CNY") // 13 % VAT included
	tax, _ := gross.MulDiv(130_000, money.Million+130_000, money.HalfUp)
	fmt.Println(tax)
	// Output: CNY 13.00
}

func ExampleParse() {
	typed, _ := money.Parse("zh-CN", "CNY", "￥1,299.5")
	fmt.Println(typed.Minor())

	_, err := money.Parse("de-DE", "EUR", "1.50")
	fmt.Println(fault.CodeOf(err))
	// Output:
	// 129950
	// money.syntax
}

func ExampleParseDecimal() {
	m, _ := money.ParseDecimal("12.30", "USD")
	fmt.Println(m.Minor(), m.Decimal())
	// Output: 1230 12.30
}

func ExampleMoney_MarshalJSON() {
	out, _ := json.Marshal(money.New(12345, "CNY"))
	fmt.Println(string(out))
	// Output: {"currency":"CNY","minor":12345}
}
