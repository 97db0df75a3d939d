import type { OperationModel, Schema, ServiceModel } from '../models/model.ts';
import { bodyText, type HttpRequest, type HttpResponse } from './http.ts';
import { bindingOf, readBindings, writeBindings } from './http-bindings.ts';
import type { Deserialized, Protocol } from './protocol.ts';
import { fieldsOf } from './query.ts';
import { findRoute } from './routes.ts';
import { isRecord, operationNamed } from './shape.ts';
import { parseXmlRoot, readXml } from './xml-reader.ts';
import {
  attribute,
  element,
  structureAttributes,
  textElement,
  writeMembers,
  XML_DECLARATION,
} from './xml-writer.ts';

/** REST-XML: the operation is told by its route, members are in the address, in headers and in an XML body. */
export const restXml: Protocol = {
  name: 'rest-xml',
  operationOf: (request, model) => findRoute(request, model)?.operation,
  deserialize(request, model, operation) {
    return deserializeXml(request, operationNamed(model, operation), findRoute(request, model)?.labels ?? {});
  },
  serialize(model, operation, output, requestId) {
    return serializeXml(model, operationNamed(model, operation), output, { 'x-amzn-requestid': requestId });
  },
  serializeError(model, _operation, error, requestId) {
    const shape = model.error(error.code);
    const content =
      textElement('Type', error.fault === 'server' ? 'Receiver' : 'Sender') +
      textElement('Code', shape?.code ?? error.code) +
      textElement('Message', error.message) +
      (shape ? writeMembers(shape.schema, fieldsOf(error)) : '');
    return {
      status: shape?.status ?? error.status,
      headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId },
      body:
        XML_DECLARATION +
        element(
          'ErrorResponse',
          element('Error', content) + textElement('RequestId', requestId),
          rootAttributes(model),
        ),
    };
  },
};

export function deserializeXml(
  request: HttpRequest,
  { input: schema }: OperationModel,
  labels: Readonly<Record<string, string>>,
): Deserialized {
  if (schema.isUnitSchema()) return { input: {}, unknownMembers: [] };
  const bound = readBindings(schema, request, labels);
  const payload = payloadMember(schema);
  if (payload !== undefined) {
    return { input: { ...bound, ...readPayload(payload, request) }, unknownMembers: [] };
  }
  if (request.body.length === 0) return { input: bound, unknownMembers: [] };
  const root = parseXmlRoot(bodyText(request));
  const body = readXml(schema, root) as Record<string, unknown>;
  return { input: { ...body, ...bound }, unknownMembers: unknownElements(schema, root) };
}

function readPayload([name, member]: NamedMember, request: HttpRequest): Readonly<Record<string, unknown>> {
  if (member.isStreaming() || request.body.length === 0) return {};
  if (member.isBlobSchema()) return { [name]: request.body };
  const text = bodyText(request);
  return { [name]: member.isStringSchema() ? text : readXml(member, parseXmlRoot(text)) };
}

function unknownElements(schema: Schema, root: unknown): readonly string[] {
  const known = new Set(
    [...schema.structIterator()].map(([name, member]) => member.getMemberTraits().xmlName ?? name),
  );
  return isRecord(root)
    ? Object.keys(root).filter((name) => !known.has(name) && !name.startsWith('xmlns'))
    : [];
}

/** @param own headers of the protocol: the request's id */
export function serializeXml(
  model: ServiceModel,
  { output: schema, http }: OperationModel,
  output: unknown,
  own: Readonly<Record<string, string>>,
): HttpResponse {
  const success = http?.[2] ?? 200;
  if (schema.isUnitSchema()) return { status: success, headers: own, body: '' };
  const record = (output ?? {}) as Readonly<Record<string, unknown>>;
  const bound = writeBindings(schema, record);
  const { body, contentType } = xmlBody(model, schema, record);
  const typed = contentType === undefined ? {} : { 'content-type': contentType };
  return { status: bound.status ?? success, headers: { ...typed, ...own, ...bound.headers }, body };
}

interface Body {
  readonly body: Uint8Array | string;
  readonly contentType?: string;
}

function xmlBody(model: ServiceModel, schema: Schema, record: Readonly<Record<string, unknown>>): Body {
  const payload = payloadMember(schema);
  if (payload !== undefined) return payloadBody(model, payload, record[payload[0]]);
  const inBody = (member: Schema): boolean => bindingOf(member) === 'body';
  if (![...schema.structIterator()].some(([, member]) => inBody(member))) return { body: '' };
  const root = schema.getMergedTraits().xmlName ?? schema.getName() ?? 'Result';
  return document(model, root, writeMembers(schema, record, inBody));
}

function payloadBody(model: ServiceModel, [, member]: NamedMember, value: unknown): Body {
  if (value === undefined || value === null) return { body: '' };
  if (member.isStructSchema()) {
    const root = member.getMergedTraits().xmlName ?? member.getName() ?? 'Result';
    return document(model, root, writeMembers(member, value), structureAttributes(member, value));
  }
  const isBytes = typeof value === 'string' || value instanceof Uint8Array;
  return {
    body: isBytes ? value : '',
    contentType: member.isStringSchema() ? 'text/plain' : 'binary/octet-stream',
  };
}

const document = (model: ServiceModel, root: string, content: string, attributes = ''): Body => ({
  body: XML_DECLARATION + element(root, content, attributes === '' ? rootAttributes(model) : attributes),
  contentType: 'application/xml',
});

export const rootAttributes = (model: ServiceModel): string =>
  model.xmlNamespace === undefined ? '' : attribute('xmlns', model.xmlNamespace);

type NamedMember = readonly [name: string, member: Schema];

export function payloadMember(schema: Schema): NamedMember | undefined {
  return [...schema.structIterator()].find(([, member]) => bindingOf(member) === 'payload');
}
