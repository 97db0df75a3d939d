// The links table.
import { type Queryable, sqlState } from './database.ts';

export interface Link {
  readonly slug: string;
  readonly url: string;
  readonly visits: number;
  readonly createdAt: string;
}

// pg gives a bigint as text, as it may not fit a number; 2^53 visits are far.
type LinkRow = { slug: string; url: string; visits: string; created_at: Date };

/** The new link, or undefined when the slug is taken. */
export async function insertLink(database: Queryable, slug: string, url: string): Promise<Link | undefined> {
  try {
    const rows = await database.query<LinkRow>(
      'INSERT INTO links (slug, url) VALUES ($1, $2) RETURNING slug, url, visits, created_at',
      [slug, url],
    );
    return toLink(rows[0]);
  } catch (error) {
    if (sqlState(error) === '23505') return undefined; // unique_violation
    throw error;
  }
}

export async function findLink(database: Queryable, slug: string): Promise<Link | undefined> {
  const rows = await database.query<LinkRow>(
    'SELECT slug, url, visits, created_at FROM links WHERE slug = $1',
    [slug],
  );
  return toLink(rows[0]);
}

/** Counts a visit and returns the link with it, in one statement: no visit is lost between two tasks. */
export async function visitLink(database: Queryable, slug: string): Promise<Link | undefined> {
  const rows = await database.query<LinkRow>(
    'UPDATE links SET visits = visits + 1 WHERE slug = $1 RETURNING slug, url, visits, created_at',
    [slug],
  );
  return toLink(rows[0]);
}

function toLink(row: LinkRow | undefined): Link | undefined {
  if (row === undefined) return undefined;
  return {
    slug: row.slug,
    url: row.url,
    visits: Number(row.visits),
    createdAt: row.created_at.toISOString(),
  };
}
