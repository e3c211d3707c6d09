package bunstore_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/bunstore"
)

// saved reads a database that an earlier binary left: testdata/schema holds
// one of every schema before the newest, as the statements that make it.
func saved(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "schema", name))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	zip, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(zip)
	require.NoError(t, err)
	return string(text)
}

// Every database that an earlier binary left can be upgraded, and the shop in
// it goes on: its orders are there, its money and stock are sound, and it sells.
func TestEveryEarlierSchemaUpgrades(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing happens side by side here")
	}
	files, err := os.ReadDir(filepath.Join("testdata", "schema"))
	require.NoError(t, err)
	dialects := map[string]int{}
	for _, f := range files {
		version, rest, _ := strings.Cut(f.Name(), ".")
		dialect, _, _ := strings.Cut(rest, ".")
		dialects[dialect]++
		t.Run(dialect+" "+version, func(t *testing.T) {
			t.Parallel()
			url := "sqlite:" + filepath.Join(t.TempDir(), "shop.db")
			if dialect == "postgres" {
				url = pgtest.Quick(t).URL(t)
			}
			db, err := bunstore.Open(t.Context(), url, nil)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			_, err = db.SQL().ExecContext(t.Context(), saved(t, f.Name()))
			require.NoError(t, err)
			require.Error(t, db.CheckSchema(t.Context()), "it is an older schema")
			require.NoError(t, db.Migrate(t.Context()))
			require.NoError(t, db.CheckSchema(t.Context()))

			m, err := commerce.New(commerce.Config{
				Stores: db.Stores(), Gateways: []payment.Gateway{fakepay.New().Gateway()},
			})
			require.NoError(t, err)
			orders, err := m.Orders.List(t.Context(), ref.Staff("ann"), order.Query{Payment: order.PaymentPaid}, page.Request{})
			require.NoError(t, err)
			require.NotEmpty(t, orders.Items)
			require.NoError(t, m.Drain(t.Context()))
			for v, err := range m.Verify(t.Context()) {
				require.NoError(t, err)
				require.Fail(t, "violation", "%+v", v)
			}
		})
	}
	newest := schemaVersions(t)
	require.Equal(t, map[string]int{"sqlite": newest - 1, "postgres": newest - 1}, dialects, "one saved database per earlier schema")
}

func schemaVersions(t *testing.T) int {
	t.Helper()
	dirs, err := os.ReadDir(filepath.Join("migrations", "sqlite"))
	require.NoError(t, err)
	return len(dirs)
}
