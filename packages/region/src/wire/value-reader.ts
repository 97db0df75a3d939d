/**
 * Reads parsed JSON or CBOR as a shape. What a shape asks of its values is worked out once: a request of PutMetricData has
 * thousands of them, and each is then a call of a function that knows its kind.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { Schema } from '../models/model.ts';
import { isRecord, kindOf } from './shape.ts';
import { isSparse, type ValueCodec } from './value-shape.ts';

type Reader = (value: unknown, place: Place) => unknown;

/** Where a value is. It is written out for a refusal only. */
interface Place {
  readonly within: Place | undefined;
  /** A number is an index. */
  readonly member: string | number;
}

const readers = new WeakMap<ValueCodec, WeakMap<Schema, Reader>>();

/** @throws SerializationException where the value's JSON type is not the shape's. Null members are as good as absent. */
export function readValue(schema: Schema, value: unknown, codec: ValueCodec): unknown {
  const known = readers.get(codec) ?? new WeakMap<Schema, Reader>();
  readers.set(codec, known);
  const reader = known.get(schema) ?? readerOf(schema, codec);
  known.set(schema, reader);
  return reader(value, { within: undefined, member: '' });
}

function readerOf(schema: Schema, codec: ValueCodec): Reader {
  switch (kindOf(schema)) {
    case 'structure':
      return structureReader(schema, codec);
    case 'map':
      return mapReader(schema, codec);
    case 'list':
      return listReader(schema, codec);
    case 'timestamp':
      return (value, place) => codec.readTimestamp(value) ?? unexpected(value, 'a Timestamp', place);
    case 'blob':
      return (value, place) => codec.readBlob(value) ?? unexpected(value, 'a Blob', place);
    case 'boolean':
      return (value, place) => (typeof value === 'boolean' ? value : unexpected(value, 'a Boolean', place));
    case 'string':
      return (value, place) => (typeof value === 'string' ? value : unexpected(value, 'a String', place));
    case 'number':
      return readNumber;
    default:
      return (value) => value;
  }
}

interface MemberReader {
  readonly name: string;
  readonly key: string;
  readonly read: Reader;
}

/** Members are looked at when the first value comes: shapes may hold themselves. */
function structureReader(schema: Schema, codec: ValueCodec): Reader {
  let members: readonly MemberReader[] | undefined;
  return (value, place) => {
    const record = objectAt(value, place);
    members ??= [...schema.structIterator()].map(([name, member]) => ({
      name,
      key: codec.key(name, member),
      read: readerOf(member, codec),
    }));
    const output: Record<string, unknown> = {};
    for (const { name, key, read } of members) {
      const given = record[key];
      if (given !== undefined && given !== null) output[name] = read(given, { within: place, member: key });
    }
    return output;
  };
}

function mapReader(schema: Schema, codec: ValueCodec): Reader {
  const sparse = isSparse(schema);
  let read: Reader | undefined;
  return (value, place) => {
    read ??= readerOf(schema.getValueSchema(), codec);
    const output: [string, unknown][] = [];
    for (const [key, item] of Object.entries(objectAt(value, place))) {
      if (item !== null) output.push([key, read(item, { within: place, member: key })]);
      else if (sparse) output.push([key, null]);
    }
    return Object.fromEntries(output);
  };
}

function listReader(schema: Schema, codec: ValueCodec): Reader {
  const sparse = isSparse(schema);
  let read: Reader | undefined;
  return (value, place) => {
    if (!Array.isArray(value)) throw serializationException('Expected list or null', textOf(place));
    read ??= readerOf(schema.getValueSchema(), codec);
    const output: unknown[] = [];
    for (const item of value as readonly unknown[]) {
      if (item !== null) output.push(read(item, { within: place, member: output.length }));
      else if (sparse) output.push(null);
    }
    return output;
  };
}

function readNumber(value: unknown, place: Place): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return unexpected(value, 'an Integer', place);
}

function objectAt(value: unknown, place: Place): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : unexpected(value, 'a structure', place);
}

/** @throws SerializationException in the words of AWS's JSON services, with the place added. */
function unexpected(value: unknown, expected: string, place: Place): never {
  const path = textOf(place);
  if (Array.isArray(value)) throw serializationException('Start of list found where not expected', path);
  if (isRecord(value)) {
    throw serializationException('Start of structure or map found where not expected.', path);
  }
  const token = typeof value === 'boolean' ? `${value}` : value === null ? 'null' : typeof value;
  throw serializationException(`${token.toUpperCase()}_VALUE can not be converted to ${expected}`, path);
}

function textOf({ within, member }: Place): string {
  const before = within ? textOf(within) : '';
  if (typeof member === 'number') return `${before}[${member}]`;
  return before === '' ? member : `${before}.${member}`;
}

export function serializationException(message: string, path = ''): AwsError {
  return new AwsError('SerializationException', path === '' ? message : `${message} (at ${path})`);
}
