import { parseXML } from '@aws-sdk/xml-builder';
import { AwsError } from '../kernel/aws-error.ts';
import type { Schema } from '../models/model.ts';
import { decodeBase64 } from './base64.ts';
import { parseBoolean, parseNumber } from './query-shape.ts';
import { isRecord, kindOf, memberPath } from './shape.ts';
import { parseTimestamp } from './timestamp.ts';

/** @returns the content of the document's root element. An element is a string, or a record of elements and attributes. */
export function parseXmlRoot(text: string): unknown {
  try {
    return Object.values(parseXML(text))[0];
  } catch {
    throw malformedXml();
  }
}

/** Confirmed by docs: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function malformedXml(path = ''): AwsError {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new AwsError('MalformedXML', path === '' ? message : `${message} (at ${path})`);
}

/** @throws MalformedXML where an element cannot be read as its shape. */
export function readXml(schema: Schema, value: unknown, path = ''): unknown {
  switch (kindOf(schema)) {
    case 'structure':
      return readStructure(schema, value, path);
    case 'list':
      return readList(schema, value, path);
    case 'map':
      return readMap(schema, value, path);
    default:
      return readScalar(schema, textOf(value), path);
  }
}

function readStructure(schema: Schema, value: unknown, path: string): Record<string, unknown> {
  const record = isRecord(value) ? value : emptyAt(value, path);
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = member.getMemberTraits().xmlName ?? name;
    if (record[key] !== undefined) output[name] = readXml(member, record[key], memberPath(path, key));
  }
  return output;
}

function readList(schema: Schema, value: unknown, path: string): unknown[] {
  const item = schema.getValueSchema();
  const flat = schema.getMergedTraits().xmlFlattened === 1;
  const name = item.getMergedTraits().xmlName ?? 'member';
  const items = flat ? many(value) : many((isRecord(value) ? value : emptyAt(value, path))[name]);
  return items.map((each, index) => readXml(item, each, `${path}[${index}]`));
}

function readMap(schema: Schema, value: unknown, path: string): Record<string, unknown> {
  const flat = schema.getMergedTraits().xmlFlattened === 1;
  const entries = flat ? many(value) : many((isRecord(value) ? value : emptyAt(value, path))['entry']);
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  return Object.fromEntries(
    entries.map((entry) => {
      const record = isRecord(entry) ? entry : emptyAt(entry, path);
      const key = textOf(record[keyName] ?? '');
      return [key, readXml(schema.getValueSchema(), record[valueName] ?? '', memberPath(path, key))];
    }),
  );
}

function readScalar(schema: Schema, text: string, path: string): unknown {
  switch (kindOf(schema)) {
    case 'boolean':
      return parseBoolean(text.trim()) ?? refuse();
    case 'number':
      return parseNumber(text.trim()) ?? refuse();
    case 'timestamp':
      return parseTimestamp(text.trim()) ?? refuse();
    case 'blob':
      return decodeBase64(text) ?? refuse();
    default:
      return text;
  }
  function refuse(): never {
    throw malformedXml(path);
  }
}

const many = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** An element without children is an empty string; anything else is not a structure. */
function emptyAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'string' && value.trim() === '') return {};
  throw malformedXml(path);
}

const textOf = (value: unknown): string => (isRecord(value) ? String(value['#text'] ?? '') : String(value));
