-- An index by its name, and which of its shards answers.
CREATE TABLE {schema}.indexes (
  name    text COLLATE "C" PRIMARY KEY,
  live    bigint NOT NULL,
  filling bigint CHECK (filling <> live),
  changes bigint NOT NULL DEFAULT 0 CHECK (changes >= 0),
  rebuilt bigint NOT NULL DEFAULT 0 CHECK (rebuilt >= 0)
);

-- One generation of an index. Its row is locked by whoever writes to it.
CREATE TABLE {schema}.shards (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text COLLATE "C" NOT NULL,
  documents  bigint NOT NULL DEFAULT 0 CHECK (documents >= 0),
  most_sales bigint NOT NULL DEFAULT 0
);

-- A product, or the version of its removal. Each lexeme begins with the number
-- of its shard, so that the postings of shards lie apart. Its positions say
-- where it is: 1A it says what the product is, 2B in the text, 3C there more
-- than once, 4D in the attributes. A sign after it says how often: 3C in the text
-- more than twice, 2B three times; 4D in the attributes more than once, 1A twice.
CREATE TABLE {schema}.documents (
  shard    bigint NOT NULL,
  id       text COLLATE "C" NOT NULL,
  version  bigint NOT NULL,
  gone     boolean NOT NULL,
  title    text NOT NULL,
  terms    tsvector,
  counted  text[] COLLATE "C" NOT NULL,
  texts    text NOT NULL,
  extras   text NOT NULL,
  norm     double precision NOT NULL,
  labels   text[] COLLATE "C" NOT NULL,
  measures text[] COLLATE "C" NOT NULL,
  amounts  double precision[] NOT NULL,
  prices   bigint[] NOT NULL,
  sales    bigint NOT NULL,
  rating   double precision NOT NULL CHECK (rating BETWEEN 0 AND 5),
  ratings  bigint NOT NULL,
  in_stock boolean NOT NULL,
  listed   bigint NOT NULL,
  PRIMARY KEY (shard, id),
  CHECK (gone = (terms IS NULL)),
  CHECK (cardinality(measures) = cardinality(amounts))
) WITH (toast_tuple_target = 8160); -- terms that are compressed are slow to match
CREATE INDEX documents_terms ON {schema}.documents USING gin (terms) WITH (gin_pending_list_limit = 256);
CREATE INDEX documents_labels ON {schema}.documents USING gin (labels) WITH (gin_pending_list_limit = 256);

-- In how many products a word is: as it is written, and as a term.
CREATE TABLE {schema}.words (
  shard bigint NOT NULL,
  word  text COLLATE "C" NOT NULL,
  plain bigint NOT NULL CHECK (plain >= 0),
  term  bigint NOT NULL CHECK (term >= 0),
  PRIMARY KEY (shard, word)
) WITH (fillfactor = 70);
