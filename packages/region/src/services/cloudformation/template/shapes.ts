/**
 * Property values against a type's shape: what is not modelled is a problem, "80" becomes 80 where an integer is
 * meant, ignored properties are dropped and noted. Values that are known only after apply pass.
 */
import type { Ignored, Properties, ResourceType, Shape } from '../../../kernel/resource-type.ts';
import { knownAfterApply } from './evaluate.ts';
import { isObject } from './template.ts';

export interface CheckedProperties {
  readonly properties: Properties;
  /** In AWS's form: `#/Tags/0: required key [Key] not found`. */
  readonly problems: readonly string[];
  /** What is set but has no effect here, with the reason. */
  readonly ignored: readonly { readonly path: string; readonly reason: string }[];
}

interface Notes {
  readonly problems: string[];
  readonly ignored: { path: string; reason: string }[];
}

export function checkProperties(type: ResourceType, values: Properties): CheckedProperties {
  const notes: Notes = { problems: [], ignored: [] };
  const properties = members(type.properties, values, '#', notes);
  for (const [name, property] of Object.entries(type.properties)) {
    if (property.required === true && values[name] === undefined) {
      notes.problems.push(`#: required key [${name}] not found`);
    }
  }
  return { properties, ...notes };
}

function members(
  shapes: { readonly [member: string]: Shape | Ignored },
  values: Properties,
  path: string,
  notes: Notes,
): Properties {
  const checked: { [member: string]: unknown } = {};
  for (const [name, value] of Object.entries(values)) {
    const shape = shapes[name];
    if (shape === undefined) {
      notes.problems.push(
        `${path}: extraneous key [${name}] is not permitted (not modelled by this local region)`,
      );
    } else if (shape.kind === 'ignored') {
      notes.ignored.push({ path: `${path}/${name}`.slice(2), reason: shape.reason });
    } else if (value !== null) {
      checked[name] = check(shape, value, `${path}/${name}`, notes);
    }
  }
  return checked;
}

function check(shape: Shape, value: unknown, path: string, notes: Notes): unknown {
  if (value === knownAfterApply || isDynamic(value)) return value;
  switch (shape.kind) {
    case 'json':
      return value;
    case 'string':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : mismatch('String', value, path, notes);
    case 'boolean':
      if (value === true || value === 'true') return true;
      return value === false || value === 'false' ? false : mismatch('Boolean', value, path, notes);
    case 'integer':
    case 'number':
      return numeric(shape.kind, value, path, notes);
    case 'list':
      return Array.isArray(value)
        ? value.map((item, index) => check(shape.of, item, `${path}/${index}`, notes))
        : mismatch('JSONArray', value, path, notes);
    case 'tags':
      return check(tagList, value, path, notes);
    case 'map':
      return isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, item]) => [key, check(shape.of, item, `${path}/${key}`, notes)]),
          )
        : mismatch('JSONObject', value, path, notes);
    case 'object':
      return isObject(value)
        ? members(shape.members, value, path, notes)
        : mismatch('JSONObject', value, path, notes);
  }
}

/** A dynamic reference becomes a value of the right type only once it is resolved. */
function isDynamic(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{resolve:');
}

const tagList: Shape = {
  kind: 'list',
  of: { kind: 'object', members: { Key: { kind: 'string' }, Value: { kind: 'string' } } },
};

function numeric(kind: 'integer' | 'number', value: unknown, path: string, notes: Notes): unknown {
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const fits = typeof parsed === 'number' && Number.isFinite(parsed);
  if (fits && (kind === 'number' || Number.isInteger(parsed))) return parsed;
  return mismatch(kind === 'integer' ? 'Integer' : 'Number', value, path, notes);
}

function mismatch(expected: string, value: unknown, path: string, notes: Notes): undefined {
  notes.problems.push(`${path}: expected type: ${expected}, found: ${nameOf(value)}`);
  return undefined;
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'JSONArray';
  if (value === null) return 'Null';
  if (typeof value === 'object') return 'JSONObject';
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Number';
  return typeof value === 'boolean' ? 'Boolean' : 'String';
}

/** AWS's words for properties that do not fit the type. */
export function propertyProblems(logicalId: string, problems: readonly string[]): string {
  return `Properties validation failed for resource ${logicalId} with message:\n${problems.join('\n')}`;
}
