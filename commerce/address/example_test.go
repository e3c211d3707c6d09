package address_test

import (
	"errors"
	"fmt"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
)

func Example() {
	a, err := address.Address{
		Name: "Ada Doe", Phone: "(415) 555-2671", Country: "US", Region: "California",
		City: "San Francisco", Line1: "1 Market St", PostalCode: "941051234",
	}.Normalize()
	fmt.Println(a.Phone, a.Region, a.PostalCode, err)
	fmt.Println(a) // safe to log

	var wrong *fault.Fault
	err = address.Address{Name: "Ada", Country: "US", Region: "Bavaria", City: "Ulm", Line1: "1"}.Validate()
	if errors.As(err, &wrong) {
		for _, f := range wrong.Fields {
			fmt.Println(f.Path, f.Code)
		}
	}
	// Output:
	// +14155552671 CA 94105-1234 <nil>
	// address(US, redacted)
	// phone required
	// postal_code required
	// region unknown
}

func ExampleNormalizePhone() {
	phone, _ := address.NormalizePhone("CN", "138 0013 8000")
	fmt.Println(phone)
	// Output: +8613800138000
}
