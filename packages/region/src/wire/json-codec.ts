import { decodeBase64, encodeBase64 } from './base64.ts';
import { dateOf, formatTimestamp, parseTimestamp, timestampFormat } from './timestamp.ts';
import type { ValueCodec } from './value-shape.ts';

/** AWS JSON: members by their own names, timestamps in epoch seconds unless the shape says otherwise, blobs in base64. */
export const awsJsonCodec: ValueCodec = {
  key: (name) => name,
  readTimestamp: (value) =>
    typeof value === 'number' ? dateOf(value) : typeof value === 'string' ? parseTimestamp(value) : undefined,
  writeTimestamp(date, schema) {
    const format = timestampFormat(schema, 'epoch-seconds');
    const text = formatTimestamp(date, format);
    return format === 'epoch-seconds' ? Number(text) : text;
  },
  readBlob: (value) => (typeof value === 'string' ? decodeBase64(value) : undefined),
  writeBlob: encodeBase64,
  writeNonFinite: String,
};

/** REST-JSON: the same, with members renamed by `jsonName`. */
export const restJsonCodec: ValueCodec = {
  ...awsJsonCodec,
  key: (name, member) => member.getMergedTraits().jsonName ?? name,
};
