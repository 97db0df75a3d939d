import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorizer } from './authorization/authorizer.ts';

/**
 * Under `/_plimsoll/iam/`: why requests were denied, and what roles were granted and never used. It tells names and
 * policies, no secrets, so it is not signed.
 */
export async function answerIam(
  authorizer: Authorizer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const { status, body } = request.method === 'GET' ? answer(authorizer, path, query) : notKnown(path);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
}

function answer(
  authorizer: Authorizer,
  path: string,
  query: string,
): { readonly status: number; readonly body: object } {
  const requestId = /^\/_plimsoll\/iam\/denials\/([\w-]+)$/.exec(path)?.[1];
  if (requestId !== undefined) {
    const denial = authorizer.denials.find(requestId);
    return denial ? { status: 200, body: denial } : { status: 404, body: { message: noDenial(requestId) } };
  }
  if (path === '/_plimsoll/iam/denials') return { status: 200, body: { denials: authorizer.denials.list() } };
  if (path === '/_plimsoll/iam/unused') {
    const role = new URLSearchParams(query).get('role') ?? undefined;
    return { status: 200, body: { roles: authorizer.unused(role) } };
  }
  return notKnown(path);
}

function noDenial(requestId: string): string {
  return `No denial of the request ${requestId} is known. The newest 500 since the region started are kept.`;
}

function notKnown(path: string): { readonly status: number; readonly body: object } {
  return { status: 404, body: { message: `${path} is not known` } };
}
