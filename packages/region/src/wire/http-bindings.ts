import { AwsError } from '../kernel/aws-error.ts';
import type { Schema } from '../models/model.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { HttpRequest } from './http.ts';
import { parseBoolean, parseNumber } from './query-shape.ts';
import { kindOf } from './shape.ts';
import { formatTimestamp, parseTimestamp, timestampFormat } from './timestamp.ts';

/**
 * The parts of a REST message outside its body: labels, query and headers of a request, headers and status of an answer.
 * Shared by REST-XML and REST-JSON.
 */
export type Binding =
  | 'label'
  | 'query'
  | 'queryParams'
  | 'header'
  | 'prefixHeaders'
  | 'payload'
  | 'status'
  | 'body';

export function bindingOf(member: Schema): Binding {
  const traits = member.getMergedTraits();
  if (traits.httpPayload) return 'payload';
  if (traits.httpLabel) return 'label';
  if (traits.httpHeader) return 'header';
  if (typeof traits.httpPrefixHeaders === 'string') return 'prefixHeaders';
  if (traits.httpQuery) return 'query';
  if (traits.httpQueryParams) return 'queryParams';
  if (traits.httpResponseCode) return 'status';
  return 'body';
}

/** Members of the input that are in the request's address and headers. */
export function readBindings(
  schema: Schema,
  request: HttpRequest,
  labels: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const parameters = new URLSearchParams(request.query);
  for (const [name, member] of schema.structIterator()) {
    const value = readBinding(name, member, request, parameters, labels);
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function readBinding(
  name: string,
  member: Schema,
  request: HttpRequest,
  parameters: URLSearchParams,
  labels: Readonly<Record<string, string>>,
): unknown {
  const traits = member.getMergedTraits();
  switch (bindingOf(member)) {
    case 'label':
      return labels[name] === undefined ? undefined : readText(member, labels[name], name);
    case 'header': {
      const text = request.headers[(traits.httpHeader ?? '').toLowerCase()];
      return text === undefined ? undefined : readHeader(member, text, name);
    }
    case 'prefixHeaders':
      return prefixed(request, (traits.httpPrefixHeaders ?? '').toLowerCase());
    case 'query': {
      const texts = parameters.getAll(traits.httpQuery ?? '');
      if (texts.length === 0) return undefined;
      if (!member.isListSchema()) return readText(member, texts[0] ?? '', name);
      return texts.map((text) => readText(member.getValueSchema(), text, name));
    }
    case 'queryParams':
      return Object.fromEntries(parameters);
    default:
      return undefined;
  }
}

function prefixed(request: HttpRequest, prefix: string): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(request.headers)
    .filter(([header]) => header.startsWith(prefix))
    .map(([header, value]) => [header.slice(prefix.length), value]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function readHeader(member: Schema, text: string, name: string): unknown {
  if (!member.isListSchema()) return readText(member, text, name);
  const item = member.getValueSchema();
  return text.split(',').map((each) => readText(item, each.trim(), name));
}

function readText(schema: Schema, text: string, name: string): unknown {
  switch (kindOf(schema)) {
    case 'boolean':
      return parseBoolean(text) ?? refuse();
    case 'number':
      return parseNumber(text) ?? refuse();
    case 'timestamp':
      return parseTimestamp(text) ?? refuse();
    case 'blob':
      return decodeBase64(text) ?? refuse();
    case 'string':
      return schema.getMergedTraits().mediaType === 'application/json' ? decodeText(text) : text;
    default:
      return text;
  }
  function refuse(): never {
    throw new AwsError('InvalidArgument', `Invalid value '${text}' for ${name}`);
  }
}

/** Strings with a JSON media type travel through headers in base64. */
function decodeText(text: string): string {
  const bytes = decodeBase64(text);
  return bytes === undefined ? text : new TextDecoder().decode(bytes);
}

export interface WrittenBindings {
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;
}

/** Headers and status that an output's members stand for. */
export function writeBindings(schema: Schema, output: Readonly<Record<string, unknown>>): WrittenBindings {
  const headers: Record<string, string> = {};
  let status: number | undefined;
  for (const [name, member] of schema.structIterator()) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    const traits = member.getMergedTraits();
    const binding = bindingOf(member);
    if (binding === 'header') headers[(traits.httpHeader ?? '').toLowerCase()] = headerText(member, value);
    if (binding === 'status') status = Number(value);
    if (binding === 'prefixHeaders') {
      for (const [key, item] of Object.entries(value)) {
        headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(item);
      }
    }
  }
  return { headers, status };
}

function headerText(schema: Schema, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => headerText(schema.getValueSchema(), item)).join(', ');
  if (value instanceof Date) return formatTimestamp(value, timestampFormat(schema, 'http-date'));
  if (value instanceof Uint8Array) return encodeBase64(value);
  return String(value);
}
