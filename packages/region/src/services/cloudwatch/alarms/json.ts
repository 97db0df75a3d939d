/** CloudWatch's documents are written by a JVM: 50 is `50.0` there, and clients compare the texts. */

export type Json =
  | string
  | number
  | boolean
  | null
  | Double
  | RawJson
  | readonly Json[]
  | { readonly [member: string]: Json | undefined };

interface Double {
  readonly double: number;
}

interface RawJson {
  readonly rawJson: string;
}

/** A number that is a floating-point one, whatever its value. */
export function double(value: number): Double {
  return { double: value };
}

/** A text that is JSON already. */
export function rawJson(text: string): RawJson {
  return { rawJson: text };
}

/** As `JSON.stringify`: members that are undefined are left out. */
export function writeJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if ('double' in value) return javaDouble((value as Double).double);
  if ('rawJson' in value) return (value as RawJson).rawJson;
  const members = Object.entries(value as { readonly [member: string]: Json | undefined }).flatMap(
    ([name, member]) => (member === undefined ? [] : [`${JSON.stringify(name)}:${writeJson(member)}`]),
  );
  return `{${members.join(',')}}`;
}

/** As Java's `Double.toString` writes it: `50.0`, `1.0E7`, `5.0E-4`. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
