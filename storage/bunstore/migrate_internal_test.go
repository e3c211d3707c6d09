package bunstore

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func steps(t *testing.T, files map[string]string) []migration {
	t.Helper()
	fs := fstest.MapFS{}
	for name, text := range files {
		fs["migrations/sqlite/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	out, err := loadMigrations(fs, "sqlite")
	require.NoError(t, err)
	return out
}

func TestMigrationsLoadInOrder(t *testing.T) {
	t.Parallel()
	got := steps(t, map[string]string{
		"0001_first/b.sql":  "B;",
		"0001_first/a.sql":  "A;",
		"0002_second/a.sql": "-- souk:requires 1\nC;",
	})
	require.Equal(t, []migration{
		{version: 1, name: "first", requires: 1, sql: "A;\nB;\n"},
		{version: 2, name: "second", requires: 1, sql: "-- souk:requires 1\nC;\n"},
	}, got)

	_, err := loadMigrations(fstest.MapFS{"migrations/sqlite/0002_gap/a.sql": {}}, "sqlite")
	require.ErrorContains(t, err, "out of order")
}

func TestEveryDialectHasTheSameSteps(t *testing.T) {
	t.Parallel()
	lite, err := loadMigrations(migrationFiles, "sqlite")
	require.NoError(t, err)
	pg, err := loadMigrations(migrationFiles, "postgres")
	require.NoError(t, err)
	require.Len(t, pg, len(lite))
	for i := range lite {
		require.Equal(t, lite[i].name, pg[i].name)
		require.Equal(t, lite[i].requires, pg[i].requires)
	}
}

func TestANewerSchemaSaysWhoMayRunOnIt(t *testing.T) {
	t.Parallel()
	first := steps(t, map[string]string{"0001_first/a.sql": "CREATE TABLE a (n INTEGER);"})
	expand := steps(t, map[string]string{
		"0001_first/a.sql":  "CREATE TABLE a (n INTEGER);",
		"0002_expand/a.sql": "-- souk:requires 1\nALTER TABLE a ADD COLUMN m INTEGER;",
	})
	contract := steps(t, map[string]string{
		"0001_first/a.sql":    "CREATE TABLE a (n INTEGER);",
		"0002_expand/a.sql":   "-- souk:requires 1\nALTER TABLE a ADD COLUMN m INTEGER;",
		"0003_contract/a.sql": "ALTER TABLE a DROP COLUMN n;",
	})
	db, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()

	require.Equal(t, "bunstore.schema_missing", fault.CodeOf(db.CheckSchema(t.Context())))
	require.NoError(t, db.migrateTo(t.Context(), first))
	require.NoError(t, db.migrateTo(t.Context(), first), "again")
	require.NoError(t, db.migrateTo(t.Context(), expand))
	require.NoError(t, db.migrateTo(t.Context(), first), "the binary before the second step runs on the new schema")
	require.NoError(t, db.migrateTo(t.Context(), contract))
	for _, old := range [][]migration{first, expand} {
		err := db.migrateTo(t.Context(), old)
		require.ErrorIs(t, err, fault.FailedPrecondition)
		require.Equal(t, "bunstore.schema_newer", fault.CodeOf(err))
	}
}

func TestAFailedStepLeavesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	db, err := Open(t.Context(), "sqlite:"+file, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	broken := steps(t, map[string]string{"0001_first/a.sql": "CREATE TABLE a (n INTEGER); CREATE TABLE a (n INTEGER);"})
	require.ErrorIs(t, db.migrateTo(t.Context(), broken), fault.Internal)
	right := steps(t, map[string]string{"0001_first/a.sql": "CREATE TABLE a (n INTEGER);"})
	require.NoError(t, db.migrateTo(t.Context(), right))
	_, err = os.Stat(file)
	require.NoError(t, err)
}
