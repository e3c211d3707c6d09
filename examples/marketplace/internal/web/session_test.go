package web_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/internal/pgtest"
)

// sessionStore is what the stores of sessions have in common.
type sessionStore interface {
	scs.CtxStore
	Purge(ctx context.Context) error
}

// eachStore runs fn over every store of sessions.
func eachStore(t *testing.T, fn func(t *testing.T, store sessionStore, now *clock.Manual)) {
	t.Helper()
	start := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	onSQL := func(t *testing.T, driver, dsn string) {
		t.Helper()
		db, err := sql.Open(driver, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		now := clock.NewManual(start)
		for range 2 { // the second start finds the table
			_, err = web.NewSQLSessions(t.Context(), db, now)
			require.NoError(t, err)
		}
		store, err := web.NewSQLSessions(t.Context(), db, now)
		require.NoError(t, err)
		fn(t, store, now)
	}
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		now := clock.NewManual(start)
		fn(t, web.NewMemorySessions(now), now)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		onSQL(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "sessions.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		onSQL(t, "pgx", pgtest.Quick(t).URL(t))
	})
}

func TestSessionStores(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store sessionStore, now *clock.Manual) {
		t.Helper()
		ctx := t.Context()
		_, found, err := store.FindCtx(ctx, "a")
		require.NoError(t, err)
		require.False(t, found)

		end := now.Now().Add(time.Hour)
		require.NoError(t, store.CommitCtx(ctx, "a", []byte("1"), end))
		require.NoError(t, store.CommitCtx(ctx, "a", []byte("2"), end))
		require.NoError(t, store.CommitCtx(ctx, "b", []byte("3"), end.Add(time.Hour)))
		data, found, err := store.FindCtx(ctx, "a")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "2", string(data))

		now.Advance(time.Hour)
		_, found, err = store.FindCtx(ctx, "a")
		require.NoError(t, err)
		require.False(t, found, "a session ends at its time, not after it")
		require.NoError(t, store.Purge(ctx))
		_, found, err = store.FindCtx(ctx, "b")
		require.NoError(t, err)
		require.True(t, found)
		require.NoError(t, store.DeleteCtx(ctx, "b"))
		require.NoError(t, store.DeleteCtx(ctx, "b"))
		_, found, err = store.FindCtx(ctx, "b")
		require.NoError(t, err)
		require.False(t, found)
	})
}

// visitor keeps cookies as a browser does.
type visitor struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]*http.Cookie
}

func (v *visitor) visit(path string) {
	v.t.Helper()
	req := httptest.NewRequestWithContext(v.t.Context(), http.MethodGet, path, nil)
	for _, c := range v.cookies {
		req.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, req)
	for _, c := range rec.Result().Cookies() {
		v.cookies[c.Name] = c
	}
}

func TestAVisitToTheShop(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store sessionStore, now *clock.Manual) {
		t.Helper()
		sessions := web.NewSessions(web.SessionConfig{
			// The library asks the machine's clock for a cookie's end; the store asks ours.
			Store: store, Cookie: "souk", Path: "/", Lifetime: 30 * 24 * time.Hour, Secure: true,
			Fail: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) },
		})
		var guest string
		mux := http.NewServeMux()
		on := func(path string, fn func(ctx context.Context)) {
			mux.HandleFunc(path, func(_ http.ResponseWriter, r *http.Request) { fn(r.Context()) })
		}
		on("/look", func(ctx context.Context) {
			require.Equal(t, ref.NoScope, sessions.Scope(ctx).Kind())
			require.Empty(t, sessions.Notices(ctx))
		})
		on("/buy", func(ctx context.Context) {
			guest = sessions.MustGuest(ctx)
			require.Equal(t, guest, sessions.MustGuest(ctx))
			require.Equal(t, ref.Guest(guest), sessions.Scope(ctx))
			require.NoError(t, sessions.Put(ctx, "checkout", map[string]string{"method": "cod"}))
		})
		on("/sign-in", func(ctx context.Context) {
			require.Equal(t, guest, sessions.Guest(ctx))
			require.NoError(t, sessions.SignIn(ctx, "m-1", "Ada"))
			require.Equal(t, guest, sessions.Guest(ctx), "kept until the carts are merged")
			sessions.ForgetGuest(ctx)
			sessions.Tell(ctx, view.Notice{Tone: view.Good, Key: "cart.merged"})
			sessions.Tell(ctx, view.Notice{Tone: view.Info, Key: "cart.stale"})
		})
		on("/account", func(ctx context.Context) {
			require.Equal(t, ref.Member("m-1"), sessions.Scope(ctx))
			require.Equal(t, "Ada", sessions.Name(ctx))
			require.Empty(t, sessions.Guest(ctx))
			ns := sessions.Notices(ctx)
			require.Len(t, ns, 2)
			require.Equal(t, "cart.merged", ns[0].Key)
			require.Empty(t, sessions.Notices(ctx), "told once")
			var draft map[string]string
			require.True(t, sessions.Get(ctx, "checkout", &draft))
			require.Equal(t, "cod", draft["method"])
			sessions.Drop(ctx, "checkout")
			require.False(t, sessions.Get(ctx, "checkout", &draft))
		})
		on("/sign-out", func(ctx context.Context) { require.NoError(t, sessions.SignOut(ctx)) })
		on("/staff", func(ctx context.Context) {
			require.NoError(t, sessions.SignInStaff(ctx, "s-1", "Rowan"))
			require.Equal(t, ref.StaffID("s-1"), sessions.Staff(ctx))
			require.Empty(t, sessions.Member(ctx))
		})

		v := &visitor{t: t, handler: sessions.Load(mux), cookies: map[string]*http.Cookie{}}
		v.visit("/look")
		require.Empty(t, v.cookies, "looking around leaves no trace")
		v.visit("/buy")
		c := v.cookies["souk"]
		require.True(t, c.HttpOnly)
		require.True(t, c.Secure)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
		planted := c.Value
		v.visit("/sign-in")
		require.NotEqual(t, planted, v.cookies["souk"].Value, "a planted token is worth nothing")
		v.visit("/account")
		_, found, err := store.FindCtx(t.Context(), v.cookies["souk"].Value)
		require.NoError(t, err)
		require.False(t, found, "the store knows a digest of the token only")

		old := v.cookies["souk"].Value
		v.visit("/sign-out")
		v.visit("/look")
		v.cookies["souk"] = &http.Cookie{Name: "souk", Value: old}
		v.visit("/look") // the old token opens nothing
		v.visit("/staff")

		now.Advance(365 * 24 * time.Hour)
		v.visit("/look")
	})
}
