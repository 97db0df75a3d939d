import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Queryable } from './database.ts';
import { findLink, insertLink, type Link, visitLink } from './link-store.ts';
import { isSlug, type NewLink, parseNewLink, slugFromBytes } from './new-link.ts';
import { Problem } from './problem.ts';

interface SlugRoute {
  Params: { slug: string };
}

// Chosen: 55^7 slugs; five collisions in a row mean something else is wrong.
const generationAttempts = 5;

export function linkRoutes(app: FastifyInstance, database: Queryable): void {
  app.post('/links', async (request, reply) => {
    const parsed = parseNewLink(request.body);
    if (!parsed.ok) throw new Problem(400, 'The link is not valid.', { errors: parsed.errors });
    const link = await createLink(database, parsed.link);
    return reply.code(201).header('location', `/links/${link.slug}`).send(link);
  });

  app.get<SlugRoute>('/links/:slug', async (request) => {
    const { slug } = request.params;
    return found(slug, isSlug(slug) ? await findLink(database, slug) : undefined);
  });

  app.get<SlugRoute>('/:slug', async (request, reply) => {
    const { slug } = request.params;
    // HEAD asks where a link leads; only GET follows it.
    const read = request.method === 'HEAD' ? findLink : visitLink;
    const link = found(slug, isSlug(slug) ? await read(database, slug) : undefined);
    // A cached redirect would be a visit that nobody counts.
    return reply.header('cache-control', 'no-store').redirect(link.url, 302);
  });
}

async function createLink(database: Queryable, { url, slug }: NewLink): Promise<Link> {
  const attempts = slug === undefined ? generationAttempts : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const link = await insertLink(database, slug ?? slugFromBytes(randomBytes(16)), url);
    if (link !== undefined) return link;
  }
  if (slug === undefined) throw new Error(`No free slug in ${generationAttempts} attempts`);
  const message = `'${slug}' is taken`;
  throw new Problem(409, `The slug ${message}.`, { errors: [{ field: 'slug', message }] });
}

function found(slug: string, link: Link | undefined): Link {
  if (link === undefined) throw new Problem(404, `There is no link '${slug}'`);
  return link;
}
