CREATE TABLE order_groups (
  id           TEXT NOT NULL PRIMARY KEY,
  number       TEXT NOT NULL,
  member       TEXT NOT NULL,
  guest        TEXT NOT NULL,
  company      TEXT NOT NULL,
  purchase_ref TEXT NOT NULL,
  channel      TEXT NOT NULL,
  locale       TEXT NOT NULL,
  source       TEXT NOT NULL,
  cart         TEXT NOT NULL,
  cart_version INTEGER NOT NULL,
  quote        TEXT NOT NULL,
  intent       TEXT NOT NULL,
  currency     TEXT NOT NULL CHECK (length(currency) = 3),
  payable      INTEGER NOT NULL CHECK (payable >= 0),
  placed_at    INTEGER NOT NULL,
  CHECK ((member = '') <> (guest = ''))
) STRICT;

CREATE TABLE orders (
  group_id         TEXT NOT NULL,
  id               TEXT NOT NULL,
  place            INTEGER NOT NULL CHECK (place >= 0),
  number           TEXT NOT NULL,
  merchant         TEXT NOT NULL,
  member           TEXT NOT NULL,
  guest            TEXT NOT NULL,
  channel          TEXT NOT NULL,
  placed_at        INTEGER NOT NULL,
  state            TEXT NOT NULL
                   CHECK (state IN ('pending', 'confirmed', 'shipped', 'completed', 'canceling', 'canceled')),
  payment          TEXT NOT NULL CHECK (payment IN ('unpaid', 'paid', 'partially_refunded', 'refunded')),
  deadline         INTEGER,
  claimed_until    INTEGER,
  carrier          TEXT NOT NULL,
  tracking         TEXT NOT NULL,
  currency         TEXT NOT NULL CHECK (length(currency) = 3),
  goods            INTEGER NOT NULL CHECK (goods >= 0),
  shipping_fee     INTEGER NOT NULL CHECK (shipping_fee >= 0),
  discount         INTEGER NOT NULL CHECK (discount BETWEEN 0 AND goods + shipping_fee),
  net              INTEGER NOT NULL CHECK (net >= 0),
  tax              INTEGER NOT NULL CHECK (tax >= 0),
  total            INTEGER NOT NULL CHECK (total = net + tax),
  refunded         INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND total),
  ship_method      TEXT NOT NULL,
  ship_label       TEXT NOT NULL,
  ship_tax_class   TEXT NOT NULL,
  ship_list        INTEGER NOT NULL CHECK (ship_list = shipping_fee),
  ship_discount    INTEGER NOT NULL CHECK (ship_discount BETWEEN 0 AND ship_list),
  ship_net         INTEGER NOT NULL,
  ship_tax         INTEGER NOT NULL,
  ship_gross       INTEGER NOT NULL CHECK (ship_gross = ship_net + ship_tax),
  ship_rate_ppm    INTEGER NOT NULL CHECK (ship_rate_ppm >= 0),
  ship_inclusive   INTEGER NOT NULL CHECK (ship_inclusive IN (0, 1)),
  ship_adjustments TEXT NOT NULL CHECK (json_valid(ship_adjustments)),
  updated_at       INTEGER NOT NULL,
  steps            INTEGER NOT NULL CHECK (steps > 0),
  version          INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (group_id, id),
  CHECK (ship_list - ship_discount = CASE WHEN ship_inclusive THEN ship_gross ELSE ship_net END),
  CHECK (refunded = 0 OR payment IN ('partially_refunded', 'refunded')),
  CHECK (refunded = total OR payment <> 'refunded'),
  CHECK (deadline IS NULL OR state IN ('pending', 'shipped', 'canceling')),
  CHECK ((member = '') <> (guest = ''))
) STRICT;
CREATE INDEX orders_newest      ON orders (placed_at, group_id, id);
CREATE INDEX orders_by_merchant ON orders (merchant, placed_at, group_id, id);
CREATE INDEX orders_by_member   ON orders (member, placed_at, group_id, id) WHERE member <> '';
CREATE INDEX orders_by_guest    ON orders (guest, placed_at, group_id, id) WHERE guest <> '';
-- What somebody has to do something about stays few, however many orders are over.
CREATE INDEX orders_open ON orders (state, placed_at, group_id, id)
  WHERE state NOT IN ('completed', 'canceled');
CREATE INDEX orders_open_by_merchant ON orders (merchant, state, placed_at, group_id, id)
  WHERE state NOT IN ('completed', 'canceled');
CREATE INDEX orders_due ON orders (state, deadline, group_id, id) WHERE deadline IS NOT NULL;

CREATE TABLE order_lines (
  group_id      TEXT NOT NULL,
  order_id      TEXT NOT NULL,
  position      INTEGER NOT NULL CHECK (position >= 0),
  id            TEXT NOT NULL,
  sku           TEXT NOT NULL,
  product       TEXT NOT NULL,
  tag           TEXT NOT NULL,
  code          TEXT NOT NULL,
  title         TEXT NOT NULL,
  options       TEXT NOT NULL CHECK (json_valid(options)),
  picture       TEXT NOT NULL,
  quantity      INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
  currency      TEXT NOT NULL CHECK (length(currency) = 3),
  unit_price    INTEGER NOT NULL CHECK (unit_price >= 0),
  price_version INTEGER NOT NULL,
  tax_class     TEXT NOT NULL,
  weight_grams  INTEGER NOT NULL CHECK (weight_grams >= 0),
  list          INTEGER NOT NULL CHECK (list = unit_price * quantity),
  discount      INTEGER NOT NULL CHECK (discount BETWEEN 0 AND list),
  net           INTEGER NOT NULL,
  tax           INTEGER NOT NULL CHECK (tax >= 0),
  gross         INTEGER NOT NULL CHECK (gross = net + tax),
  rate_ppm      INTEGER NOT NULL CHECK (rate_ppm >= 0),
  inclusive     INTEGER NOT NULL CHECK (inclusive IN (0, 1)),
  adjustments   TEXT NOT NULL CHECK (json_valid(adjustments)),
  PRIMARY KEY (group_id, order_id, position),
  CHECK (list - discount = CASE WHEN inclusive THEN gross ELSE net END)
) STRICT;

CREATE TABLE order_history (
  group_id     TEXT NOT NULL,
  order_id     TEXT NOT NULL,
  seq          INTEGER NOT NULL CHECK (seq > 0),
  at           INTEGER NOT NULL,
  by_whom      TEXT NOT NULL,
  reason       TEXT NOT NULL,
  state_from   TEXT NOT NULL,
  state_to     TEXT NOT NULL,
  payment_from TEXT NOT NULL,
  payment_to   TEXT NOT NULL,
  currency     TEXT NOT NULL,
  amount       INTEGER NOT NULL CHECK (amount >= 0),
  returned     INTEGER NOT NULL CHECK (returned IN (0, 1)),
  PRIMARY KEY (group_id, order_id, seq)
) STRICT;

-- What is known about people, apart from the orders: erased without touching them.
CREATE TABLE order_personal (
  group_id  TEXT NOT NULL PRIMARY KEY,
  ship_to   TEXT NOT NULL CHECK (json_valid(ship_to)),
  bill_to   TEXT NOT NULL CHECK (json_valid(bill_to)),
  email     TEXT NOT NULL,
  remark    TEXT NOT NULL,
  erased_at INTEGER,
  CHECK (erased_at IS NULL OR email = '' AND remark = '' AND ship_to = '{}' AND bill_to = '{}')
) STRICT;

CREATE TABLE order_notes (
  group_id TEXT NOT NULL,
  id       TEXT NOT NULL,
  order_id TEXT NOT NULL,
  at       INTEGER NOT NULL,
  by_whom  TEXT NOT NULL,
  merchant TEXT NOT NULL,
  public   INTEGER NOT NULL CHECK (public IN (0, 1)),
  text     TEXT NOT NULL,
  PRIMARY KEY (group_id, id)
) STRICT;
