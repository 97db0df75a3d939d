import type { AwsError } from '../kernel/aws-error.ts';
import type { Schema } from '../models/model.ts';
import { decodeBase64 } from './base64.ts';
import { type FormNode, numbered } from './form.ts';
import { kindOf, memberPath } from './shape.ts';
import { parseTimestamp } from './timestamp.ts';

/** Where the query protocol and EC2's differ in how they name parameters and in how they refuse a value. */
export interface QueryDialect {
  memberKey(name: string, member: Schema): string;
  isFlat(list: Schema): boolean;
  refuse(value: string, expected: string, path: string): AwsError;
}

/** @throws the dialect's refusal where a value cannot be read as its shape. */
export function readQuery(schema: Schema, node: FormNode, dialect: QueryDialect, path = ''): unknown {
  switch (kindOf(schema)) {
    case 'structure':
      return readStructure(schema, node, dialect, path);
    case 'list':
      return listItems(schema, node, dialect).map(([index, item]) =>
        readQuery(schema.getValueSchema(), item, dialect, `${path}.${index}`),
      );
    case 'map':
      return Object.fromEntries(mapEntries(schema, node, dialect, path));
    default:
      return readScalar(schema, node.value ?? '', dialect, path);
  }
}

function readStructure(
  schema: Schema,
  node: FormNode,
  dialect: QueryDialect,
  path: string,
): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = dialect.memberKey(name, member);
    const child = node.children.get(key);
    if (child !== undefined) output[name] = readQuery(member, child, dialect, memberPath(path, key));
  }
  return output;
}

/** `Name.member.1`, `Name.<xmlName>.1`, `Name.1` if flattened; AWS takes `member` for every name, so that is tried as well. */
function listItems(schema: Schema, node: FormNode, dialect: QueryDialect): ReturnType<typeof numbered> {
  if (dialect.isFlat(schema)) return numbered(node);
  const name = schema.getValueSchema().getMergedTraits().xmlName ?? 'member';
  return numbered(node.children.get(name) ?? node.children.get('member') ?? node);
}

function mapEntries(
  schema: Schema,
  node: FormNode,
  dialect: QueryDialect,
  path: string,
): [key: string, value: unknown][] {
  const flat = schema.getMergedTraits().xmlFlattened === 1;
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const entries = flat ? node : node.children.get('entry');
  return (entries ? numbered(entries) : []).map(([index, entry]) => {
    const value = entry.children.get(valueName) ?? { value: '', children: new Map() };
    const key = entry.children.get(keyName)?.value ?? '';
    return [key, readQuery(schema.getValueSchema(), value, dialect, `${path}.${index}.${valueName}`)];
  });
}

function readScalar(schema: Schema, text: string, dialect: QueryDialect, path: string): unknown {
  switch (kindOf(schema)) {
    case 'boolean':
      return parseBoolean(text) ?? refuse('boolean');
    case 'number':
      return parseNumber(text) ?? refuse('number');
    case 'timestamp':
      return parseTimestamp(text) ?? refuse('timestamp');
    case 'blob':
      return decodeBase64(text) ?? refuse('base64');
    default:
      return text;
  }
  function refuse(expected: string): never {
    throw dialect.refuse(text, expected, path);
  }
}

/** AWS takes any case: the AWS CLI and boto3 send `true`, some tools `True`. */
export function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

export function parseNumber(text: string): number | undefined {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return text === 'NaN' || text === 'Infinity' || text === '-Infinity' ? Number(text) : undefined;
}
