/** A time of an event, shown as Insights shows times. */
export interface Time {
  readonly ms: number;
}

/** What a field or an expression gives; undefined where an event has no such field. */
export type Value = string | number | boolean | Time | undefined;

/** An event on its way through the query: what its fields are. */
export type Row = ReadonlyMap<string, Value>;

export function isTime(value: Value): value is Time {
  return typeof value === 'object';
}

/** Undefined for what is no number. */
export function numberOf(value: Value): number | undefined {
  if (isTime(value)) return value.ms;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export function textOf(value: Value): string {
  if (isTime(value)) return new Date(value.ms).toISOString().replace('T', ' ').replace('Z', '');
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return numberText(value);
  return value ?? '';
}

/** Numbers as numbers, all else as text; what is missing comes last. */
export function compareValues(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left - right;
  const [first, second] = [textOf(a), textOf(b)];
  return first < second ? -1 : Number(first > second);
}

export function isTrue(value: Value): boolean {
  return value === true || (typeof value === 'number' && value !== 0);
}

// Chosen: four decimals, as the console shows averages.
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(4)));
}
