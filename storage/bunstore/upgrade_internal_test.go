package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// The binary before a step of the schema goes on selling after it: what it
// asked of its own schema, statement by statement, is asked of the newest, and
// the newest gives the same answers. testdata/purchase/README.md says how the
// tapes are made, one per dialect and earlier schema.
func TestTheBinariesBeforeSellOnTheNewestSchema(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing happens side by side here")
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		steps, err := loadMigrations(migrationFiles, dialect)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(steps), 2)
		for old := 1; old < len(steps); old++ {
			t.Run(fmt.Sprintf("%s %04d", dialect, old), func(t *testing.T) {
				t.Parallel()
				if slices.ContainsFunc(steps[old:], func(m migration) bool { return m.requires > old }) {
					t.Skip("a later step says that this binary may not run on it")
				}
				db := emptyDB(t, dialect)
				require.NoError(t, db.Migrate(t.Context()))
				require.NoError(t, db.migrateTo(t.Context(), steps[:old]), "it may start")
				takes := readTape(t, tapeFile(old, dialect))
				require.Greater(t, len(takes), 100)
				play(t, replayPool(t, db), takes)
				requireSound(t, db)
			})
		}
	}
}

// TestRecordAPurchase makes a tape of this binary and plays it on another
// database; with SOUK_RECORD set it keeps the tape for the binaries to come.
func TestRecordAPurchase(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing happens side by side here")
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := emptyDB(t, dialect)
			require.NoError(t, db.Migrate(t.Context()))
			tp := record(t, db)
			purchase(t, db)
			if os.Getenv("SOUK_RECORD") != "" {
				steps, err := db.migrations()
				require.NoError(t, err)
				writeTape(t, tapeFile(len(steps), dialect), tp.takes)
			}
			other := emptyDB(t, dialect)
			require.NoError(t, other.Migrate(t.Context()))
			play(t, replayPool(t, other), tp.takes)
			requireSound(t, other)
		})
	}
}

func tapeFile(version int, dialect string) string {
	return filepath.Join("testdata", "purchase", fmt.Sprintf("%04d.%s.jsonl.gz", version, dialect))
}

func emptyDB(t *testing.T, dialect string) *DB {
	t.Helper()
	var at string
	if dialect == "postgres" {
		at = pgtest.Quick(t).URL(t)
	} else {
		at = "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
	}
	db, err := Open(t.Context(), at, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// sqliteConnector opens connections to a file.
type sqliteConnector struct {
	driver driver.Driver
	name   string
}

func (c sqliteConnector) Driver() driver.Driver { return c.driver }

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.name) }

// connector is one more way into a database.
func connector(t *testing.T, db *DB) driver.Connector {
	t.Helper()
	if db.postgres {
		return stdlib.GetConnector(*db.pgx)
	}
	var seq int
	var name, file string
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), "PRAGMA database_list").Scan(&seq, &name, &file))
	params := url.Values{"_txlock": {"immediate"}}
	require.NoError(t, safeParams(params))
	return sqliteConnector{db.SQL().Driver(), "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + params.Encode()}
}

func replayPool(t *testing.T, db *DB) *sql.DB {
	t.Helper()
	pool := sql.OpenDB(connector(t, db))
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return pool
}

// record puts a tape between db and its database.
func record(t *testing.T, db *DB) *tape {
	t.Helper()
	tp := &tape{}
	from := connector(t, db)
	writer := bun.NewDB(tp.pool(from), db.writer.Dialect())
	reader := writer
	if !db.postgres {
		writer.DB.SetMaxOpenConns(1)
		reader = bun.NewDB(tp.pool(from), db.reader.Dialect())
		require.NoError(t, db.reader.Close())
	}
	require.NoError(t, db.writer.Close())
	db.writer, db.reader = writer, reader
	return tp
}

func shop(t *testing.T, db *DB) *commerce.Marketplace {
	t.Helper()
	m, err := commerce.New(commerce.Config{Stores: db.Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()}})
	require.NoError(t, err)
	return m
}

func requireSound(t *testing.T, db *DB) {
	t.Helper()
	m := shop(t, db)
	for v, err := range m.Verify(t.Context()) {
		require.NoError(t, err)
		require.Fail(t, "violation", "%+v", v)
	}
	orders, err := m.Orders.List(t.Context(), ref.Staff("ann"), order.Query{Payment: order.PaymentPaid}, page.Request{})
	require.NoError(t, err)
	require.Len(t, orders.Items, 3, "what the binary before sold is there for this one")
}

// purchase is a shop's day: goods come in, a member and a guest buy of two
// merchants, a merchant's part is canceled and paid back, staff look on.
func purchase(t *testing.T, db *DB) {
	t.Helper()
	ctx, m, staff := t.Context(), shop(t, db), ref.Staff("ann")
	do := func(err error) { t.Helper(); require.NoError(t, err) }
	for _, id := range []ref.MerchantID{"tea-house", "silk-road"} {
		_, err := m.Merchants.Register(ctx, staff, merchant.RegisterInput{ID: id, Name: string(id)})
		do(err)
		_, err = m.Catalog.CreateProduct(ctx, staff, catalog.CreateInput{
			ID: ref.ProductID("of-" + id), Merchant: id, Publish: []ref.ChannelID{commerce.DefaultChannel},
			ProductInput: catalog.ProductInput{
				Title: catalog.Text{ref.English: "Something of " + string(id)},
				SKUs:  []catalog.SKUInput{{ID: ref.SKUID("sku-" + id), Code: "C-" + string(id)}},
			},
		})
		do(err)
		_, err = m.Prices.Set(ctx, staff, []pricing.SetInput{
			{SKU: ref.SKUID("sku-" + id), Channel: commerce.DefaultChannel, Unit: money.New(1250, "USD")},
		})
		do(err)
		do(m.Stock.Receive(ctx, staff, inventory.CountInput{
			Counts: []inventory.Count{{SKU: ref.SKUID("sku-" + id), Location: "main", Quantity: 50}},
		}))
	}
	do(m.Drain(ctx))
	bo, err := m.Members.Register(ctx, ref.Guest("browser"), member.RegisterInput{
		Email: "bo@example.com", Password: "correct horse battery", Name: "Bo Li",
	})
	do(err)
	_, err = m.Members.SignIn(ctx, member.SignInInput{Email: "bo@example.com", Password: "correct horse battery"})
	do(err)

	placed := sell(t, m, ref.Member(bo.ID))
	sell(t, m, ref.Guest("browser"))
	_, err = m.Checkout.Cancel(ctx, ref.Member(bo.ID), checkout.CancelInput{
		Group: placed.Group.ID, Orders: []order.ID{placed.Group.Orders[0].ID}, Reason: "changed_mind",
	})
	do(err)
	third := sell(t, m, ref.Guest("another"))
	_, err = m.Checkout.Cancel(ctx, ref.Guest("another"), checkout.CancelInput{Group: third.Group.ID})
	do(err)
	do(m.Drain(ctx))
	_, err = m.Listing.List(ctx, listing.Query{Channel: commerce.DefaultChannel, Currency: "USD", Sort: listing.Newest}, page.Request{})
	do(err)
	for _, q := range []order.Query{{}, {Payment: order.PaymentPaid}, {Merchant: "tea-house"}, {Member: bo.ID}} {
		_, err = m.Orders.List(ctx, staff, q, page.Request{})
		do(err)
	}
	_, err = m.Orders.History(ctx, staff, placed.Group.ID)
	do(err)
}

func sell(t *testing.T, m *commerce.Marketplace, buyer ref.Scope) checkout.Placed {
	t.Helper()
	c, err := m.Carts.Open(t.Context(), buyer, commerce.DefaultChannel)
	require.NoError(t, err)
	_, err = m.Carts.Add(t.Context(), buyer, cart.AddInput{
		Target: cart.Target{Cart: c.ID},
		Items:  []cart.Item{{SKU: "sku-tea-house", Quantity: 2}, {SKU: "sku-silk-road", Quantity: 1}},
	})
	require.NoError(t, err)
	choice := checkout.Choice{
		Cart: c.ID, Gateway: "fakepay", Email: "bo@example.com", Remark: "ring twice", ShipTo: address.Address{
			Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
			Line1: "1 Main St", PostalCode: "90001",
		},
	}
	q, err := m.Checkout.Quote(t.Context(), buyer, choice)
	require.NoError(t, err)
	require.True(t, q.Ready, "%+v", q.Problems)
	p, err := m.Checkout.Place(t.Context(), buyer, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"})
	require.NoError(t, err)
	return p
}
