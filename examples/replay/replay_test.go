package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
)

const (
	someProducts = "stock_code\tdescription\n10002\tA globe\n85123A\tA light\n85123a\tA light\n22041\t\n"
	someLines    = "invoice\tstock_code\tqty\tts\tunit_price\tcustomer\tcountry\n" +
		"1\t85123A\t6\t2010-12-01 08:26\t2.55\t17850\tUnited Kingdom\n" +
		"1\t85123A\t1\t2010-12-01 08:26\t2.55\t17850\tUnited Kingdom\n" + // the SKU once more
		"1\t85123a\t2\t2010-12-01 08:26\t2.55\t17850\tUnited Kingdom\n" +
		"1\t85123A\t3\t2010-12-01 08:26\t2.10\t17850\tUnited Kingdom\n" + // cheaper
		"2\t10002\t74215\t2010-12-01 08:30\t1.04\t\tEIRE\n" + // a guest, many pieces
		"C3\t10002\t-1\t2010-12-01 08:31\t1.04\t17850\tUnited Kingdom\n" +
		"4\tPOST\t1\t2010-12-01 08:32\t18.00\t12583\tFrance\n" +
		"5\t22041\t-4\t2010-12-01 08:33\t1.00\t\tUnited Kingdom\n" +
		"6\t22041\t4\t2010-12-01 08:33\t0.00\t\tUnited Kingdom\n" +
		"7\t22041\t1\t2010-12-24 09:00\t10.95\t17850\tNarnia\n" // weeks later, nowhere
	someTotal  = "total=77223.80\npieces=74228\n" // 9*2.55 + 3*2.10 + 74215*1.04 + 10.95
	someReport = `file: 6 lines in 3 invoices, 74228 pieces for GBP 77223.80
skipped: 1 lines, canceled invoices: C3
skipped: 1 lines, no pieces: 22041
skipped: 1 lines, no price: 22041
skipped: 1 lines, not a product: POST
mapped: 1 invoices, sent to London instead: Narnia
mapped: 1 products without a description are named by their code
`
)

// folder writes a folder like the one that main reads.
func folder(t *testing.T, lines string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"lines.tsv.gz": lines, "products.tsv.gz": someProducts} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := io.WriteString(z, text)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	return dir
}

// stores are the flags for each of them.
func stores() map[string]func(t *testing.T) []string {
	return map[string]func(t *testing.T) []string{
		"memory": func(*testing.T) []string { return nil },
		"sqlite": func(t *testing.T) []string {
			t.Helper()
			return []string{"--sqlite", filepath.Join(t.TempDir(), "s.db")}
		},
		"postgres": func(t *testing.T) []string { t.Helper(); return []string{"--postgres", pgtest.Quick(t).URL(t)} },
	}
}

// TestAWholeFolder replays what SOUK_ORDERS names, however large, and requires
// that each store ends with what the file says; it prints the report.
func TestAWholeFolder(t *testing.T) { //nolint:paralleltest // one after the other: each has the machine
	dir := os.Getenv("SOUK_ORDERS")
	if dir == "" {
		t.Skip("set SOUK_ORDERS to a folder with lines.tsv.gz and products.tsv.gz")
	}
	for name, store := range stores() { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), append([]string{dir}, store(t)...), &out, io.Discard))
			t.Log(out.String())
			require.Contains(t, out.String(), "verified:")
		})
	}
}

func TestTheShopSellsWhatTheFileSays(t *testing.T) {
	t.Parallel()
	for name, store := range stores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{folder(t, someLines)}, store(t)...)
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), args, &out, io.Discard))
			require.Contains(t, out.String(), someReport)
			require.Contains(t, out.String(), someTotal)
			require.Contains(t, out.String(), "payments captured: 3, GBP 77223.80\n")
			require.Contains(t, out.String(), "verified:")
			if len(args) > 1 {
				require.ErrorContains(t, run(t.Context(), args, io.Discard, io.Discard), "holds orders already")
				out.Reset()
				require.NoError(t, run(t.Context(), append(args, "--check"), &out, io.Discard))
				require.Contains(t, out.String(), someTotal)
			}
		})
	}
}

// TestMain lets the test start this binary as the command.
func TestMain(m *testing.M) {
	if os.Getenv("SOUK_REPLAY") == "main" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(ctx context.Context, t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Env = append(os.Environ(), "SOUK_REPLAY=main")
	text, err := cmd.CombinedOutput()
	if err != nil {
		var ended *exec.ExitError
		require.ErrorAs(t, err, &ended)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

func TestAPlantedDifferenceEndsWithOne(t *testing.T) {
	t.Parallel()
	dir := folder(t, someLines)
	db := filepath.Join(t.TempDir(), "s.db")
	out, code := command(t.Context(), t, dir, "--sqlite", db)
	require.Zero(t, code, out)

	short := folder(t, strings.Replace(someLines, "\t10.95\t", "\t10.94\t", 1))
	out, code = command(t.Context(), t, short, "--sqlite", db, "--check")
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "orders completed are not what the file says: 3, GBP 77223.80, 74228 pieces instead of 3, GBP 77223.79, 74228 pieces")
	require.Contains(t, out, "payments captured are not what the file says")
	require.Contains(t, out, "stock movements sold are not what the file says")
	require.NotContains(t, out, "total=")

	// One more sale than the file knows.
	s, err := openStore(t.Context(), options{SQLite: db})
	require.NoError(t, err)
	shop, err := s.shop(clock.System{})
	require.NoError(t, err)
	price, err := money.ParseDecimal("2.55", currency)
	require.NoError(t, err)
	light := sku{"85123A", price}
	require.NoError(t, fillStock(t.Context(), shop, &file{skus: map[sku]ref.Quantity{light: 1}}))
	require.NoError(t, sell(t.Context(), shop, &invoice{
		number: "planted", country: "United Kingdom", items: map[sku]ref.Quantity{light: 1},
	}))
	require.NoError(t, s.close())
	out, code = command(t.Context(), t, dir, "--sqlite", db, "--check")
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "4, GBP 77226.35, 74229 pieces instead of 3, GBP 77223.80, 74228 pieces")
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	head, _, _ := strings.Cut(someLines, "\n")
	for text, want := range map[string]string{
		"1\t10002\t6\n": "lines.tsv.gz:2: 3 columns, not 7",
		"1\t10002\tsix\t2010-12-01 08:26\t1.04\t\tFrance\n": "lines.tsv.gz:2: quantity",
		"1\t10002\t6\tyesterday\t1.04\t\tFrance\n":          "lines.tsv.gz:2: time",
		"1\t10002\t6\t2010-12-01 08:26\t1.045\t\tFrance\n":  "lines.tsv.gz:2: ",
		"": "no sale",
	} {
		err := run(t.Context(), []string{folder(t, head+"\n"+text)}, io.Discard, io.Discard)
		require.ErrorContains(t, err, want)
	}
	require.Error(t, run(t.Context(), []string{t.TempDir()}, io.Discard, io.Discard), "an empty folder")
	require.Error(t, run(t.Context(), []string{t.TempDir(), "--sqlite", "a", "--postgres", "b"}, io.Discard, io.Discard))
	require.ErrorContains(t, run(t.Context(), []string{t.TempDir(), "--check"}, io.Discard, io.Discard), "a store that lasts")
}

func TestEveryAddressIsValid(t *testing.T) {
	t.Parallel()
	for _, country := range []string{
		"Australia", "Austria", "Bahrain", "Belgium", "Brazil", "Canada", "Channel Islands", "Cyprus", "Czech Republic",
		"Denmark", "EIRE", "Finland", "France", "Germany", "Greece", "Hong Kong", "Iceland", "Israel", "Italy", "Japan",
		"Lebanon", "Lithuania", "Malta", "Netherlands", "Norway", "Poland", "Portugal", "Saudi Arabia", "Singapore",
		"Spain", "Sweden", "Switzerland", "USA", "United Arab Emirates", "United Kingdom",
	} {
		a, known := addressIn(country)
		require.True(t, known, country)
		require.NoError(t, a.Validate(), country)
	}
	a, known := addressIn("Narnia")
	require.False(t, known)
	require.NoError(t, a.Validate())
}

func TestLimitTakesTheFirstInvoices(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := run(t.Context(), []string{folder(t, someLines), "--limit", "1", "--no-verify", "--workers", "3"}, &out, io.Discard)
	require.NoError(t, err)
	require.Contains(t, out.String(), "skipped: 2 lines, beyond --limit: 2, 7\n")
	require.Contains(t, out.String(), "total=29.25\npieces=12\n")
	require.NotContains(t, out.String(), "verified:")
}

// The shop recommends what was bought together, and not what was bought apart.
func TestAShopLearnsFromWhatWasReplayed(t *testing.T) {
	t.Parallel()
	lines := "invoice\tstock_code\tqty\tts\tunit_price\tcustomer\tcountry\n"
	for i := range 24 {
		bought := []string{"10002", "22041"}
		if i%2 == 1 {
			bought = []string{"85123A", "85123a"}
		}
		for _, code := range bought {
			lines += fmt.Sprintf("%d\t%s\t1\t2010-12-%02d 09:00\t1.00\t%d\tUnited Kingdom\n", i+1, code, i+1, 17850+i)
		}
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{folder(t, lines), "--advise"}, &out, io.Discard))
	require.Regexp(t, `learned from 48 purchases of 4 products in \d+\.\d s: \w+`, out.String())
	require.Contains(t, out.String(), "with A globe: 22041")
	require.NotContains(t, out.String(), "with A globe: A light")
	require.Contains(t, out.String(), "verified:")
}
