package access

import "slices"

// Permission is one thing that somebody may do.
type Permission string

// The permissions.
const (
	OrdersRead      Permission = "orders.read"
	OrdersCancel    Permission = "orders.cancel"
	OrdersFulfil    Permission = "orders.fulfil"
	PaymentsRead    Permission = "payments.read"
	PaymentsRefund  Permission = "payments.refund"
	PaymentsConfirm Permission = "payments.confirm" // say that money came, or will not
	CatalogRead     Permission = "catalog.read"
	CatalogWrite    Permission = "catalog.write"
	PricesWrite     Permission = "prices.write"
	PromotionsRead  Permission = "promotions.read"
	PromotionsWrite Permission = "promotions.write" // campaigns, exclusion groups, kinds of coupons, codes
	CouponsIssue    Permission = "coupons.issue"    // give a member a coupon, or take it back
	SearchRead      Permission = "search.read"      // what was searched for, synonyms, rules
	SearchWrite     Permission = "search.write"
	ShelvesRead     Permission = "shelves.read" // recommendations: how shelves are filled, and what came of it
	ShelvesWrite    Permission = "shelves.write"
	StockRead       Permission = "stock.read"
	StockWrite      Permission = "stock.write"
	MerchantsRead   Permission = "merchants.read"
	MerchantsManage Permission = "merchants.manage"
	MembersRead     Permission = "members.read"
	MembersManage   Permission = "members.manage" // block, set a password
	MembersForget   Permission = "members.forget"
	StaffManage     Permission = "staff.manage"
	OperationsRead  Permission = "operations.read" // event log, dead letters, checks
	OperationsRun   Permission = "operations.run"  // replay, rebuild
)

// Permissions lists all of them, for tables that must cover them.
func Permissions() []Permission {
	return []Permission{
		OrdersRead, OrdersCancel, OrdersFulfil, PaymentsRead, PaymentsRefund, PaymentsConfirm, CatalogRead, CatalogWrite, PricesWrite,
		PromotionsRead, PromotionsWrite, CouponsIssue, SearchRead, SearchWrite, ShelvesRead, ShelvesWrite, StockRead, StockWrite,
		MerchantsRead, MerchantsManage, MembersRead, MembersManage, MembersForget, StaffManage, OperationsRead, OperationsRun,
	}
}

// Role is a set of permissions with a name.
type Role string

// The roles.
const (
	Owner     Role = "owner"     // everything
	Support   Role = "support"   // answers buyers: orders, members
	Merchants Role = "merchants" // looks after sellers and their goods
	Marketing Role = "marketing" // promotions, coupons, the search and recommendations
	Warehouse Role = "warehouse" // stock and parcels
	Finance   Role = "finance"   // payments and refunds
	Operator  Role = "operator"  // keeps the site running
	Viewer    Role = "viewer"    // reads what is not personal
)

// Roles lists all of them.
func Roles() []Role {
	return []Role{Owner, Support, Merchants, Marketing, Warehouse, Finance, Operator, Viewer}
}

// Grants returns what a role may do; nothing for an unknown one.
func Grants(r Role) []Permission {
	switch r {
	case Owner:
		return Permissions()
	case Support:
		return []Permission{OrdersRead, OrdersCancel, PaymentsRead, CatalogRead, PromotionsRead, CouponsIssue, StockRead, MembersRead, MembersManage}
	case Merchants:
		return []Permission{OrdersRead, CatalogRead, CatalogWrite, PricesWrite, PromotionsRead, StockRead, MerchantsRead, MerchantsManage}
	case Marketing:
		return []Permission{CatalogRead, PromotionsRead, PromotionsWrite, CouponsIssue, SearchRead, SearchWrite, ShelvesRead, ShelvesWrite, MerchantsRead}
	case Warehouse:
		return []Permission{OrdersRead, OrdersFulfil, CatalogRead, StockRead, StockWrite}
	case Finance:
		return []Permission{OrdersRead, PaymentsRead, PaymentsRefund, PaymentsConfirm, PromotionsRead, MerchantsRead}
	case Operator:
		return []Permission{OperationsRead, OperationsRun, StockRead, PaymentsRead, OrdersRead}
	case Viewer:
		return []Permission{CatalogRead, SearchRead, ShelvesRead, StockRead, MerchantsRead}
	}
	return nil
}

// Can reports whether any of the staff's roles grants p. A disabled employee
// can do nothing.
func (s Staff) Can(p Permission) bool {
	return s.State == Active && slices.ContainsFunc(s.Roles, func(r Role) bool {
		return slices.Contains(Grants(r), p)
	})
}
