import { AwsError } from '../kernel/aws-error.ts';
import type { Schema } from '../models/model.ts';
import { isRecord, kindOf, memberPath } from './shape.ts';

/** What differs between JSON and CBOR: the names of members, and how timestamps and blobs are written. */
export interface ValueCodec {
  key(name: string, member: Schema): string;
  readTimestamp(value: unknown): Date | undefined;
  writeTimestamp(date: Date, schema: Schema): unknown;
  readBlob(value: unknown): Uint8Array | undefined;
  writeBlob(bytes: Uint8Array): unknown;
  writeNonFinite(value: number): unknown;
}

/** @throws SerializationException where the value's JSON type is not the shape's. Null members are as good as absent. */
export function readValue(schema: Schema, value: unknown, codec: ValueCodec, path = ''): unknown {
  switch (kindOf(schema)) {
    case 'structure':
      return readStructure(schema, objectAt(value, path), codec, path);
    case 'map':
      return Object.fromEntries(
        Object.entries(objectAt(value, path))
          .filter(([, item]) => item !== null || isSparse(schema))
          .map(([key, item]) => [
            key,
            item === null ? null : readValue(schema.getValueSchema(), item, codec, memberPath(path, key)),
          ]),
      );
    case 'list':
      return readList(schema, value, codec, path);
    case 'timestamp':
      return codec.readTimestamp(value) ?? unexpected(value, 'a Timestamp', path);
    case 'blob':
      return codec.readBlob(value) ?? unexpected(value, 'a Blob', path);
    case 'boolean':
      return typeof value === 'boolean' ? value : unexpected(value, 'a Boolean', path);
    case 'string':
      return typeof value === 'string' ? value : unexpected(value, 'a String', path);
    case 'number':
      return readNumber(value, path);
    default:
      return value;
  }
}

function readStructure(
  schema: Schema,
  record: Readonly<Record<string, unknown>>,
  codec: ValueCodec,
  path: string,
): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = codec.key(name, member);
    const value = record[key];
    if (value !== undefined && value !== null) {
      output[name] = readValue(member, value, codec, memberPath(path, key));
    }
  }
  return output;
}

function readList(schema: Schema, value: unknown, codec: ValueCodec, path: string): unknown[] {
  if (!Array.isArray(value)) throw serializationException('Expected list or null', path);
  const items = isSparse(schema) ? value : value.filter((item) => item !== null);
  return items.map((item, index) =>
    item === null ? null : readValue(schema.getValueSchema(), item, codec, `${path}[${index}]`),
  );
}

function readNumber(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return unexpected(value, 'an Integer', path);
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : unexpected(value, 'a structure', path);
}

/** @throws SerializationException in the words of AWS's JSON services, with the place added. */
function unexpected(value: unknown, expected: string, path: string): never {
  if (Array.isArray(value)) throw serializationException('Start of list found where not expected', path);
  if (isRecord(value)) {
    throw serializationException('Start of structure or map found where not expected.', path);
  }
  const token = typeof value === 'boolean' ? `${value}` : value === null ? 'null' : typeof value;
  throw serializationException(`${token.toUpperCase()}_VALUE can not be converted to ${expected}`, path);
}

export function serializationException(message: string, path = ''): AwsError {
  return new AwsError('SerializationException', path === '' ? message : `${message} (at ${path})`);
}

/** Members that the shape does not have are left out, and so are absent ones. */
export function writeValue(schema: Schema, value: unknown, codec: ValueCodec): unknown {
  switch (kindOf(schema)) {
    case 'structure':
      return writeStructure(schema, value, codec);
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object)
          .filter(([, item]) => isPresent(item) || isSparse(schema))
          .map(([key, item]) => [
            key,
            isPresent(item) ? writeValue(schema.getValueSchema(), item, codec) : null,
          ]),
      );
    case 'list':
      return (value as readonly unknown[])
        .filter((item) => isPresent(item) || isSparse(schema))
        .map((item) => (isPresent(item) ? writeValue(schema.getValueSchema(), item, codec) : null));
    case 'timestamp':
      return codec.writeTimestamp(value as Date, schema);
    case 'blob':
      return codec.writeBlob(
        typeof value === 'string' ? new TextEncoder().encode(value) : (value as Uint8Array),
      );
    case 'number':
      return typeof value === 'number' && !Number.isFinite(value) ? codec.writeNonFinite(value) : value;
    default:
      return value;
  }
}

function writeStructure(schema: Schema, value: unknown, codec: ValueCodec): Record<string, unknown> {
  const record = value as Readonly<Record<string, unknown>>;
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    if (isPresent(record[name])) output[codec.key(name, member)] = writeValue(member, record[name], codec);
  }
  return output;
}

const isSparse = (schema: Schema): boolean => schema.getMergedTraits().sparse === 1;
const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
