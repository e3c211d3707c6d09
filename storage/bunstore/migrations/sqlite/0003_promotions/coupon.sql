-- souk:requires 1
-- What a template issued is counted in it only where total bounds it.
CREATE TABLE coupon_templates (
  id          TEXT NOT NULL PRIMARY KEY,
  merchant    TEXT NOT NULL,
  promotion   TEXT NOT NULL,
  name        TEXT NOT NULL,
  note        TEXT NOT NULL,
  way         TEXT NOT NULL CHECK (way IN ('claim', 'code', 'hand', 'registration', 'reward')),
  channel     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('paused', 'active', 'ended')),
  opens       INTEGER,
  closes      INTEGER,
  valid_from  INTEGER,
  valid_until INTEGER,
  days        INTEGER NOT NULL CHECK (days >= 0),
  total       INTEGER NOT NULL CHECK (total >= 0),
  per_member  INTEGER NOT NULL CHECK (per_member >= 0),
  reusable    INTEGER NOT NULL CHECK (reusable IN (0, 1)),
  issued      INTEGER NOT NULL CHECK (issued >= 0 AND issued <= total),
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  version     INTEGER NOT NULL CHECK (version > 0),
  CHECK (closes IS NULL OR opens IS NULL OR closes > opens),
  CHECK (valid_until IS NULL OR valid_from IS NULL OR valid_until > valid_from)
) STRICT;
CREATE INDEX coupon_templates_by_way ON coupon_templates (way, state, id);
CREATE INDEX coupon_templates_by_merchant ON coupon_templates (merchant, id);

-- How many a member was given of a template that bounds it.
CREATE TABLE coupon_counts (
  template TEXT NOT NULL,
  member   TEXT NOT NULL,
  n        INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (template, member)
) STRICT;

CREATE TABLE coupons (
  id         TEXT NOT NULL PRIMARY KEY,
  template   TEXT NOT NULL,
  promotion  TEXT NOT NULL,
  merchant   TEXT NOT NULL,
  member     TEXT NOT NULL,
  name       TEXT NOT NULL,
  channel    TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('claimed', 'held', 'used', 'expired', 'revoked')),
  way        TEXT NOT NULL CHECK (way IN ('claim', 'code', 'hand', 'registration', 'reward')),
  origin     TEXT NOT NULL,
  reusable   INTEGER NOT NULL CHECK (reusable IN (0, 1)),
  valid_from INTEGER NOT NULL,
  expires_at INTEGER,
  group_id   TEXT,
  claimed_at INTEGER NOT NULL,
  used_at    INTEGER,
  updated_at INTEGER NOT NULL,
  CHECK (expires_at IS NULL OR expires_at > valid_from),
  CHECK ((group_id IS NOT NULL) = (state IN ('held', 'used'))),
  CHECK ((used_at IS NOT NULL) = (state = 'used'))
) STRICT;
CREATE INDEX coupons_of_member ON coupons (member, claimed_at, id);
CREATE INDEX coupons_usable ON coupons (member, expires_at, id) WHERE state = 'claimed';
CREATE INDEX coupons_of_merchant ON coupons (merchant, claimed_at, id) WHERE merchant <> '';
CREATE INDEX coupons_of_template ON coupons (template, claimed_at, id);
CREATE INDEX coupons_of_origin ON coupons (origin, claimed_at, id) WHERE origin <> '';
CREATE INDEX coupons_of_group ON coupons (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX coupons_expiry ON coupons (expires_at, id) WHERE state = 'claimed' AND expires_at IS NOT NULL;

CREATE TABLE coupon_batches (
  id        TEXT NOT NULL PRIMARY KEY,
  template  TEXT NOT NULL,
  size      INTEGER NOT NULL CHECK (size > 0),
  made_at   INTEGER NOT NULL,
  voided_at INTEGER
) STRICT;
CREATE INDEX coupon_batches_of_template ON coupon_batches (template, id);

-- Digests are HMACs of the codes, which are nowhere stored.
CREATE TABLE coupon_codes (
  digest      TEXT NOT NULL PRIMARY KEY,
  key         TEXT NOT NULL,
  batch       TEXT NOT NULL,
  template    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('fresh', 'redeemed', 'void')),
  member      TEXT,
  coupon      TEXT,
  redeemed_at INTEGER,
  CHECK ((state = 'redeemed') = (member IS NOT NULL)),
  CHECK ((state = 'redeemed') = (coupon IS NOT NULL)),
  CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL))
) STRICT;
CREATE INDEX coupon_codes_of_batch ON coupon_codes (batch, state);
