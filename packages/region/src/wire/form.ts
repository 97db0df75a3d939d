import { bodyText, type HttpRequest } from './http.ts';

/** The parameters of a query request as a tree: `A.member.1.B=x` is `A` → `member` → `1` → `B` with the value x. */
export interface FormNode {
  value: string | undefined;
  readonly children: Map<string, FormNode>;
}

const node = (): FormNode => ({ value: undefined, children: new Map() });

const parsed = new WeakMap<HttpRequest, URLSearchParams>();

/**
 * Parameters of the query string and of a form body alike, as AWS takes both. The last one of a name counts.
 * A request is asked several times (whose is it, which operation, its input), so what was read is kept.
 */
export function formParameters(request: HttpRequest): URLSearchParams {
  const parameters = parsed.get(request) ?? readParameters(request);
  parsed.set(request, parameters);
  return parameters;
}

function readParameters(request: HttpRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.query);
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? true;
  if (isForm && request.body.length > 0) {
    for (const [key, value] of new URLSearchParams(bodyText(request))) parameters.set(key, value);
  }
  return parameters;
}

export function formTree(parameters: URLSearchParams): FormNode {
  const root = node();
  for (const [key, value] of parameters) {
    let at = root;
    for (const segment of key.split('.')) {
      let child = at.children.get(segment);
      if (child === undefined) {
        child = node();
        at.children.set(segment, child);
      }
      at = child;
    }
    at.value = value;
  }
  return root;
}

/** The node's children with numeric names, in the order of their numbers; AWS does not mind gaps. */
export function numbered(parent: FormNode): readonly (readonly [index: string, node: FormNode])[] {
  return [...parent.children]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b));
}

const ENVELOPE = new Set([
  'Action',
  'Version',
  'AWSAccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
  'SecurityToken',
]);

/** Parameters that belong to the request and to no operation: the action and the signature. */
export const isEnvelope = (name: string): boolean => ENVELOPE.has(name) || /^x-amz-/i.test(name);
