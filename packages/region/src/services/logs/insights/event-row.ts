import type { Row, Value } from './value.ts';

export interface QueriedEvent {
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly logStream: string;
  /** `account:group`. */
  readonly log: string;
  readonly ptr: string;
}

/** Confirmed by docs: the first 200 fields of a message in JSON are found, those of objects in it by `a.b` and `a.0`. */
const mostFields = 200;

export function rowOf({ timestamp, ingestionTime, message, logStream, log, ptr }: QueriedEvent): Row {
  return new Map<string, Value>([
    ...discovered(message),
    ['@timestamp', { ms: timestamp }],
    ['@ingestionTime', { ms: ingestionTime }],
    ['@message', message],
    ['@logStream', logStream],
    ['@log', log],
    ['@ptr', ptr],
  ]);
}

function discovered(message: string): readonly (readonly [string, Value])[] {
  if (!message.trimStart().startsWith('{')) return [];
  try {
    return flattened('', JSON.parse(message)).slice(0, mostFields);
  } catch {
    return [];
  }
}

function flattened(prefix: string, value: unknown): readonly (readonly [string, Value])[] {
  if (value === null) return [];
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, member]) =>
      flattened(prefix === '' ? key : `${prefix}.${key}`, member),
    );
  }
  return [[prefix, value as string | number | boolean]];
}
