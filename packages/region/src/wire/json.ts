import type { Schema, ServiceModel } from '../models/model.ts';
import { bodyText, type HttpRequest, type HttpResponse } from './http.ts';
import { awsJsonCodec } from './json-codec.ts';
import { type Deserialized, type Protocol, queryErrorHeader, type WireError } from './protocol.ts';
import { isRecord, operationNamed } from './shape.ts';
import { readValue, serializationException } from './value-reader.ts';
import { writeValue } from './value-shape.ts';

/** AWS JSON 1.0 and 1.1: one POST to `/`, the operation in `X-Amz-Target`. They differ in their content type only. */
export const json10: Protocol = jsonProtocol('json-1.0', 'application/x-amz-json-1.0');
export const json11: Protocol = jsonProtocol('json-1.1', 'application/x-amz-json-1.1');

function jsonProtocol(name: 'json-1.0' | 'json-1.1', contentType: string): Protocol {
  const answer = (
    status: number,
    requestId: string,
    body: object,
    more?: HttpResponse['headers'],
  ): HttpResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...more },
    body: JSON.stringify(body),
  });
  return {
    name,
    operationOf: (request) => request.headers['x-amz-target']?.split('.').at(-1),
    deserialize,
    serialize(model, operation, output, requestId) {
      const { output: schema } = operationNamed(model, operation);
      return answer(
        200,
        requestId,
        schema.isUnitSchema() ? {} : jsonObject(writeValue(schema, output ?? {}, awsJsonCodec)),
      );
    },
    serializeError(model, _operation, error, requestId) {
      return answer(error.status, requestId, jsonError(model, error), queryErrorHeader(model, error));
    },
  };
}

function deserialize(request: HttpRequest, model: ServiceModel, operation: string): Deserialized {
  const record = parseJsonObject(bodyText(request));
  const { input: schema } = operationNamed(model, operation);
  if (schema.isUnitSchema()) return { input: {}, unknownMembers: Object.keys(record) };
  const known = new Set(Object.keys(schema.getMemberSchemas()));
  return {
    input: jsonObject(readValue(schema, record, awsJsonCodec)),
    unknownMembers: Object.keys(record).filter((member) => !known.has(member)),
  };
}

/** An empty body is an empty object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw serializationException(error instanceof Error ? error.message : 'Unparseable body');
  }
  if (!isRecord(value)) throw serializationException('Start of structure or map expected.');
  return value;
}

/**
 * `__type` is the SDK's class name: JSON services put the shape's name on the wire, whatever `awsQueryError` says.
 * The message's member is `message` or `Message`, as the error's shape has it.
 */
function jsonError(model: ServiceModel, error: WireError): object {
  const shape = model.error(error.code);
  const members = shape ? jsonObject(writeValue(shape.schema, error.fields ?? {}, awsJsonCodec)) : {};
  return { __type: shape?.name ?? error.code, ...members, [messageMember(shape?.schema)]: error.message };
}

function messageMember(schema: Schema | undefined): string {
  return schema !== undefined && 'Message' in schema.getMemberSchemas() ? 'Message' : 'message';
}

const jsonObject = (value: unknown): Readonly<Record<string, unknown>> =>
  value as Readonly<Record<string, unknown>>;
