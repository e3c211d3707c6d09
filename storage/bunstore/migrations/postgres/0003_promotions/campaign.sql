-- souk:requires 1
CREATE TABLE promo_campaigns (
  id                text COLLATE "C" NOT NULL PRIMARY KEY,
  merchant          text COLLATE "C" NOT NULL,
  state             text NOT NULL CHECK (state IN ('draft', 'active', 'paused', 'ended')),
  promotion_version bigint NOT NULL CHECK (promotion_version > 0),
  body              text NOT NULL,
  until             timestamptz,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  version           bigint NOT NULL CHECK (version > 0)
);
CREATE INDEX promo_campaigns_by_merchant ON promo_campaigns (merchant, id);
CREATE INDEX promo_campaigns_live ON promo_campaigns (id) WHERE state = 'active';

-- What quotes and orders name: written once.
CREATE TABLE promo_versions (
  promotion text COLLATE "C" NOT NULL,
  version   bigint NOT NULL CHECK (version > 0),
  body      text NOT NULL,
  PRIMARY KEY (promotion, version)
);

CREATE TABLE promo_groups (
  id         text COLLATE "C" NOT NULL PRIMARY KEY,
  name       text NOT NULL,
  per        text NOT NULL CHECK (per IN ('line', 'merchant', 'order')),
  max        bigint NOT NULL CHECK (max >= 0),
  pick       text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version    bigint NOT NULL CHECK (version > 0)
);

-- The one row that names what is live.
CREATE TABLE promo_revision (
  one      boolean NOT NULL PRIMARY KEY CHECK (one),
  revision text NOT NULL
);
INSERT INTO promo_revision (one, revision) VALUES (true, '');

CREATE TABLE promo_redemptions (
  group_id          text COLLATE "C" NOT NULL,
  promotion         text COLLATE "C" NOT NULL,
  promotion_version bigint NOT NULL,
  coupon            text COLLATE "C" NOT NULL,
  buyer             text COLLATE "C" NOT NULL,
  currency          text NOT NULL,
  amount            bigint NOT NULL CHECK (amount >= 0),
  limit_uses        bigint NOT NULL CHECK (limit_uses >= 0),
  limit_member      bigint NOT NULL CHECK (limit_member >= 0),
  limit_budget      bigint NOT NULL CHECK (limit_budget >= 0),
  budget_currency   text NOT NULL,
  gifts             jsonb NOT NULL,
  rewards           jsonb NOT NULL,
  basis             bytea,
  state             text NOT NULL CHECK (state IN ('held', 'released')),
  at                timestamptz NOT NULL,
  released_at       timestamptz,
  PRIMARY KEY (group_id, promotion),
  CHECK ((state = 'released') = (released_at IS NOT NULL))
);
CREATE INDEX promo_redemptions_held ON promo_redemptions (promotion) WHERE state = 'held';

-- A row is there only where there is a limit. Bound is the limit that the last
-- use was counted against, so that no defect of ours can exceed it.
CREATE TABLE promo_counters (
  promotion   text COLLATE "C" NOT NULL,
  limit_kind  text COLLATE "C" NOT NULL CHECK (limit_kind IN ('budget', 'member', 'uses')),
  buyer       text COLLATE "C" NOT NULL,
  used        bigint NOT NULL,
  bound       bigint NOT NULL,
  currency    text NOT NULL,
  PRIMARY KEY (promotion, buyer, limit_kind),
  CHECK (used >= 0 AND used <= bound)
);
