import type { IncomingMessage } from 'node:http';

export type Route =
  | { readonly kind: 'ping' | 'catalog' | 'unknown' }
  | { readonly kind: 'tags' | 'uploads'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string };

/** A repository's name may hold slashes, so it is what stands before the last known word. */
export function routeOf({ url = '/' }: Pick<IncomingMessage, 'url'>): Route {
  const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  if (path === '/v2' || path === '/v2/') return { kind: 'ping' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const [, repository, rest] = /^\/v2\/(.+)\/((?:tags|manifests|blobs)\/.*)$/.exec(path) ?? [];
  if (repository === undefined || rest === undefined) return { kind: 'unknown' };
  return below(repository, rest);
}

function below(repository: string, rest: string): Route {
  if (rest === 'tags/list') return { kind: 'tags', repository };
  if (/^blobs\/uploads\/?$/.test(rest)) return { kind: 'uploads', repository };
  const [, id] = /^blobs\/uploads\/([^/]+)$/.exec(rest) ?? [];
  if (id !== undefined) return { kind: 'upload', repository, id };
  const [, digest] = /^blobs\/([^/]+)$/.exec(rest) ?? [];
  if (digest !== undefined) return { kind: 'blob', repository, digest };
  const [, reference] = /^manifests\/([^/]+)$/.exec(rest) ?? [];
  if (reference !== undefined) return { kind: 'manifest', repository, reference };
  return { kind: 'unknown' };
}
