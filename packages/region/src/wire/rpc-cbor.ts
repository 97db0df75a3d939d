import { cbor, dateToTag } from '@smithy/core/cbor';
import type { ServiceModel } from '../models/model.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { type Deserialized, type Protocol, queryErrorHeader } from './protocol.ts';
import { isRecord, operationNamed } from './shape.ts';
import { readValue, serializationException } from './value-reader.ts';
import { type ValueCodec, writeValue } from './value-shape.ts';

// Confirmed by docs: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html: timestamps are tag 1.
const codec: ValueCodec = {
  key: (name) => name,
  readTimestamp(value) {
    const seconds = isRecord(value) && value['tag'] === 1 ? value['value'] : value;
    return typeof seconds === 'number' ? new Date(Math.round(seconds * 1000)) : undefined;
  },
  writeTimestamp: dateToTag,
  readBlob: (value) => (value instanceof Uint8Array ? new Uint8Array(value) : undefined),
  writeBlob: (bytes) => bytes,
  writeNonFinite: (value) => value,
};

/** Smithy RPC v2 with CBOR bodies: the operation is in the path, `/service/<Service>/operation/<Operation>`. */
export const rpcCbor: Protocol = {
  name: 'rpc-cbor',
  operationOf: (request) => /\/operation\/([^/]+)$/.exec(request.path)?.[1],
  deserialize,
  serialize(model, operation, output, requestId) {
    const { output: schema } = operationNamed(model, operation);
    return answer(200, requestId, schema.isUnitSchema() ? {} : writeValue(schema, output ?? {}, codec));
  },
  serializeError(model, _operation, error, requestId) {
    const shape = model.error(error.code);
    const members = shape ? (writeValue(shape.schema, error.fields ?? {}, codec) as object) : {};
    const body = { __type: shape?.name ?? error.code, ...members, message: error.message };
    return answer(shape?.status ?? error.status, requestId, body, queryErrorHeader(model, error));
  },
};

function deserialize(request: HttpRequest, model: ServiceModel, operation: string): Deserialized {
  const { input: schema } = operationNamed(model, operation);
  const record = parse(request.body);
  if (schema.isUnitSchema()) return { input: {}, unknownMembers: Object.keys(record) };
  const known = new Set([...schema.structIterator()].map(([name]) => name));
  return {
    input: readValue(schema, record, codec) as Record<string, unknown>,
    unknownMembers: Object.keys(record).filter((member) => !known.has(member)),
  };
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = cbor.deserialize(body);
  } catch (error) {
    throw serializationException(error instanceof Error ? error.message : 'Unparseable body');
  }
  if (!isRecord(value)) throw serializationException('Start of structure or map expected.');
  return value;
}

function answer(
  status: number,
  requestId: string,
  body: unknown,
  more?: HttpResponse['headers'],
): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
      ...more,
    },
    // The codec reuses its buffer.
    body: new Uint8Array(cbor.serialize(body)),
  };
}
