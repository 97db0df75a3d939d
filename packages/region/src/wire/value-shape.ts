import type { Schema } from '../models/model.ts';
import { kindOf } from './shape.ts';

/** What differs between JSON and CBOR: the names of members, and how timestamps and blobs are written. */
export interface ValueCodec {
  key(name: string, member: Schema): string;
  readTimestamp(value: unknown): Date | undefined;
  writeTimestamp(date: Date, schema: Schema): unknown;
  readBlob(value: unknown): Uint8Array | undefined;
  writeBlob(bytes: Uint8Array): unknown;
  writeNonFinite(value: number): unknown;
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

export const isSparse = (schema: Schema): boolean => schema.getMergedTraits().sparse === 1;
const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
