import type { Schema } from '../models/model.ts';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

// The schema's number says the `timestampFormat` trait: 4 is none.
const formats: Readonly<Record<number, TimestampFormat>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
};

export function timestampFormat(schema: Schema, otherwise: TimestampFormat): TimestampFormat {
  const raw = schema.getSchema();
  return (typeof raw === 'number' ? formats[raw] : undefined) ?? otherwise;
}

/** Epoch seconds keep their milliseconds; so does date-time, if there are any. */
export function formatTimestamp(date: Date, format: TimestampFormat): string {
  if (format === 'epoch-seconds') return String(date.getTime() / 1000);
  if (format === 'http-date') return date.toUTCString();
  return date.toISOString().replace('.000Z', 'Z');
}

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads any of the three formats: AWS's parsers take ISO 8601 and epoch seconds alike, and clients rely on it
 * (the AWS CLI passes on what the user typed).
 */
export function parseTimestamp(text: string): Date | undefined {
  if (/^-?\d+(\.\d+)?(e\d+)?$/i.test(text)) return dateOf(Number(text));
  if (ISO.test(text)) {
    const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes(':') ? text : `${text}Z`;
    return valid(new Date(zoned.replace(' ', 'T')));
  }
  return /GMT$/.test(text) ? valid(new Date(text)) : undefined;
}

/** Of epoch seconds, which may have a fraction. */
export const dateOf = (seconds: number): Date | undefined => valid(new Date(Math.round(seconds * 1000)));

const valid = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date);
