-- souk:requires 1
-- What a template issued is counted in it only where total bounds it.
CREATE TABLE coupon_templates (
  id          text COLLATE "C" PRIMARY KEY,
  merchant    text COLLATE "C" NOT NULL,
  promotion   text COLLATE "C" NOT NULL,
  name        text NOT NULL,
  note        text NOT NULL,
  way         text NOT NULL CHECK (way IN ('claim', 'code', 'hand', 'registration', 'reward')),
  channel     text COLLATE "C" NOT NULL,
  state       text NOT NULL CHECK (state IN ('paused', 'active', 'ended')),
  opens       timestamptz,
  closes      timestamptz,
  valid_from  timestamptz,
  valid_until timestamptz,
  days        bigint NOT NULL CHECK (days >= 0),
  total       bigint NOT NULL CHECK (total >= 0),
  per_member  bigint NOT NULL CHECK (per_member >= 0),
  reusable    boolean NOT NULL,
  issued      bigint NOT NULL CHECK (issued >= 0 AND issued <= total),
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  CHECK (closes IS NULL OR opens IS NULL OR closes > opens),
  CHECK (valid_until IS NULL OR valid_from IS NULL OR valid_until > valid_from)
);
CREATE INDEX coupon_templates_by_way ON coupon_templates (way, state, id);
CREATE INDEX coupon_templates_by_merchant ON coupon_templates (merchant, id);

-- How many a member was given of a template that bounds it.
CREATE TABLE coupon_counts (
  template text COLLATE "C" NOT NULL,
  member   text COLLATE "C" NOT NULL,
  n        bigint NOT NULL CHECK (n >= 0),
  PRIMARY KEY (template, member)
);

CREATE TABLE coupons (
  id         text COLLATE "C" PRIMARY KEY,
  template   text COLLATE "C" NOT NULL,
  promotion  text COLLATE "C" NOT NULL,
  merchant   text COLLATE "C" NOT NULL,
  member     text COLLATE "C" NOT NULL,
  name       text NOT NULL,
  channel    text COLLATE "C" NOT NULL,
  state      text NOT NULL CHECK (state IN ('claimed', 'held', 'used', 'expired', 'revoked')),
  way        text NOT NULL CHECK (way IN ('claim', 'code', 'hand', 'registration', 'reward')),
  origin     text COLLATE "C" NOT NULL,
  reusable   boolean NOT NULL,
  valid_from timestamptz NOT NULL,
  expires_at timestamptz,
  group_id   text COLLATE "C",
  claimed_at timestamptz NOT NULL,
  used_at    timestamptz,
  updated_at timestamptz NOT NULL,
  CHECK (expires_at IS NULL OR expires_at > valid_from),
  CHECK ((group_id IS NOT NULL) = (state IN ('held', 'used'))),
  CHECK ((used_at IS NOT NULL) = (state = 'used'))
);
CREATE INDEX coupons_of_member ON coupons (member, claimed_at, id);
CREATE INDEX coupons_usable ON coupons (member, expires_at, id) WHERE state = 'claimed';
CREATE INDEX coupons_of_merchant ON coupons (merchant, claimed_at, id) WHERE merchant <> '';
CREATE INDEX coupons_of_template ON coupons (template, claimed_at, id);
CREATE INDEX coupons_of_origin ON coupons (origin, claimed_at, id) WHERE origin <> '';
CREATE INDEX coupons_of_group ON coupons (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX coupons_expiry ON coupons (expires_at, id) WHERE state = 'claimed' AND expires_at IS NOT NULL;

CREATE TABLE coupon_batches (
  id        text COLLATE "C" PRIMARY KEY,
  template  text COLLATE "C" NOT NULL,
  size      bigint NOT NULL CHECK (size > 0),
  made_at   timestamptz NOT NULL,
  voided_at timestamptz
);
CREATE INDEX coupon_batches_of_template ON coupon_batches (template, id);

-- Digests are HMACs of the codes, which are nowhere stored.
CREATE TABLE coupon_codes (
  digest      text COLLATE "C" PRIMARY KEY,
  key         text NOT NULL,
  batch       text COLLATE "C" NOT NULL,
  template    text COLLATE "C" NOT NULL,
  state       text NOT NULL CHECK (state IN ('fresh', 'redeemed', 'void')),
  member      text COLLATE "C",
  coupon      text COLLATE "C",
  redeemed_at timestamptz,
  CHECK ((state = 'redeemed') = (member IS NOT NULL)),
  CHECK ((state = 'redeemed') = (coupon IS NOT NULL)),
  CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL))
);
CREATE INDEX coupon_codes_of_batch ON coupon_codes (batch, state);
