package money

// Currency is an ISO 4217 code such as "CNY".
type Currency string

// Money is an exact amount: int64 minor units of one currency.
type Money struct {
	minor    int64
	currency Currency
}

// New returns an amount of minor units ("fen", "cents"; yen have none).
func New(minor int64, currency Currency) Money { return Money{minor: minor, currency: currency} }

// Zero returns nothing of a currency.
func Zero(currency Currency) Money { return Money{currency: currency} }

// Minor returns the amount in minor units.
func (m Money) Minor() int64 { return m.minor }

// Currency returns the currency.
func (m Money) Currency() Currency { return m.currency }
