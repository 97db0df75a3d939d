-- A short link. The visit count lives beside the target: a redirect is one UPDATE … RETURNING.
CREATE TABLE links (
  slug       text        PRIMARY KEY,
  url        text        NOT NULL,
  visits     bigint      NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);
