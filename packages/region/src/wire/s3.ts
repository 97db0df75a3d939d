import type { OperationModel, Schema, ServiceModel } from '../models/model.ts';
import type { HttpRequest } from './http.ts';
import { bindingOf } from './http-bindings.ts';
import type { Protocol, WireError } from './protocol.ts';
import { deserializeXml, rootAttributes, serializeXml } from './rest-xml.ts';
import { decodeLabel, findRoute, type Route } from './routes.ts';
import { isRecord, kindOf, operationNamed } from './shape.ts';
import { element, escapeXml, textElement, XML_DECLARATION } from './xml-writer.ts';

/** REST-XML as S3 speaks it: the bucket in the host name or in the path, its own request ids and error document. */
export const s3: Protocol = {
  name: 's3',
  operationOf: (request, model) => route(request, model)?.operation,
  deserialize(request, model, operation) {
    return deserializeXml(request, operationNamed(model, operation), route(request, model)?.labels ?? {});
  },
  serialize(model, operation, output, requestId) {
    const found = operationNamed(model, operation);
    const answer = serializeXml(model, found, output, requestIds(requestId));
    const unwrapped = unwrappedBody(model, found.output, output);
    return unwrapped === undefined ? answer : { ...answer, body: unwrapped };
  },
  serializeError(model, operation, error, requestId) {
    const found = operation === undefined ? undefined : model.operation(operation);
    const shape = model.error(error.code);
    const status = error.status !== 400 ? error.status : (shape?.status ?? 400);
    return {
      status,
      headers: { 'content-type': 'application/xml', ...requestIds(requestId) },
      body: mayHaveBody(found, status) ? errorDocument(error, requestId) : '',
    };
  },
};

const requestIds = (requestId: string): Readonly<Record<string, string>> => ({
  'x-amz-request-id': requestId,
  'x-amz-id-2': hostId(requestId),
});

/** Chosen: AWS's host ids say nothing to a client; this one is told by the request's id. */
const hostId = (requestId: string): string => Buffer.from(`plimsoll/${requestId}`).toString('base64');

/** An answer to HEAD has no body, so clients know its errors by their status; neither has 304. */
const mayHaveBody = (operation: OperationModel | undefined, status: number): boolean =>
  operation?.http?.[0] !== 'HEAD' && status !== 304;

/** Confirmed by docs: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function errorDocument(error: WireError, requestId: string): string {
  const fields = Object.entries(error.fields ?? {}).filter(([, value]) =>
    ['string', 'number'].includes(typeof value),
  );
  const content =
    textElement('Code', error.code) +
    textElement('Message', error.message) +
    fields.map(([name, value]) => textElement(name, String(value))).join('') +
    textElement('RequestId', requestId) +
    textElement('HostId', hostId(requestId));
  return XML_DECLARATION + element('Error', content);
}

/** GetBucketLocation has its only member as the text of the document's root: `<LocationConstraint>eu-central-1</...>`. */
function unwrappedBody(model: ServiceModel, schema: Schema, output: unknown): string | undefined {
  if (schema.isUnitSchema()) return undefined;
  const body = [...schema.structIterator()].filter(([, member]) => bindingOf(member) === 'body');
  const [name, member] = body[0] ?? [];
  if (body.length !== 1 || name === undefined || member === undefined || kindOf(member) !== 'string')
    return undefined;
  if (schema.getMergedTraits().xmlName !== name) return undefined;
  const text = isRecord(output) ? String(output[name] ?? '') : '';
  return XML_DECLARATION + element(name, escapeXml(text), rootAttributes(model));
}

function route(request: HttpRequest, model: ServiceModel): Route | undefined {
  const { bucket, path } = addressOf(request);
  return findRoute({ ...request, path }, model, bucket === undefined ? {} : { Bucket: bucket });
}

export interface S3Address {
  readonly bucket: string | undefined;
  /** The path that is left for the key, `/` if there is none. */
  readonly path: string;
}

/**
 * Virtual-hosted (`bucket.s3.eu-central-1.amazonaws.com/key`, `bucket.localhost:4566/key`) or path style
 * (`127.0.0.1:4566/bucket/key`).
 */
export function addressOf(request: HttpRequest): S3Address {
  const host = bucketInHost(request.headers['host'] ?? '');
  if (host !== undefined) return { bucket: host, path: request.path === '' ? '/' : request.path };
  const [, bucket = '', rest = ''] = /^\/([^/]*)(\/.*)?$/s.exec(request.path) ?? [];
  if (bucket === '') return { bucket: undefined, path: '/' };
  return { bucket: decodeLabel(bucket), path: rest === '' ? '/' : rest };
}

function bucketInHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name) || name.startsWith('[')) return undefined;
  return (
    /^(.+)\.s3[.-]/.exec(name)?.[1] ??
    (/^s3[.-]/.test(name) ? undefined : /^(.+)\.localhost$/.exec(name)?.[1])
  );
}
