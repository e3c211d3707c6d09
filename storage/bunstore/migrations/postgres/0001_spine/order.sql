CREATE TABLE order_groups (
  id           text COLLATE "C" PRIMARY KEY,
  number       text COLLATE "C" NOT NULL,
  member       text COLLATE "C" NOT NULL,
  guest        text COLLATE "C" NOT NULL,
  company      text COLLATE "C" NOT NULL,
  purchase_ref text NOT NULL,
  channel      text COLLATE "C" NOT NULL,
  locale       text NOT NULL,
  source       text NOT NULL,
  cart         text COLLATE "C" NOT NULL,
  cart_version bigint NOT NULL,
  quote        text NOT NULL,
  intent       text COLLATE "C" NOT NULL,
  currency     text NOT NULL CHECK (length(currency) = 3),
  payable      bigint NOT NULL CHECK (payable >= 0),
  placed_at    timestamptz NOT NULL,
  CHECK ((member = '') <> (guest = ''))
);

CREATE TABLE orders (
  group_id         text COLLATE "C" NOT NULL,
  id               text COLLATE "C" NOT NULL,
  place            bigint NOT NULL CHECK (place >= 0),
  number           text COLLATE "C" NOT NULL,
  merchant         text COLLATE "C" NOT NULL,
  member           text COLLATE "C" NOT NULL,
  guest            text COLLATE "C" NOT NULL,
  channel          text COLLATE "C" NOT NULL,
  placed_at        timestamptz NOT NULL,
  state            text COLLATE "C" NOT NULL
                   CHECK (state IN ('pending', 'confirmed', 'shipped', 'completed', 'canceling', 'canceled')),
  payment          text COLLATE "C" NOT NULL CHECK (payment IN ('unpaid', 'paid', 'partially_refunded', 'refunded')),
  deadline         timestamptz,
  claimed_until    timestamptz,
  carrier          text NOT NULL,
  tracking         text NOT NULL,
  currency         text NOT NULL CHECK (length(currency) = 3),
  goods            bigint NOT NULL CHECK (goods >= 0),
  shipping_fee     bigint NOT NULL CHECK (shipping_fee >= 0),
  discount         bigint NOT NULL CHECK (discount BETWEEN 0 AND goods + shipping_fee),
  net              bigint NOT NULL CHECK (net >= 0),
  tax              bigint NOT NULL CHECK (tax >= 0),
  total            bigint NOT NULL CHECK (total = net + tax),
  refunded         bigint NOT NULL CHECK (refunded BETWEEN 0 AND total),
  ship_method      text NOT NULL,
  ship_label       text NOT NULL,
  ship_tax_class   text NOT NULL,
  ship_list        bigint NOT NULL CHECK (ship_list = shipping_fee),
  ship_discount    bigint NOT NULL CHECK (ship_discount BETWEEN 0 AND ship_list),
  ship_net         bigint NOT NULL,
  ship_tax         bigint NOT NULL,
  ship_gross       bigint NOT NULL CHECK (ship_gross = ship_net + ship_tax),
  ship_rate_ppm    bigint NOT NULL CHECK (ship_rate_ppm >= 0),
  ship_inclusive   boolean NOT NULL,
  ship_adjustments jsonb NOT NULL,
  updated_at       timestamptz NOT NULL,
  steps            bigint NOT NULL CHECK (steps > 0),
  version          bigint NOT NULL CHECK (version > 0),
  PRIMARY KEY (group_id, id),
  CHECK (ship_list - ship_discount = CASE WHEN ship_inclusive THEN ship_gross ELSE ship_net END),
  CHECK (refunded = 0 OR payment IN ('partially_refunded', 'refunded')),
  CHECK (refunded = total OR payment <> 'refunded'),
  CHECK (deadline IS NULL OR state IN ('pending', 'shipped', 'canceling')),
  CHECK ((member = '') <> (guest = ''))
);
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
  group_id      text COLLATE "C" NOT NULL,
  order_id      text COLLATE "C" NOT NULL,
  position      bigint NOT NULL CHECK (position >= 0),
  id            text COLLATE "C" NOT NULL,
  sku           text COLLATE "C" NOT NULL,
  product       text COLLATE "C" NOT NULL,
  tag           text NOT NULL,
  code          text NOT NULL,
  title         text NOT NULL,
  options       jsonb NOT NULL,
  picture       text NOT NULL,
  quantity      bigint NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
  currency      text NOT NULL CHECK (length(currency) = 3),
  unit_price    bigint NOT NULL CHECK (unit_price >= 0),
  price_version bigint NOT NULL,
  tax_class     text NOT NULL,
  weight_grams  bigint NOT NULL CHECK (weight_grams >= 0),
  list          bigint NOT NULL CHECK (list = unit_price * quantity),
  discount      bigint NOT NULL CHECK (discount BETWEEN 0 AND list),
  net           bigint NOT NULL,
  tax           bigint NOT NULL CHECK (tax >= 0),
  gross         bigint NOT NULL CHECK (gross = net + tax),
  rate_ppm      bigint NOT NULL CHECK (rate_ppm >= 0),
  inclusive     boolean NOT NULL,
  adjustments   jsonb NOT NULL,
  PRIMARY KEY (group_id, order_id, position),
  CHECK (list - discount = CASE WHEN inclusive THEN gross ELSE net END)
);

CREATE TABLE order_history (
  group_id     text COLLATE "C" NOT NULL,
  order_id     text COLLATE "C" NOT NULL,
  seq          bigint NOT NULL CHECK (seq > 0),
  at           timestamptz NOT NULL,
  by_whom      text NOT NULL,
  reason       text NOT NULL,
  state_from   text NOT NULL,
  state_to     text NOT NULL,
  payment_from text NOT NULL,
  payment_to   text NOT NULL,
  currency     text NOT NULL,
  amount       bigint NOT NULL CHECK (amount >= 0),
  returned     boolean NOT NULL,
  PRIMARY KEY (group_id, order_id, seq)
);

-- What is known about people, apart from the orders: erased without touching them.
CREATE TABLE order_personal (
  group_id  text COLLATE "C" PRIMARY KEY,
  ship_to   jsonb NOT NULL,
  bill_to   jsonb NOT NULL,
  email     text NOT NULL,
  remark    text NOT NULL,
  erased_at timestamptz,
  CHECK (erased_at IS NULL OR email = '' AND remark = '' AND ship_to = '{}' AND bill_to = '{}')
);

CREATE TABLE order_notes (
  group_id text COLLATE "C" NOT NULL,
  id       text COLLATE "C" NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  by_whom  text NOT NULL,
  merchant text COLLATE "C" NOT NULL,
  public   boolean NOT NULL,
  text     text NOT NULL,
  PRIMARY KEY (group_id, id)
);
