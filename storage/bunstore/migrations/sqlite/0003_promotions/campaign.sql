-- souk:requires 1
CREATE TABLE promo_campaigns (
  id                TEXT NOT NULL PRIMARY KEY,
  merchant          TEXT NOT NULL,
  state             TEXT NOT NULL CHECK (state IN ('draft', 'active', 'paused', 'ended')),
  promotion_version INTEGER NOT NULL CHECK (promotion_version > 0),
  body              TEXT NOT NULL,
  until             INTEGER,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  version           INTEGER NOT NULL CHECK (version > 0)
) STRICT;
CREATE INDEX promo_campaigns_by_merchant ON promo_campaigns (merchant, id);
CREATE INDEX promo_campaigns_live ON promo_campaigns (id) WHERE state = 'active';

-- What quotes and orders name: written once.
CREATE TABLE promo_versions (
  promotion TEXT NOT NULL,
  version   INTEGER NOT NULL CHECK (version > 0),
  body      TEXT NOT NULL,
  PRIMARY KEY (promotion, version)
) STRICT;

CREATE TABLE promo_groups (
  id         TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  per        TEXT NOT NULL CHECK (per IN ('line', 'merchant', 'order')),
  max        INTEGER NOT NULL CHECK (max >= 0),
  pick       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0)
) STRICT;

-- The one row that names what is live.
CREATE TABLE promo_revision (
  one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  revision TEXT NOT NULL
) STRICT;
INSERT INTO promo_revision (one, revision) VALUES (1, '');

CREATE TABLE promo_redemptions (
  group_id          TEXT NOT NULL,
  promotion         TEXT NOT NULL,
  promotion_version INTEGER NOT NULL,
  coupon            TEXT NOT NULL,
  buyer             TEXT NOT NULL,
  currency          TEXT NOT NULL,
  amount            INTEGER NOT NULL CHECK (amount >= 0),
  limit_uses        INTEGER NOT NULL CHECK (limit_uses >= 0),
  limit_member      INTEGER NOT NULL CHECK (limit_member >= 0),
  limit_budget      INTEGER NOT NULL CHECK (limit_budget >= 0),
  budget_currency   TEXT NOT NULL,
  gifts             TEXT NOT NULL CHECK (json_valid(gifts)),
  rewards           TEXT NOT NULL CHECK (json_valid(rewards)),
  basis             BLOB,
  state             TEXT NOT NULL CHECK (state IN ('held', 'released')),
  at                INTEGER NOT NULL,
  released_at       INTEGER,
  PRIMARY KEY (group_id, promotion),
  CHECK ((state = 'released') = (released_at IS NOT NULL))
) STRICT;
CREATE INDEX promo_redemptions_held ON promo_redemptions (promotion) WHERE state = 'held';

-- A row is there only where there is a limit. Bound is the limit that the last
-- use was counted against, so that no defect of ours can exceed it.
CREATE TABLE promo_counters (
  promotion   TEXT NOT NULL,
  limit_kind  TEXT NOT NULL CHECK (limit_kind IN ('budget', 'member', 'uses')),
  buyer       TEXT NOT NULL,
  used        INTEGER NOT NULL,
  bound       INTEGER NOT NULL,
  currency    TEXT NOT NULL,
  PRIMARY KEY (promotion, buyer, limit_kind),
  CHECK (used >= 0 AND used <= bound)
) STRICT;
