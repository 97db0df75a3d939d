import type { OperationModel, Schema } from '../models/model.ts';
import { bodyText, type HttpRequest, type HttpResponse } from './http.ts';
import { bindingOf, readBindings, writeBindings } from './http-bindings.ts';
import { parseJsonObject } from './json.ts';
import { restJsonCodec } from './json-codec.ts';
import type { Deserialized, Protocol } from './protocol.ts';
import { payloadMember } from './rest-xml.ts';
import { findRoute } from './routes.ts';
import { operationNamed } from './shape.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-shape.ts';

/** REST-JSON: as REST-XML, with JSON bodies and the error's name in a header. */
export const restJson: Protocol = {
  name: 'rest-json',
  operationOf: (request, model) => findRoute(request, model)?.operation,
  deserialize(request, model, operation) {
    return deserialize(request, operationNamed(model, operation), findRoute(request, model)?.labels ?? {});
  },
  serialize: (model, operation, output, requestId) =>
    serialize(operationNamed(model, operation), output, requestId),
  serializeError(model, _operation, error, requestId) {
    const shape = model.error(error.code);
    const name = shape?.name ?? error.code;
    const fields = shape ? (writeValue(shape.schema, error.fields ?? {}, restJsonCodec) as object) : {};
    const bound = shape ? writeBindings(shape.schema, error.fields ?? {}) : { headers: {} };
    return {
      status: shape?.status ?? error.status,
      headers: { ...answerHeaders(requestId), 'x-amzn-errortype': name, ...bound.headers },
      body: JSON.stringify({ ...fields, message: error.message }),
    };
  },
};

const answerHeaders = (requestId: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'x-amzn-requestid': requestId,
});

function deserialize(
  request: HttpRequest,
  { input: schema }: OperationModel,
  labels: Readonly<Record<string, string>>,
): Deserialized {
  if (schema.isUnitSchema()) return { input: {}, unknownMembers: [] };
  const bound = readBindings(schema, request, labels);
  const payload = payloadMember(schema);
  if (payload !== undefined) {
    const [name, member] = payload;
    if (member.isStreaming() || request.body.length === 0) return { input: bound, unknownMembers: [] };
    return { input: { ...bound, [name]: readPayload(member, request) }, unknownMembers: [] };
  }
  const record = parseJsonObject(bodyText(request));
  const known = new Set(
    [...schema.structIterator()].map(([name, member]) => restJsonCodec.key(name, member)),
  );
  const body = readValue(schema, record, restJsonCodec) as Record<string, unknown>;
  return {
    input: { ...body, ...bound },
    unknownMembers: Object.keys(record).filter((member) => !known.has(member)),
  };
}

function readPayload(member: Schema, request: HttpRequest): unknown {
  if (member.isBlobSchema()) return request.body;
  const text = bodyText(request);
  return member.isStringSchema() ? text : readValue(member, parseJsonObject(text), restJsonCodec);
}

function serialize(
  { output: schema, http }: OperationModel,
  output: unknown,
  requestId: string,
): HttpResponse {
  const success = http?.[2] ?? 200;
  if (schema.isUnitSchema()) return { status: success, headers: answerHeaders(requestId), body: '{}' };
  const record = (output ?? {}) as Readonly<Record<string, unknown>>;
  const { headers, status } = writeBindings(schema, record);
  return {
    status: status ?? success,
    headers: { ...answerHeaders(requestId), ...headers },
    body: jsonBody(schema, record),
  };
}

function jsonBody(schema: Schema, record: Readonly<Record<string, unknown>>): Uint8Array | string {
  const payload = payloadMember(schema);
  if (payload === undefined) {
    const inBody = [...schema.structIterator()].filter(([, member]) => bindingOf(member) === 'body');
    const members = Object.fromEntries(inBody.map(([name]) => [name, record[name]]));
    return JSON.stringify(writeValue(schema, members, restJsonCodec));
  }
  const [name, member] = payload;
  const value = record[name];
  if (value === undefined || value === null) return '';
  if (member.isStructSchema()) return JSON.stringify(writeValue(member, value, restJsonCodec));
  return typeof value === 'string' || value instanceof Uint8Array ? value : '';
}
