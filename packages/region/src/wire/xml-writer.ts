import type { Schema } from '../models/model.ts';
import { encodeBase64 } from './base64.ts';
import { kindOf } from './shape.ts';
import { formatTimestamp, timestampFormat } from './timestamp.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The element with its text or its members; no content gives `<Name/>`. */
export function element(name: string, content: string, attributes = ''): string {
  const open = attributes === '' ? name : `${name} ${attributes}`;
  return content === '' ? `<${open}/>` : `<${open}>${content}</${name}>`;
}

export const textElement = (name: string, text: string): string => element(name, escapeXml(text));

export const attribute = (name: string, value: string): string => `${name}="${escapeXml(value)}"`;

/** The members of a structure as elements, without the structure's own element. Members with attribute traits are not in it. */
export function writeMembers(
  schema: Schema,
  value: unknown,
  include: (member: Schema) => boolean = () => true,
): string {
  const record = value as Readonly<Record<string, unknown>>;
  let xml = '';
  for (const [name, member] of schema.structIterator()) {
    const item = record[name];
    if (item === undefined || item === null || isAttribute(member) || !include(member)) continue;
    xml += writeNamed(member.getMemberTraits().xmlName ?? name, member, item);
  }
  return xml;
}

/** A value under its name: one element, or several if it is a flattened list or map. */
export function writeNamed(name: string, schema: Schema, value: unknown): string {
  const flat = schema.getMergedTraits().xmlFlattened === 1;
  switch (kindOf(schema)) {
    case 'list': {
      const item = schema.getValueSchema();
      const itemName = flat ? name : (item.getMergedTraits().xmlName ?? 'member');
      const items = presentItems(value as readonly unknown[]).map((each) => writeNamed(itemName, item, each));
      return flat ? items.join('') : element(name, items.join(''), namespaceOf(schema));
    }
    case 'map': {
      const entries = writeEntries(schema, value as Readonly<Record<string, unknown>>, flat ? name : 'entry');
      return flat ? entries : element(name, entries, namespaceOf(schema));
    }
    case 'structure':
      return element(name, writeMembers(schema, value), structureAttributes(schema, value));
    default:
      return element(name, escapeXml(scalarText(schema, value)), namespaceOf(schema));
  }
}

function writeEntries(schema: Schema, map: Readonly<Record<string, unknown>>, entryName: string): string {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueSchema = schema.getValueSchema();
  const valueName = valueSchema.getMergedTraits().xmlName ?? 'value';
  return Object.entries(map)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) =>
      element(entryName, textElement(keyName, key) + writeNamed(valueName, valueSchema, value)),
    )
    .join('');
}

/** A scalar as XML and query protocols write it: timestamps as date-time unless the shape says otherwise. */
export function scalarText(schema: Schema, value: unknown): string {
  if (value instanceof Date) return formatTimestamp(value, timestampFormat(schema, 'date-time'));
  if (kindOf(schema) === 'blob') return encodeBase64(value as Uint8Array | string);
  return String(value);
}

/** `xmlns` and attribute members (S3's `Grantee` with its `xsi:type`). */
export function structureAttributes(schema: Schema, value: unknown): string {
  const record = value as Readonly<Record<string, unknown>>;
  const attributes = [namespaceOf(schema)];
  for (const [name, member] of schema.structIterator()) {
    const item = record[name];
    if (isAttribute(member) && item !== undefined && item !== null) {
      attributes.push(attribute(member.getMemberTraits().xmlName ?? name, scalarText(member, item)));
    }
  }
  return attributes.filter((each) => each !== '').join(' ');
}

function namespaceOf(schema: Schema): string {
  const [prefix, uri] = schema.getMergedTraits().xmlNamespace ?? [];
  if (uri === undefined) return '';
  return attribute(prefix ? `xmlns:${prefix}` : 'xmlns', uri);
}

const isAttribute = (member: Schema): boolean => member.getMergedTraits().xmlAttribute === 1;
const presentItems = (items: readonly unknown[]): readonly unknown[] =>
  items.filter((item) => item !== undefined && item !== null);

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become numeric references, as AWS writes them: a carriage return would not survive otherwise. */
export function escapeXml(text: string): string {
  return text.replace(
    /[&<>"]|(?![\t\n])\p{Cc}/gu,
    (char) => escapes[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}
