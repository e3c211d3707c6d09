package bunstore

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/fault"
)

// slugRow says who has or had a slug.
type slugRow struct {
	bun.BaseModel `bun:"table:slugs,alias:sl"`

	Kind    string `bun:"kind,pk"`
	Slug    string `bun:"slug,pk"`
	Subject string `bun:"subject"`
}

func (r slugRow) compare(o slugRow) int { return strings.Compare(r.Slug, o.Slug) }

// claimed is what became of the claims of one call.
type claimed struct {
	holder map[string]string // slug -> subject
	fresh  []slugRow         // claimed by this call
}

// claimSlugs ties slugs of one kind to their subjects where nobody had them
// before. Two statements; the second only where some were taken.
func claimSlugs(ctx context.Context, c conn, rows []slugRow) (claimed, error) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, slugRow.compare)
	rows = slices.CompactFunc(rows, func(a, b slugRow) bool { return a.Slug == b.Slug }) // the first one has it
	out := claimed{holder: make(map[string]string, len(rows))}
	stored, err := insertMany[string](ctx, c, rows, "slug")
	if err != nil {
		return out, err
	}
	won := make(map[string]bool, len(stored))
	for _, s := range stored {
		won[s] = true
	}
	var taken []string
	for _, r := range rows {
		if won[r.Slug] {
			out.fresh = append(out.fresh, r)
			out.holder[r.Slug] = r.Subject
		} else {
			taken = append(taken, r.Slug)
		}
	}
	if len(taken) == 0 {
		return out, nil
	}
	held, err := slugHolders(ctx, c, rows[0].Kind, taken)
	for slug, subject := range held {
		out.holder[slug] = subject
	}
	return out, err
}

// slugHolders returns who has or had each of the slugs.
func slugHolders(ctx context.Context, c conn, kind string, slugs []string) (map[string]string, error) {
	out := make(map[string]string, len(slugs))
	if len(slugs) == 0 {
		return out, c.err
	}
	var rows []slugRow
	if _, err := c.scan(ctx, c.query(&rows).Where("kind = ? AND slug IN (?)", kind, bun.List(slugs))); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Slug] = r.Subject
	}
	return out, nil
}

// dropSlugs takes claims of this unit back.
func dropSlugs(ctx context.Context, c conn, rows []slugRow) error {
	if len(rows) == 0 {
		return nil
	}
	slugs := make([]string, len(rows))
	for i, r := range rows {
		slugs[i] = r.Slug
	}
	_, err := c.exec(ctx, c.delete((*slugRow)(nil)).Where("kind = ? AND slug IN (?)", rows[0].Kind, bun.List(slugs)))
	return err
}

// sluggedRow is what insertSlugged needs of a row.
type sluggedRow interface {
	key() string
	claim() slugRow
}

// insertSlugged stores new rows and claims their slugs, with an error per
// row, in two statements, and two more where a row is refused. Stored rows
// come back by index.
func insertSlugged[R sluggedRow](ctx context.Context, c conn, trade string, rows []R) ([]error, error) {
	errs := make([]error, len(rows))
	order := make([]int, 0, len(rows))
	for i := range rows {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(rows[a].key(), rows[b].key()) })
	sorted := make([]R, 0, len(rows))
	for n, i := range order {
		if n > 0 && rows[order[n-1]].key() == rows[i].key() {
			errs[i] = existing(trade, "id")
			continue
		}
		sorted = append(sorted, rows[i])
	}
	stored, err := insertMany[string](ctx, c, sorted, "id")
	if err != nil {
		return nil, err
	}
	won := make(map[string]bool, len(stored))
	for _, id := range stored {
		won[id] = true
	}
	var claims []slugRow
	for i, r := range rows {
		switch {
		case errs[i] != nil:
		case won[r.key()]:
			claims = append(claims, r.claim())
		default:
			errs[i] = existing(trade, "id")
		}
	}
	got, err := claimSlugs(ctx, c, claims)
	if err != nil {
		return nil, err
	}
	var lost []string
	for i, r := range rows {
		if errs[i] == nil && got.holder[r.claim().Slug] != r.key() {
			errs[i] = existing(trade, "slug")
			lost = append(lost, r.key())
		}
	}
	if len(lost) > 0 {
		if _, err := c.exec(ctx, c.delete(rows[0]).Where("id IN (?)", bun.List(lost))); err != nil {
			return nil, err
		}
	}
	return errs, nil
}

// updateSlugged is updateRow for an aggregate with a slug.
func updateSlugged(ctx context.Context, db *DB, trade string, row any, claim slugRow, version int64) error {
	return db.write(ctx, func(ctx context.Context, c conn) error {
		got, err := claimSlugs(ctx, c, []slugRow{claim})
		if err != nil {
			return err
		}
		if got.holder[claim.Slug] != claim.Subject {
			return existing(trade, "slug")
		}
		if err := updateRow(ctx, c, trade, row, version); err != nil {
			if derr := dropSlugs(ctx, c, got.fresh); derr != nil {
				return derr
			}
			return err
		}
		return nil
	})
}

// write runs fn in the unit of ctx, or in one of its own: for a store method
// that needs several statements to be atomic.
func (db *DB) write(ctx context.Context, fn func(ctx context.Context, c conn) error) error {
	if db.unit(ctx) != nil {
		return fn(ctx, db.conn(ctx))
	}
	return db.Do(ctx, func(ctx context.Context) error { return fn(ctx, db.conn(ctx)) })
}

func existing(trade, by string) error {
	return fault.New(fault.AlreadyExists, trade+".exists", "an object with this value exists").With("by", by)
}
