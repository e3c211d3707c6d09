package pgsearch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// Index implements [search.Writer].
func (x *Index) Index(ctx context.Context, documents []search.Document) error {
	if err := x.usable(); err != nil {
		return err
	}
	rows, err := x.rows(ctx, documents)
	if err != nil || len(rows) == 0 {
		return err
	}
	return x.write(ctx, rows, x.live)
}

// Delete implements [search.Writer].
func (x *Index) Delete(ctx context.Context, removed []search.Removal) error {
	if err := x.usable(); err != nil {
		return err
	}
	rows, err := removals(removed)
	if err != nil || len(rows) == 0 {
		return err
	}
	return x.write(ctx, rows, x.live)
}

// filler writes to the shard that is being filled.
type filler struct {
	index *Index
	shard int64
}

// mostFilled is how many documents a rebuild writes at a time: live writes wait
// that long.
const mostFilled = 250

func (f filler) Index(ctx context.Context, documents []search.Document) error {
	rows, err := f.index.rows(ctx, documents)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(rows, mostFilled) {
		if err := f.index.write(ctx, chunk, f.take); err != nil {
			return err
		}
	}
	return nil
}

func (f filler) Delete(ctx context.Context, removed []search.Removal) error {
	rows, err := removals(removed)
	if err != nil || len(rows) == 0 {
		return err
	}
	return f.index.write(ctx, rows, f.take)
}

// rows analyses documents.
func (x *Index) rows(ctx context.Context, documents []search.Document) ([]row, error) {
	if err := search.ValidateBatch(documents); err != nil {
		return nil, err
	}
	rows := make([]row, len(documents))
	for i := range documents {
		if err := ctx.Err(); err != nil {
			return nil, search.Failure(err)
		}
		rows[i] = x.encode(&documents[i])
	}
	return rows, nil
}

func removals(removed []search.Removal) ([]row, error) {
	if len(removed) > search.MaxBatch {
		return nil, fault.New(fault.Invalid, "search.document", "too many removals").
			WithField("removed", "too_many", fault.Params{"max": search.MaxBatch})
	}
	rows := make([]row, len(removed))
	for i, m := range removed {
		rows[i] = row{
			ID: clean(string(m.ID)), Version: m.Version, Gone: true,
			Counted: []string{}, Labels: []string{}, Measures: []string{}, Amounts: []float64{}, Prices: []int64{},
		}
	}
	return rows, nil
}

// live locks the index and returns the shards that take what is written to it.
func (x *Index) live(ctx context.Context, tx pgx.Tx) ([]int64, error) {
	var live int64
	var filling *int64
	err := tx.QueryRow(ctx, `UPDATE `+x.schema+`.indexes SET changes = changes + 1 WHERE name = $1 RETURNING live, filling`,
		pgx.QueryExecModeExec, x.config.Name).Scan(&live, &filling)
	if err != nil || filling == nil {
		return []int64{live}, err
	}
	return []int64{live, *filling}, nil
}

// take returns the shard, as long as no other rebuild has put an end to this
// one.
func (f filler) take(context.Context, pgx.Tx) ([]int64, error) { return []int64{f.shard}, nil }

// write stores rows in shards, in one transaction. Rows that are older than
// what a shard holds are left out of it.
func (x *Index) write(ctx context.Context, rows []row, shards func(context.Context, pgx.Tx) ([]int64, error)) error {
	err := pgx.BeginFunc(ctx, x.config.Pool, func(tx pgx.Tx) error {
		into, err := shards(ctx, tx)
		if err != nil {
			return err
		}
		var locked int
		err = tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM `+x.schema+`.shards WHERE id = ANY($1) ORDER BY id FOR UPDATE) s`,
			pgx.QueryExecModeExec, into).Scan(&locked)
		if err != nil {
			return err
		}
		if locked != len(into) {
			return overtaken()
		}
		held, err := x.held(ctx, tx, rows, into)
		if err != nil {
			return err
		}
		return x.store(ctx, tx, newer(rows, into, held), held)
	})
	return search.Failure(err)
}

func overtaken() error {
	return fault.New(fault.Conflict, "search.rebuilding", "another rebuild has taken the place of this one")
}

// key names a document of a shard.
type key struct {
	shard int64
	id    string
}

// old is what a shard holds of a product.
type old struct {
	version int64
	gone    bool
	counted []string
}

func (x *Index) held(ctx context.Context, tx pgx.Tx, rows []row, shards []int64) (map[key]old, error) {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	found, err := tx.Query(ctx, `SELECT shard, id, version, gone, counted FROM `+x.schema+`.documents
		WHERE shard = ANY($1) AND id = ANY($2)`, pgx.QueryExecModeExec, shards, ids)
	if err != nil {
		return nil, err
	}
	out := map[key]old{}
	var k key
	var o old
	_, err = pgx.ForEachRow(found, []any{&k.shard, &k.id, &o.version, &o.gone, &o.counted}, func() error {
		out[k] = o
		o.counted = nil
		return nil
	})
	return out, err
}

// newer returns what is to be stored in which shard: of several rows of one
// product the newest, and the last one of equals.
func newer(rows []row, shards []int64, held map[key]old) []row {
	latest := map[string]int{}
	for i := range rows {
		if before, twice := latest[rows[i].ID]; !twice || rows[before].Version <= rows[i].Version {
			latest[rows[i].ID] = i
		}
	}
	var out []row
	for _, shard := range shards {
		for i := range rows {
			r := rows[i]
			if latest[r.ID] != i {
				continue
			}
			before, found := held[key{shard, r.ID}]
			if found && (before.version > r.Version || before.gone && before.version == r.Version) {
				continue
			}
			r.Shard = shard
			if !r.Gone {
				vector := r.vector(shard)
				r.Terms = &vector
			}
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b row) int { return cmp.Or(cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.ID, b.ID)) })
	return out
}

// store writes rows and keeps the counts right.
func (x *Index) store(ctx context.Context, tx pgx.Tx, rows []row, held map[key]old) error {
	if len(rows) == 0 {
		return nil
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "search.encode", "a document cannot be stored")
	}
	_, err = tx.Exec(ctx, `INSERT INTO `+x.schema+`.documents
		(shard, id, version, gone, title, terms, counted, texts, extras, norm, labels, measures, amounts, prices, sales, rating, ratings,
			in_stock, listed)
		SELECT * FROM json_to_recordset($1::json) AS r(shard bigint, id text, version bigint, gone boolean, title text, terms tsvector,
			counted text[], texts text, extras text, norm double precision, labels text[], measures text[], amounts double precision[],
			prices bigint[], sales bigint, rating double precision, ratings bigint, in_stock boolean, listed bigint)
		ON CONFLICT (shard, id) DO UPDATE SET version = excluded.version, gone = excluded.gone, title = excluded.title,
			terms = excluded.terms, counted = excluded.counted, texts = excluded.texts, extras = excluded.extras, norm = excluded.norm,
			labels = excluded.labels, measures = excluded.measures, amounts = excluded.amounts, prices = excluded.prices,
			sales = excluded.sales, rating = excluded.rating, ratings = excluded.ratings, in_stock = excluded.in_stock,
			listed = excluded.listed`, pgx.QueryExecModeExec, string(raw))
	if err != nil {
		return err
	}
	return errors.Join(x.recount(ctx, tx, rows, held), x.resize(ctx, tx, rows, held))
}

// counts are those of a word.
type counts struct{ plain, term, code int64 }

func (c *counts) add(how string, by int64) {
	if how == countedCode {
		c.code += by
		return
	}
	if how != countedTerm {
		c.plain += by
	}
	if how != countedPlain {
		c.term += by
	}
}

// recount brings the vocabulary up to date.
func (x *Index) recount(ctx context.Context, tx pgx.Tx, rows []row, held map[key]old) error {
	changed := map[key]counts{}
	note := func(shard int64, counted []string, by int64) {
		for _, c := range counted {
			k := key{shard, c[1:]}
			n := changed[k]
			n.add(c[:1], by)
			changed[k] = n
		}
	}
	for i := range rows {
		r := &rows[i]
		note(r.Shard, r.Counted, 1)
		note(r.Shard, held[key{r.Shard, r.ID}].counted, -1)
	}
	var keys []key
	for k, n := range changed {
		if n != (counts{}) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.id, b.id)) })
	shards, list := make([]int64, len(keys)), make([]string, len(keys))
	plains, terms, codes := make([]int64, len(keys)), make([]int64, len(keys)), make([]int64, len(keys))
	for i, k := range keys {
		n := changed[k]
		shards[i], list[i], plains[i], terms[i], codes[i] = k.shard, k.id, n.plain, n.term, n.code
	}
	// Words that are there already are counted first: an insert that ends as an
	// update would have to satisfy the checks by itself.
	_, err := tx.Exec(ctx, `WITH n AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
			AS n(shard, word, plain, term, code)),
		known AS (UPDATE `+x.schema+`.words w SET plain = w.plain + n.plain, term = w.term + n.term, code = w.code + n.code FROM n
			WHERE w.shard = n.shard AND w.word = n.word COLLATE "C" RETURNING w.shard, w.word)
		INSERT INTO `+x.schema+`.words (shard, word, plain, term, code)
		SELECT n.* FROM n WHERE NOT EXISTS (SELECT FROM known k WHERE k.shard = n.shard AND k.word = n.word COLLATE "C")`,
		pgx.QueryExecModeExec, shards, list, plains, terms, codes)
	return err
}

// resize brings the number of documents up to date.
func (x *Index) resize(ctx context.Context, tx pgx.Tx, rows []row, held map[key]old) error {
	type size struct{ documents, sales int64 }
	sizes := map[int64]size{}
	for i := range rows {
		r := &rows[i]
		s := sizes[r.Shard]
		before, found := held[key{r.Shard, r.ID}]
		if found && !before.gone {
			s.documents--
		}
		if !r.Gone {
			s.documents++
			s.sales = max(s.sales, r.Sales)
		}
		sizes[r.Shard] = s
	}
	var shards, documents, sales []int64
	for shard, s := range sizes {
		shards, documents, sales = append(shards, shard), append(documents, s.documents), append(sales, s.sales)
	}
	_, err := tx.Exec(ctx, `UPDATE `+x.schema+`.shards s SET documents = s.documents + n.documents, most_sales = greatest(s.most_sales, n.sales)
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n(shard, documents, sales) WHERE s.id = n.shard`,
		pgx.QueryExecModeExec, shards, documents, sales)
	return err
}
